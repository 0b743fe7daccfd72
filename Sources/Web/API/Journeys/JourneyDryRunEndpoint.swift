import Engine

/// A draft over real history: who would have come in, what the policy would have made of its messages, and what it would
/// have cost.
enum JourneyDryRunEndpoint {
    private static let counts = APISchema.map(.integer())
    private static let figures: [APIField] = [
        APIField("messages", .integer(), "Planned."), APIField("left", counts, "Would have left, by channel."),
        APIField("held_back", counts, "Would have been held back, by reason."),
        APIField("capped", .array(.integer()), "Found no room, by cap in the order of `caps`."),
        APIField("deferred", .integer(), "Put off by quiet hours, whatever became of them then."),
        APIField("rerouted", .integer(), "Left on another channel than their own."),
        APIField("waiting", .integer(), "Put off until after the last day."),
        APIField("points", counts, "Given, by currency."), APIField("coupons", counts, "Issued, by coupon."),
        APIField("refused", counts, "Points and coupons that were refused, by reason."),
        APIField("cost", cost, "In minor units of the workspace's currency."),
    ]
    private static let cost = APISchema.object([
        APIField("messages", .integer(), "That left, at the costs of their channels."),
        APIField("points", .integer(), "At what their currency says a thousand are worth."),
        APIField(
            "coupons", .integer(), "At what those issued before came to on average; else at the most they can give."),
        APIField("sum", .integer()),
        APIField("coupons_at_most", .integer(), "If every coupon with an amount of its own were used for all of it."),
        APIField("unpriced_coupons", .integer(), "Coupons of which nothing says what they cost."),
    ])
    private static let outcome = APISchema.object([
        APIField("walked", .integer(), "Entries that were walked through the draft."),
        APIField("walked_people", .integer()),
        APIField("factor", .number, "Entries over those that were walked: what counts of a sample were multiplied by."),
        APIField(
            "caps",
            .array(
                .object([
                    APIField("channel", .string(), "Empty: all channels together."), APIField("days", .integer()),
                    APIField("most", .integer()),
                ])), "Those of the policy."),
        APIField("total", .object(figures)),
        APIField(
            "days", .array(.object([APIField("day", .day)] + figures)), "By the day on which it was planned or given."),
    ])

    static let route = APIRoute(
        .get, "/api/v1/journeys/{id}/dry-run", "dryRunJourney", tag: JourneyEndpoints.tag,
        "Who would have come in over the last days, what of it caps would have held back, and what it would have cost.",
        access: .scope(.journeysRead),
        parameters: [.path("id"), .query("days", .integer(1...JourneyLimits.dryRunDays))],
        response: .object([
            APIField("entries", .integer()), APIField("people", .integer()), APIField("barred", .integer()),
            APIField("is_cut", .boolean),
            APIField("days", .array(.object([APIField("day", .day), APIField("entries", .integer())]))),
            APIField("sample", .array(.object([APIField("profile_id", .id), APIField("at", .timestamp)]))),
            APIField("outcome", outcome),
        ]), handler: answer)

    @Sendable private static func answer(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let found = try await JourneyDryRun.run(
            try request.id("id"), days: request.int("days") ?? 30, context.platform)
        return APIResponse([
            "entries": .integer(found.entries), "people": .integer(found.people), "barred": .integer(found.barred),
            "is_cut": .bool(found.isCut),
            "days": .array(
                found.days.map {
                    ["day": .string(LocalCalendar.text(ofDay: $0.day)), "entries": .integer($0.entries)]
                }),
            "sample": .array(
                found.sample.map { ["profile_id": JSONValue(id: $0.profileID), "at": JSONValue($0.at)] }),
            "outcome": json(found.outcome),
        ])
    }

    private static func json(_ outcome: JourneyDryOutcome) -> JSONValue {
        let caps = outcome.caps.map { cap -> JSONValue in
            [
                "channel": .string(cap.channel), "days": .integer(Int64(cap.days)), "most": .integer(cap.most),
            ]
        }
        let days = outcome.days.map { day -> JSONValue in
            .object(json(day.figures).merging(["day": .string(LocalCalendar.text(ofDay: day.day))]) { $1 })
        }
        return [
            "walked": .integer(outcome.walked), "walked_people": .integer(outcome.walkedPeople),
            "factor": .number(outcome.factor), "caps": .array(caps), "total": .object(json(outcome.total)),
            "days": .array(days),
        ]
    }

    private static func json(_ figures: JourneyDryOutcome.Figures) -> [String: JSONValue] {
        let coupons = figures.coupons.map { (String($0.key), JSONValue.integer($0.value)) }
        return [
            "messages": .integer(figures.messages), "left": json(figures.left), "held_back": json(figures.heldBack),
            "capped": .array(figures.capped.map { .integer($0) }), "deferred": .integer(figures.deferred),
            "rerouted": .integer(figures.rerouted), "waiting": .integer(figures.waiting),
            "points": json(figures.points),
            "coupons": .object(Dictionary(coupons, uniquingKeysWith: { first, _ in first })),
            "refused": json(figures.refused), "cost": json(figures.cost),
        ]
    }

    private static func json(_ counts: [String: Int64]) -> JSONValue { .object(counts.mapValues { .integer($0) }) }

    private static func json(_ cost: JourneyDryOutcome.Cost) -> JSONValue {
        [
            "messages": .integer(cost.spent.messages), "points": .integer(cost.spent.points),
            "coupons": .integer(cost.spent.coupons), "sum": .integer(cost.spent.sum),
            "coupons_at_most": .integer(cost.couponsAtMost), "unpriced_coupons": .integer(cost.unpricedCoupons),
        ]
    }
}
