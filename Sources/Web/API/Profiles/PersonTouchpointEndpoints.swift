import Engine

/// What one person answers best.
enum PersonTouchpointEndpoints {
    private static let best = APISchema.object([
        APIField("kind", .words(TouchpointKind.allCases.map(\.rawValue))), APIField("name", .string()),
        APIField("visits", .integer()), APIField("answered", .integer()),
        APIField("rate", .number, "Drawn towards everybody's rate for the same."), APIField("low", .number),
        APIField("high", .number), APIField("expected", .number, "Everybody's rate."),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/profiles/{id}/touchpoints", "getProfileTouchpoints", tag: "Profiles",
            "The channel, weekday, hour and kind of page that the person answered best in a year's visits.",
            access: .scope(.insightsRead), parameters: [.path("id")],
            response: .object([APIField("visits", .integer()), APIField("items", .array(best))]), handler: get)
    ]

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let asked = try request.id("id")
        let id = try await context.platform.store.read { try ProfileDetail.resolve(asked, $0) }
        let found = try await PersonTouchpoints.load(id, context.platform)
        return APIResponse([
            "visits": .integer(found.visits),
            "items": .array(
                found.best.map { best in
                    let touchpoint = best.touchpoint
                    return [
                        "kind": .string(best.kind.rawValue), "name": .string(touchpoint.name),
                        "visits": .integer(touchpoint.visits), "answered": .integer(touchpoint.answered),
                        "rate": .number(touchpoint.rate), "low": .number(touchpoint.low),
                        "high": .number(touchpoint.high), "expected": .number(best.expected),
                    ]
                }),
        ])
    }
}
