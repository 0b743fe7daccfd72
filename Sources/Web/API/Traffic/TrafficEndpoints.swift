import Engine
import Storage

/// Hits that were not people's, and what becomes of them.
enum TrafficEndpoints {
    private static let tag = "Traffic"
    private static let reasons = TrafficReason.allCases.map(\.rawValue)
    private static let policy = APISchema.object([
        APIField(
            "machines", .words(TrafficPolicy.allCases.map(\.rawValue)),
            "apart: counted only; keep: events like others, marked.")
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/traffic/filtered", "listFilteredTraffic", tag: tag,
            "Crawlers, scanners, prefetching and spam over the last days, the most hits first.",
            access: .scope(.insightsRead), parameters: [.query("days", .integer(1...400), "30 unless told.")],
            response: .object([
                APIField("from", .day), APIField("to", .day),
                APIField(
                    "items",
                    .array(
                        .object([
                            APIField("reason", .words(reasons)), APIField("agent", .string()),
                            APIField("hits", .integer()), APIField("last_at", .timestamp),
                        ]))),
            ]), handler: filtered),
        APIRoute(
            .get, "/api/v1/traffic/policy", "getTrafficPolicy", tag: tag, "What becomes of hits that are no person's.",
            access: .scope(.insightsRead), response: policy, isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/traffic/policy", "setTrafficPolicy", tag: tag, "Change it; collectors obey within seconds.",
            access: .scope(.insightsWrite), body: .json(policy), response: policy, isRevised: true, handler: set),
    ]

    @Sendable private static func filtered(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        await context.collect.traffic.flush(now: true)
        let (now, days) = (context.platform.effects.now(), Int(request.int("days") ?? 30))
        let (period, rows) = try await context.platform.store.read { connection in
            let period = ReportPeriod(days: days, through: try Workspace.load(connection).calendar.day(of: now))
            return (period, try FilteredTraffic.rows(first: period.first, last: period.last, connection))
        }
        let items = rows.map { row -> JSONValue in
            [
                "reason": .string(row.reason.rawValue), "agent": .string(row.agent), "hits": .integer(row.hits),
                "last_at": JSONValue(row.lastAt),
            ]
        }
        return APIResponse([
            "from": .string(period.firstText), "to": .string(period.lastText), "items": .array(items),
        ])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let policy = try await context.platform.store.read { try TrafficPolicy.load($0) }
        return APIResponse(["machines": .string(policy.rawValue)], at: try Revision(of: policy))
    }

    @Sendable private static func set(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let policy = request.body["machines"]?.stringValue.flatMap(TrafficPolicy.init(rawValue:)) ?? .apart
        let (actor, now) = (request.caller.actor, context.platform.effects.now())
        try await context.platform.store.write { connection in
            try request.match(try Revision(of: TrafficPolicy.load(connection)))
            try policy.save(by: actor, connection, at: now)
        }
        return APIResponse(["machines": .string(policy.rawValue)], at: try Revision(of: policy))
    }
}
