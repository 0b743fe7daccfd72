import Engine
import Hummingbird
import NIOCore

/// Lists as CSV files, written in the background: ask, watch, fetch.
enum ExportEndpoints {
    private static let tag = "Exports"
    private static let lists = ListName.exported.map(\.rawValue)

    private static let export = APISchema.named(
        "Export",
        .object([
            APIField("id", .id), APIField("list", .words(lists)), APIField("name", .string()),
            APIField("query", .string()), APIField("columns", .array(.string())),
            APIField("status", .words(JobStatus.allCases.map(\.rawValue))), APIField("job_id", .id),
            APIField("rows", .integer()), APIField("bytes", .integer()), APIField("error", .nullable(.string())),
            APIField("created_at", .timestamp), APIField("finished_at", .nullable(.timestamp)),
            APIField("expires_at", .timestamp),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/exports", "listExports", tag: tag, "Exports that keys asked for, newest first.",
            access: .scope(.profilesRead), parameters: APIParameter.paging, response: .page(of: export), handler: list),
        APIRoute(
            .post, "/api/v1/exports", "createExport", tag: tag,
            "Ask for a CSV file of everything that meets the filters, or of a view.", access: .scope(.profilesRead),
            body: .json(
                .object([
                    APIField("list", .words(lists)),
                    .optional("query", .string(max: SavedViews.queryBytes), "Filters, as a view keeps them."),
                    .optional("view", .id, "A view whose filters are used in place of `query`."),
                    .optional(
                        "columns", .array(.string(min: 1, max: 64), count: 1...64), "In this order; all unless told."),
                    .optional("name", .string(min: 1, max: 200)),
                ])), status: .accepted, response: export, handler: create),
        APIRoute(
            .get, "/api/v1/exports/{id}", "getExport", tag: tag, "One export with its progress.",
            access: .scope(.profilesRead), parameters: [.path("id")], response: export, handler: get),
        APIRoute(
            .get, "/api/v1/exports/{id}/file", "getExportFile", tag: tag,
            "The file; 409 while it is being written, 404 once it has expired.", access: .scope(.profilesRead),
            parameters: [.path("id")], response: .string(), responseType: "text/csv", handler: file),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (before, limit) = (try request.cursorID() ?? .max, min(request.limit, ExportLimits.pageRows))
        let exports = try await context.platform.store.read {
            try Exports.list(by: ViewEndpoints.owner, before: before, limit: limit, $0)
        }
        return APIResponse(
            page: exports, next: exports.count == limit ? exports.last.map { .integer($0.id) } : nil, json)
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        let list = body["list"]?.stringValue.flatMap(ListName.init(rawValue:)) ?? .people
        var query = body["query"]?.stringValue ?? ""
        if let view = body["view"]?.stringValue.flatMap({ Int64($0) }) {
            let found = try await context.platform.store.read {
                try SavedViews.get(view, for: ViewEndpoints.owner, $0)
            }
            guard found.list == list else { throw ViewError.notFound(id: view) }
            query = found.query
        }
        try await ViewEndpoints.check(query, of: list, context)
        let columns = body["columns"]?.arrayValue?.compactMap(\.stringValue) ?? ExportColumns.all(of: list)
        let wanted = ExportRequest(list: list, query: Fields(encoded: query).pairs, columns: columns)
        let (actor, effects) = (request.caller.actor, context.platform.effects)
        let name = body["name"]?.stringValue ?? "\(list.rawValue) \(effects.now().iso8601)"
        return APIResponse(
            json(
                try await context.platform.store.write {
                    try Exports.ask(wanted, name: name, by: ViewEndpoints.owner, actor: actor, $0, effects)
                }))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        APIResponse(json(try await found(request, context)))
    }

    @Sendable private static func file(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (export, platform) = (try await found(request, context), context.platform)
        let (actor, now) = (request.caller.actor, platform.effects.now())
        guard export.expiresAt > now else { throw ExportError.notFound(id: export.id) }
        try await platform.store.write { try Exports.noteDownload(of: export, actor: actor, $0, at: now) }
        let body = ResponseBody { writer in
            for number in 0..<export.parts {
                let part = try await platform.store.read { try Exports.part(number, of: export.id, $0) }
                try await writer.write(ByteBuffer(bytes: part))
            }
            try await writer.finish(nil)
        }
        return APIResponse(file: body, name: export.name + ".csv")
    }

    /// Those of people are theirs. Throws: `ExportError.notFound`.
    private static func found(_ request: APIRequest, _ context: APIContext) async throws -> Export {
        let id = try request.id("id")
        let export = try await context.platform.store.read { try Exports.get(id, $0) }
        guard export.createdBy == ViewEndpoints.owner else { throw ExportError.notFound(id: id) }
        return export
    }

    private static func json(_ export: Export) -> JSONValue {
        [
            "id": JSONValue(id: export.id), "list": .string(export.request.list.rawValue),
            "name": .string(export.name), "query": .string(Fields(export.request.words).query()),
            "columns": .array(export.request.columns.map { .string($0) }), "status": .string(export.status.rawValue),
            "job_id": JSONValue(id: export.jobID), "rows": .integer(export.rows), "bytes": .integer(export.bytes),
            "error": JSONValue(export.error), "created_at": JSONValue(export.createdAt),
            "finished_at": JSONValue(export.finishedAt), "expires_at": JSONValue(export.expiresAt),
        ]
    }
}
