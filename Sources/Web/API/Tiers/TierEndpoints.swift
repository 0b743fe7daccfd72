import Engine
import Storage

/// The pyramid: its rules, who stands where, what a draft would do, why members went down.
enum TierEndpoints {
    private static let tag = "Tiers"
    private static let count = APISchema.array(
        .object([APIField("value", .string()), APIField("members", .integer())]))
    private static let move = APISchema.array(
        .object([APIField("from", .string()), APIField("to", .string()), APIField("members", .integer())]))
    private static let person = APISchema.array(
        .object([
            APIField("member_id", .id), APIField("profile_id", .id), APIField("name", .nullable(.string())),
            APIField("from", .string()), APIField("to", .string()),
        ]))
    private static let report = APISchema.object([
        APIField("members", .integer()), APIField("up", move), APIField("down", move), APIField("rising", person),
        APIField("falling", person),
        APIField(
            "levels",
            .array(
                .object([
                    APIField("tier", .string()), APIField("before", .integer()), APIField("after", .integer()),
                    APIField("cost", .integer()),
                ]))),
        APIField("cost", .integer(), "Of the benefits in a year, if every grant is used once; minor units."),
        APIField("cost_before", .integer()),
    ])
    private static let span: [APIParameter] = [
        .query("from", .day, "The first day; 30 days ago unless told."), .query("to", .day, "The last day; today."),
    ]

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/tiers/ladder", "getTierLadder", tag: tag, "The ladder that holds.",
            access: .scope(.loyaltyRead), response: TierSchemas.published, isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/tiers/ladder", "publishTierLadder", tag: tag,
            "Let a ladder hold from now on. Members are placed in the background; nobody falls by it.",
            access: .scope(.loyaltyWrite), body: .json(.object(TierSchemas.ladder)), response: TierSchemas.published,
            isRevised: true, handler: publish),
        APIRoute(
            .get, "/api/v1/tiers/ladders", "listTierLadders", tag: tag, "Ladders as they were published, newest first.",
            access: .scope(.loyaltyRead), parameters: APIParameter.paging,
            response: .page(of: TierSchemas.published), handler: list),
        APIRoute(
            .get, "/api/v1/tiers/rules", "getTierRules", tag: tag,
            "The rules as text for members, generated whole from the ladder.", access: .scope(.loyaltyRead),
            parameters: [.query("language", .words(Workspace.languages))],
            response: .object([
                APIField("version", .integer()), APIField("language", .string()),
                APIField(
                    "sections",
                    .array(.object([APIField("title", .string()), APIField("lines", .array(.string()))]))),
                APIField("text", .string()),
            ]), handler: rules),
        APIRoute(
            .get, "/api/v1/tiers/pyramid", "getTierPyramid", tag: tag, "Members by tier, and who came and went.",
            access: .scope(.loyaltyRead), parameters: span,
            response: .object([
                APIField("members", .integer()), APIField("waiting", .integer(), "Not placed yet."),
                APIField(
                    "levels",
                    .array(
                        .object([
                            APIField("tier", .string()), APIField("members", .integer()),
                            APIField("granted", .integer(), "Given by hand."), APIField("rose_to", .integer()),
                            APIField("fell_to", .integer()), APIField("rose_from", .integer()),
                            APIField("fell_from", .integer()),
                        ]))),
            ]), handler: pyramid),
        APIRoute(
            .get, "/api/v1/tiers/causes", "getTierCauses", tag: tag, "Why members went down, over all of them.",
            access: .scope(.loyaltyRead), parameters: span,
            response: .object([
                APIField("total", .integer()), APIField("cut", .boolean, "More than are looked at went down."),
                APIField("reason", count), APIField("tier", count), APIField("stage", count), APIField("store", count),
                APIField("category", count), APIField("contact", count),
            ]), handler: causes),
        APIRoute(
            .post, "/api/v1/tiers/previews", "previewTierLadder", tag: tag,
            "Try a draft on all members; the answer is a job.", access: .scope(.loyaltyWrite),
            body: .json(.object(TierSchemas.ladder)), status: .accepted,
            response: .object([APIField("job_id", .id)]), handler: preview),
        APIRoute(
            .get, "/api/v1/tiers/previews/{id}", "getTierPreview", tag: tag,
            "What a draft would do: up at once, down at the end of the period by the months until now.",
            access: .scope(.loyaltyRead), parameters: [.path("id")],
            response: .object([
                APIField("status", .string()), APIField("done", .integer()), APIField("total", .nullable(.integer())),
                APIField("report", .nullable(report)),
            ]), handler: previewed),
    ]

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let published = try await context.platform.store.read { try TierLadders.required($0) }
        return APIResponse(try TierJSON.json(published), at: try Revision(of: published.ladder))
    }

    @Sendable private static func publish(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (effects, actor) = (context.platform.effects, request.caller.actor)
        let ladder = try TierJSON.ladder(request.body)
        let published = try await context.platform.store.write { connection in
            try connection.lock("tier_ladders")
            let last = try TierLadders.current(connection)
            try request.match(try last.map { try Revision(of: $0.ladder) })
            let published = try TierLadders.publish(ladder, by: actor, effects: effects, connection)
            if published.version != last?.version {
                try AuditLog.append(
                    actor: actor, action: "tiers.publish", subject: "tier_ladder:\(published.version)", detail: "",
                    connection, at: effects.now())
            }
            return published
        }
        return APIResponse(try TierJSON.json(published), at: try Revision(of: published.ladder))
    }

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (before, limit) = (try request.cursorID() ?? .max, request.limit)
        let found = try await context.platform.store.read {
            try TierLadders.list(before: before, limit: limit + 1, $0)
        }
        let page = Array(found.prefix(limit))
        return try APIResponse(
            page: page, next: found.count > limit ? page.last.map { .integer($0.version) } : nil, TierJSON.json)
    }

    @Sendable private static func rules(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (published, speech) = try await context.platform.store.read {
            (try TierLadders.required($0), try TierSpeech.load($0))
        }
        let language = request.string("language") ?? speech.workspace.language
        let text = TierText(published.ladder, speech.words(CriteriaLanguage(language)))
        return APIResponse([
            "version": .integer(published.version), "language": .string(language),
            "sections": .array(
                text.sections.map {
                    ["title": .string($0.title), "lines": .array($0.lines.map(JSONValue.string))]
                }), "text": .string(text.text),
        ])
    }

    @Sendable private static func pyramid(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let now = context.platform.effects.now()
        let pyramid = try await context.platform.store.read { connection in
            let (from, to) = try moments(request, now, connection)
            return try TierPyramid.load(
                try TierLadders.required(connection).ladder, from: from, to: to, connection)
        }
        return APIResponse([
            "members": .integer(pyramid.members), "waiting": .integer(pyramid.waiting),
            "levels": .array(
                pyramid.levels.map {
                    [
                        "tier": .string($0.tier), "members": .integer($0.members), "granted": .integer($0.granted),
                        "rose_to": .integer($0.roseTo), "fell_to": .integer($0.fellTo),
                        "rose_from": .integer($0.roseFrom), "fell_from": .integer($0.fellFrom),
                    ]
                }),
        ])
    }

    @Sendable private static func causes(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let now = context.platform.effects.now()
        let causes = try await context.platform.store.read { connection in
            let (from, to) = try moments(request, now, connection)
            return try TierCauses.load(from: from, to: to, connection)
        }
        func json(_ counts: [TierCauses.Count]) -> JSONValue {
            .array(counts.map { ["value": .string($0.value), "members": .integer($0.members)] })
        }
        return APIResponse([
            "total": .integer(causes.total), "cut": .bool(causes.isCut), "reason": json(causes.byReason),
            "tier": json(causes.byTier), "stage": json(causes.byStage), "store": json(causes.byStore),
            "category": json(causes.byCategory), "contact": json(causes.byContact),
        ])
    }

    /// The first moment of the span, and the first after it.
    static func moments(
        _ request: APIRequest, _ now: Timestamp, _ connection: any SQLConnection
    ) throws -> (Timestamp, Timestamp) {
        let calendar = try Workspace.load(connection).calendar
        let to = request.string("to").flatMap(LocalCalendar.day(fromText:)) ?? calendar.day(of: now)
        let from = request.string("from").flatMap(LocalCalendar.day(fromText:)) ?? to - 30
        guard from <= to else {
            throw Problem(.badRequest, "invalid_parameter", "“from” comes before “to”.")
        }
        return (calendar.start(ofDay: from), calendar.start(ofDay: to + 1))
    }

    @Sendable private static func preview(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let effects = context.platform.effects
        let ladder = try TierJSON.ladder(request.body)
        let id = try await context.platform.store.write {
            try TierPreview.ask(ladder, by: nil, effects: effects, $0)
        }
        return APIResponse(["job_id": JSONValue(id: id)])
    }

    @Sendable private static func previewed(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let (job, report, people) = try await context.platform.store.read { connection in
            let job = try JobQueue.get(connection, id: id)
            guard job.kind == TierPreview.kind else { throw JobError.notFound(id: id) }
            let report = try TierPreview.report(of: job)
            let named = (report?.rising ?? []) + (report?.falling ?? [])
            let people = try PeopleByID.load(named.map(\.profile), connection).map { ($0.id, $0) }
            return (job, report, Dictionary(people, uniquingKeysWith: { first, _ in first }))
        }
        return APIResponse([
            "status": .string(job.status.rawValue), "done": .integer(job.progress.done),
            "total": JSONValue(job.progress.total), "report": report.map { json($0, people) } ?? .null,
        ])
    }

    private static func json(_ report: TierPreview.Report, _ people: [Int64: Profile]) -> JSONValue {
        func moves(_ moves: [TierPreview.Report.Move]) -> JSONValue {
            .array(
                moves.map {
                    ["from": .string($0.from), "to": .string($0.to), "members": .integer($0.members)]
                })
        }
        func named(_ persons: [TierPreview.Report.Person]) -> JSONValue {
            .array(
                persons.map { person in
                    [
                        "member_id": JSONValue(id: person.member), "profile_id": JSONValue(id: person.profile),
                        "name": JSONValue(people[person.profile]?.displayName), "from": .string(person.from),
                        "to": .string(person.to),
                    ]
                })
        }
        return [
            "members": .integer(report.members), "up": moves(report.up), "down": moves(report.down),
            "rising": named(report.rising), "falling": named(report.falling),
            "levels": .array(
                report.levels.map {
                    [
                        "tier": .string($0.tier), "before": .integer($0.before), "after": .integer($0.after),
                        "cost": .integer($0.cost),
                    ]
                }), "cost": .integer(report.cost), "cost_before": .integer(report.costBefore),
        ]
    }
}
