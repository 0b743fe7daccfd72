import Engine

/// Shapes that the endpoints of rewards and their claims share.
enum RewardSchemas {
    private static let price = APISchema.integer(0...RewardLimits.priceMax)
    static let definition: [APIField] = [
        APIField(
            "names", .map(.string(min: 1, max: RewardLimits.nameCharacters)), "By language: `en`, `zh-Hans`."),
        .optional("descriptions", .map(.string(max: RewardLimits.textCharacters))),
        APIField("currency", .string(min: 1, max: 32)),
        APIField("points", .integer(1...RewardLimits.priceMax), "For one, in the smallest part of the currency."),
        .optional("money", price, "To be paid besides for one, in minor units of the workspace's currency."),
        .optional("fulfilment", .words(RewardDefinition.Fulfilment.allCases.map(\.rawValue))),
        .optional("member_max", .nullable(.integer(1...RewardLimits.quantityMax)), "How many a member may have."),
        .optional(
            "member_days", .nullable(.integer(1...Int64(PointsLimits.daysMax))),
            "Within how many days; null: ever."),
        .optional("tiers", .array(.string(min: 1, max: 40), count: 0...RewardLimits.tiersMax), "Empty: everybody."),
        .optional("from", .nullable(.timestamp)), .optional("until", .nullable(.timestamp), "Not included."),
    ]
    static let reward = APISchema.named(
        "Reward",
        .object(
            [APIField("id", .id)] + definition + [
                APIField("stock", .nullable(.integer()), "What is left; null: there is always more."),
                APIField("claimed", .integer()), APIField("offered", .boolean), APIField("created_at", .timestamp),
                APIField("updated_at", .timestamp), APIField("revision", .string(), "For `If-Match`."),
            ]))
    static let state = APISchema.words(RewardClaim.State.allCases.map(\.rawValue))
    static let delivery = APISchema.map(.string(max: RewardLimits.deliveryBytes))
    static let claim = APISchema.named(
        "RewardClaim",
        .object([
            APIField("id", .id), APIField("key", .string()), APIField("reward_id", .id), APIField("member_id", .id),
            APIField("pool_id", .nullable(.id), "The pool that paid; null: the member's own points."),
            APIField("quantity", .integer()), APIField("currency", .string()), APIField("points", .integer()),
            APIField("money", .integer()), APIField("state", state), APIField("delivery", delivery),
            APIField("requested_at", .timestamp), APIField("changed_at", .timestamp),
            APIField(
                "steps",
                .array(
                    .object([
                        APIField("state", state), APIField("actor", .string()), APIField("note", .string()),
                        APIField("at", .timestamp),
                    ])), "In lists: empty."),
        ]))
    static let offer = APISchema.object([
        APIField("reward", reward),
        APIField("available", .boolean, "Whether the member may claim one now."),
        APIField("reasons", .array(.string()), "Every reason why not."),
    ])

    static func json(_ reward: Reward) throws -> JSONValue {
        let definition = reward.definition
        return [
            "id": JSONValue(id: reward.id), "names": .object(definition.names.mapValues { .string($0) }),
            "descriptions": .object(definition.descriptions.mapValues { .string($0) }),
            "currency": .string(definition.currency), "points": .integer(definition.points),
            "money": .integer(definition.money), "fulfilment": .string(definition.fulfilment.rawValue),
            "member_max": JSONValue(definition.memberMax),
            "member_days": JSONValue(definition.memberDays.map { Int64($0) }),
            "tiers": .array(definition.tiers.map { .string($0) }), "from": JSONValue(definition.from),
            "until": JSONValue(definition.until), "stock": JSONValue(reward.stock),
            "claimed": .integer(reward.claimed), "offered": .bool(reward.isOffered),
            "created_at": JSONValue(reward.createdAt), "updated_at": JSONValue(reward.updatedAt),
            "revision": .string(try reward.revision.text),
        ]
    }

    static func json(_ claim: RewardClaim) -> JSONValue {
        [
            "id": JSONValue(id: claim.id), "key": .string(claim.key), "reward_id": JSONValue(id: claim.rewardID),
            "member_id": JSONValue(id: claim.account), "pool_id": JSONValue(optionalID: claim.pool ?? 0),
            "quantity": .integer(claim.quantity),
            "currency": .string(claim.currency), "points": .integer(claim.points), "money": .integer(claim.money),
            "state": .string(claim.state.rawValue), "delivery": .object(claim.delivery.mapValues { .string($0) }),
            "requested_at": JSONValue(claim.requestedAt), "changed_at": JSONValue(claim.changedAt),
            "steps": .array(
                claim.steps.map {
                    [
                        "state": .string($0.state.rawValue), "actor": .string($0.actor), "note": .string($0.note),
                        "at": JSONValue($0.at),
                    ]
                }),
        ]
    }

    /// What a body says; the checks of shape are done.
    static func definition(_ body: JSONValue) throws -> RewardDefinition {
        func texts(_ name: String) -> [String: String] {
            (body[name]?.objectValue ?? [:]).compactMapValues(\.stringValue)
        }
        func moment(_ name: String) throws -> Timestamp? {
            guard let text = body[name]?.stringValue else { return nil }
            guard let moment = Timestamp(iso8601: text) else {
                throw Problem(
                    .badRequest, "invalid_body", "“\(name)” is no moment.",
                    flaws: [.init("body.\(name)", "is no moment")])
            }
            return moment
        }
        return RewardDefinition(
            names: texts("names"), descriptions: texts("descriptions"),
            currency: body["currency"]?.stringValue ?? "", points: body["points"]?.intValue ?? 0,
            money: body["money"]?.intValue ?? 0,
            fulfilment: body["fulfilment"]?.stringValue.flatMap(RewardDefinition.Fulfilment.init(rawValue:))
                ?? .issued,
            memberMax: body["member_max"]?.intValue, memberDays: body["member_days"]?.intValue.map { Int($0) },
            tiers: (body["tiers"]?.arrayValue ?? []).compactMap(\.stringValue), from: try moment("from"),
            until: try moment("until"))
    }
}
