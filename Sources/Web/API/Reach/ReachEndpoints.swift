import Engine
import Science
import Storage

/// What journeys, broadcasts and benefits came to: messages, effect against who was kept apart, cost and return.
enum ReachEndpoints {
    private static let tag = "Reach"
    private static let counts = APISchema.map(.integer())
    private static let gain = APISchema.nullable(
        .object([
            APIField("value", .number), APIField("interval", ExperimentSchemas.interval, "Holds at every look."),
            APIField("told", .boolean, "Whether it is told from nothing."),
        ]))
    private static let report = APISchema.named(
        "ReachReport",
        .object([
            APIField(
                "messages",
                .nullable(
                    .object([
                        APIField("planned", .integer()), APIField("eligible", .integer()), APIField("sent", .integer()),
                        APIField("delivered", .integer()), APIField("opened", .integer(), "By people."),
                        APIField("clicked", .integer(), "By people."), APIField("scanned", .integer()),
                        APIField("suppressed", counts, "By reason."), APIField("states", counts),
                    ]))),
            APIField("goal", .object([], isOpen: true), "What counts as converted."),
            APIField("held", .integer(), "Kept apart."), APIField("reached", .integer()),
            APIField("conversions", .array(ExperimentSchemas.row), "Kept apart first."),
            APIField("revenue", .array(ExperimentSchemas.row), "Net a person, in minor units."),
            APIField("conversions_gained", gain, "People who converted because they were reached."),
            APIField("revenue_gained", gain, "Net revenue because of it, in minor units."),
            APIField(
                "cost",
                .object([
                    APIField("messages", .integer()), APIField("points", .integer()), APIField("coupons", .integer()),
                    APIField("benefits", .integer()), APIField("sum", .integer()),
                ]), "In minor units of the workspace's currency."),
            APIField("return", gain, "Gained less cost, over cost."),
        ]))
    private static let asked: [APIParameter] = [
        .query("goal", .string(min: 1, max: 200), "An event, instead of the journey's own goal or an order."),
        .query("days", .integer(ReachReport.daysRange), "After somebody was reached; 14 unless told."),
    ]
    private static let costs = APISchema.object([
        APIField("per_thousand", counts, "By channel: a thousand messages, in minor units of the currency.")
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/journeys/{id}/effect", "getJourneyEffect", tag: tag, "What a journey came to.",
            access: .scope(.journeysRead), parameters: [.path("id")] + asked, response: report
        ) { request, context in try await answer(.journey(try request.id("id")), request, context) },
        APIRoute(
            .get, "/api/v1/broadcasts/{id}/effect", "getBroadcastEffect", tag: tag, "What a broadcast came to.",
            access: .scope(.messagesRead), parameters: [.path("id")] + asked, response: report
        ) { request, context in try await answer(.broadcast(try request.id("id")), request, context) },
        APIRoute(
            .get, "/api/v1/benefit-effect", "getBenefitEffect", tag: tag,
            "What a benefit of a tier came to, of which a part of the members is kept apart.",
            access: .scope(.loyaltyRead),
            parameters: [
                .query("tier", .string(min: 1, max: 32), required: true),
                .query("benefit", .string(min: 1, max: 32), required: true),
            ] + asked, response: report
        ) { request, context in
            let subject = ReachSubject.benefit(
                tier: request.string("tier") ?? "", code: request.string("benefit") ?? "")
            return try await answer(subject, request, context)
        },
        APIRoute(
            .get, "/api/v1/reach-costs", "getReachCosts", tag: tag, "What messages cost.",
            access: .scope(.messagesRead), response: costs
        ) { _, context in json(try await context.platform.store.read { try ReachCosts.load($0) }) },
        APIRoute(
            .put, "/api/v1/reach-costs", "setReachCosts", tag: tag, "Say what messages cost.",
            access: .scope(.messagesWrite), body: .json(costs), response: costs
        ) { request, context in
            let (actor, now) = (request.caller.actor, context.platform.effects.now())
            let told = (request.body["per_thousand"]?.objectValue ?? [:]).compactMapValues(\.intValue)
            let costs = ReachCosts(perThousand: told)
            try await context.platform.store.write { try costs.save(by: actor, at: now, $0) }
            return json(costs)
        },
    ]

    private static func json(_ costs: ReachCosts) -> APIResponse {
        APIResponse(["per_thousand": .object(costs.perThousand.mapValues { .integer($0) })])
    }

    private static func answer(
        _ subject: ReachSubject, _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let goal = request.string("goal").map { EventFilter(names: [$0]) }
        let report = try await ReachReport.load(
            subject, goal: goal, days: request.int("days") ?? ReachReport.daysUsual, context.platform)
        let (effect, spent) = (report.effect, report.spent)
        return APIResponse([
            "messages": report.messages.map(json) ?? .null, "goal": report.goal.json,
            "held": .integer(effect.held), "reached": .integer(effect.reached),
            "conversions": .array(effect.conversions.map(ExperimentSchemas.json)),
            "revenue": .array(effect.revenue.map(ExperimentSchemas.json)),
            "conversions_gained": json(effect.conversionsGained), "revenue_gained": json(effect.revenueGained),
            "cost": [
                "messages": .integer(spent.messages), "points": .integer(spent.points),
                "coupons": .integer(spent.coupons), "benefits": .integer(spent.benefits), "sum": .integer(spent.sum),
            ],
            "return": json(
                report.returned.map {
                    ReachEffect.Gain(
                        value: $0.value, interval: $0.interval, isTold: effect.revenueGained?.isTold ?? false)
                }),
        ])
    }

    private static func json(_ messages: MessageReport) -> JSONValue {
        let states = Dictionary(messages.states.map { ($0.key.rawValue, JSONValue.integer($0.value)) }) { a, _ in a }
        return [
            "planned": .integer(messages.planned), "eligible": .integer(messages.eligible),
            "sent": .integer(messages.sent), "delivered": .integer(messages.delivered),
            "opened": .integer(messages.opened), "clicked": .integer(messages.clicked),
            "scanned": .integer(messages.scanned),
            "suppressed": .object(messages.suppressed.mapValues { .integer($0) }), "states": .object(states),
        ]
    }

    private static func json(_ gain: ReachEffect.Gain?) -> JSONValue {
        gain.map {
            [
                "value": .number($0.value), "interval": ExperimentSchemas.json($0.interval), "told": .bool($0.isTold),
            ]
        } ?? .null
    }
}
