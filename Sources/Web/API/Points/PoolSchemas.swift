import Engine

/// Shapes that the endpoints of pools share.
enum PoolSchemas {
    static let name = APISchema.string(min: 1, max: PoolLimits.nameCharacters)
    static let share = APISchema.integer(0...PoolLimits.shareMax)
    static let by = APIField.optional(
        "by_id", .id, "The member who asks: refused unless they may. The brand in anybody's name unless told.")

    private static let member = APISchema.object([
        APIField("member_id", .id), APIField("owner", .boolean), APIField("may_spend", .boolean),
        APIField("share", share, "Percent of what they earn that goes into the pool once it can be spent."),
        APIField("joined_at", .timestamp),
        APIField("left", .map(.integer()), "What is not spent of what they put in, by currency."),
    ])
    static let pool = APISchema.named(
        "PointsPool",
        .object([
            APIField("id", .id), APIField("name", .string()), APIField("created_at", .timestamp),
            APIField("dissolved_at", .nullable(.timestamp)),
            APIField("members", .array(member), "Who joined first comes first."),
            APIField("balances", .map(PointsSchemas.balance), "By currency."),
            APIField("sequence", .integer(), "Transactions so far."), APIField("hash", .string(), "Of the last one."),
        ]))
    static let invitation = APISchema.named(
        "PoolInvitation",
        .object([
            APIField("id", .id), APIField("pool_id", .id), APIField("member_id", .id, "Who is invited."),
            APIField("state", .words(PoolInvitation.State.allCases.map(\.rawValue))),
            APIField("open", .boolean, "It can be accepted now."), APIField("created_at", .timestamp),
            APIField("expires_at", .timestamp), APIField("decided_at", .nullable(.timestamp)),
        ]))

    static func json(_ pool: PointsPool) -> JSONValue {
        [
            "id": JSONValue(id: pool.id), "name": .string(pool.name), "created_at": JSONValue(pool.createdAt),
            "dissolved_at": JSONValue(pool.dissolvedAt),
            "members": .array(
                pool.members.map { member in
                    [
                        "member_id": JSONValue(id: member.account), "owner": .bool(member.isOwner),
                        "may_spend": .bool(member.maySpend), "share": .integer(member.share),
                        "joined_at": JSONValue(member.joinedAt),
                        "left": .object(member.left.mapValues { .integer($0) }),
                    ]
                }), "balances": .object(pool.balances.mapValues(PointsSchemas.json)),
            "sequence": .integer(pool.sequence), "hash": .string(pool.hash),
        ]
    }

    static func json(_ invitation: PoolInvitation, at now: Timestamp) -> JSONValue {
        [
            "id": JSONValue(id: invitation.id), "pool_id": JSONValue(id: invitation.pool),
            "member_id": JSONValue(id: invitation.account), "state": .string(invitation.state.rawValue),
            "open": .bool(invitation.isOpen(at: now)), "created_at": JSONValue(invitation.createdAt),
            "expires_at": JSONValue(invitation.expiresAt), "decided_at": JSONValue(invitation.decidedAt),
        ]
    }

    static func id(_ body: JSONValue, _ name: String) -> Int64? { body[name]?.stringValue.flatMap { Int64($0) } }
}
