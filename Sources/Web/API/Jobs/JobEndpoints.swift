import Engine

/// Background work: look, cancel.
enum JobEndpoints {
    private static let tag = "Jobs"
    private static let statuses = JobStatus.allCases.map(\.rawValue)

    private static let job = APISchema.named(
        "Job",
        .object([
            APIField("id", .id), APIField("kind", .string()), APIField("key", .string()),
            APIField("status", .words(statuses)), APIField("attempts", .integer()), APIField("due_at", .timestamp),
            APIField("created_at", .timestamp), APIField("started_at", .nullable(.timestamp)),
            APIField("finished_at", .nullable(.timestamp)),
            APIField(
                "progress",
                .object([
                    APIField("done", .integer()), APIField("total", .nullable(.integer())),
                    APIField("unit", .string()), APIField("phase", .nullable(.string())),
                ])),
            APIField("result", .any, "What came out, or the error."),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/jobs", "listJobs", tag: tag, "Jobs, newest first.", access: .scope(.jobsRead),
            parameters: APIParameter.paging + [
                .query("kind", .string(min: 1, max: 100)), .query("status", .words(statuses)),
            ], response: .page(of: job), handler: list),
        APIRoute(
            .get, "/api/v1/jobs/{id}", "getJob", tag: tag, "One job with its progress and result.",
            access: .scope(.jobsRead), parameters: [.path("id")], response: job, handler: get),
        APIRoute(
            .post, "/api/v1/jobs/{id}/cancel", "cancelJob", tag: tag,
            "Cancel a waiting job at once; ask a running one to stop.", access: .scope(.jobsWrite),
            parameters: [.path("id")], response: job, handler: cancel),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (kind, limit) = (request.string("kind"), request.limit)
        let status = request.string("status").flatMap(JobStatus.init(rawValue:))
        let before = try request.cursorID() ?? .max
        let jobs = try await context.platform.store.read {
            try JobQueue.list($0, kind: kind, status: status, before: before, limit: limit)
        }
        return APIResponse(
            page: jobs, next: jobs.count == limit ? jobs.last.map { .integer($0.id) } : nil, json)
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(json(try await context.platform.store.read { try JobQueue.get($0, id: id) }))
    }

    @Sendable private static func cancel(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now) = (try request.id("id"), context.platform.effects.now())
        let job = try await context.platform.store.write { connection in
            try JobQueue.cancel(connection, id: id, at: now)
            return try JobQueue.get(connection, id: id)
        }
        return APIResponse(json(job))
    }

    private static func json(_ job: Job) -> JSONValue {
        [
            "id": JSONValue(id: job.id), "kind": .string(job.kind), "key": .string(job.key),
            "status": .string(job.status.rawValue), "attempts": JSONValue(job.attempts), "due_at": JSONValue(job.due),
            "created_at": JSONValue(job.createdAt), "started_at": JSONValue(job.startedAt),
            "finished_at": JSONValue(job.finishedAt),
            "progress": [
                "done": .integer(job.progress.done), "total": JSONValue(job.progress.total),
                "unit": .string(job.progress.unit), "phase": JSONValue(job.progress.phase),
            ],
            "result": job.result.map { JSONValue(document: $0) } ?? .null,
        ]
    }
}
