import Engine
import Storage

/// What members are entitled to, and the use of it.
enum BenefitEndpoints {
    private static let tag = "Tiers"
    private static let kinds = Benefit.Kind.allCases.map(\.rawValue)
    private static let grant = APISchema.object([
        APIField("id", .id), APIField("tier", .string()), APIField("benefit", .string()),
        APIField("kind", .words(kinds)),
        APIField("occasion", .string()), APIField("coupon", .nullable(.string())),
        APIField("uses", .nullable(.integer()), "Null: as often as one likes."), APIField("used", .integer()),
        APIField("granted_at", .timestamp), APIField("ends_at", .nullable(.timestamp), "Null: with the tier."),
        APIField("open", .boolean, "Can be used now."),
    ])
    private static let use = APISchema.object([
        APIField("key", .string()), APIField("member_id", .id), APIField("tier", .string()),
        APIField("benefit", .string()), APIField("grant_id", .nullable(.id), "Null of what only is."),
        APIField("note", .string()), APIField("at", .timestamp), APIField("repeated", .boolean),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/members/{id}/benefits", "listMemberBenefits", tag: tag,
            "What the member's tier brings, and what was granted; the newest first.", access: .scope(.loyaltyRead),
            parameters: [.path("id")],
            response: .object([
                APIField("tier", .string()), APIField("multiplier", .integer(), "Of points, in hundredths."),
                APIField(
                    "standing",
                    .array(.object([APIField("benefit", .string()), APIField("kind", .words(kinds))]))),
                APIField("grants", .array(grant)),
            ]), handler: list),
        APIRoute(
            .post, "/api/v1/members/{id}/benefit-uses", "useMemberBenefit", tag: tag,
            "Record that the member made use of a benefit: of the grant that ends first.",
            access: .scope(.loyaltyWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("benefit", .string(min: 1, max: 32)),
                    APIField(
                        "key", .string(min: 1, max: BenefitUses.keyBytes),
                        "Natural key, kept for ever: a repeat is answered as the first time."),
                    .optional("note", .string(max: 200)),
                ])), status: .created, isRepeatable: true, response: use, handler: useOne),
        APIRoute(
            .get, "/api/v1/tiers/benefits", "getBenefitUsage", tag: tag,
            "Granted, used, unused: by tier and benefit.", access: .scope(.loyaltyRead),
            parameters: [
                .query("from", .day, "The first day; 30 days ago unless told."), .query("to", .day, "The last day."),
            ],
            response: .object([
                APIField(
                    "items",
                    .array(
                        .object([
                            APIField("tier", .string()), APIField("benefit", .string()),
                            APIField("granted", .integer()),
                            APIField("used", .integer()), APIField("unused", .integer(), "Ended without a use."),
                            APIField("open", .integer(), "Without a use, and can still have one."),
                            APIField("uses", .integer()),
                            APIField("refused", .integer(), "Came after the quota was taken."),
                        ])))
            ]), handler: usage),
    ]

    private static let grantsShown = 200

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now) = (try request.id("id"), context.platform.effects.now())
        let (standing, grants) = try await context.platform.store.read { connection in
            _ = try PointsAccounts.get(id, connection)
            return (
                try TierStanding.load(member: id, at: now, connection),
                try BenefitGrants.list(member: id, limit: grantsShown, connection)
            )
        }
        let tier = standing.ladder.tier(standing.state.tier)
        return APIResponse([
            "tier": .string(standing.state.tier),
            "multiplier": .integer(TierBenefits(standing.ladder).multiplier(for: standing.state.tier)),
            "standing": .array(
                (tier?.benefits ?? []).filter(\.kind.isStanding).map {
                    ["benefit": .string($0.code), "kind": .string($0.kind.rawValue)]
                }),
            "grants": .array(
                grants.map { grant in
                    [
                        "id": JSONValue(id: grant.id), "tier": .string(grant.tier), "benefit": .string(grant.benefit),
                        "kind": .string(grant.kind.rawValue), "occasion": .string(grant.occasion),
                        "coupon": JSONValue(grant.coupon), "uses": JSONValue(grant.uses), "used": .integer(grant.used),
                        "granted_at": JSONValue(grant.grantedAt), "ends_at": JSONValue(grant.endsAt),
                        "open": .bool(grant.isOpen(at: now)),
                    ]
                }),
        ])
    }

    @Sendable private static func useOne(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects) = (try request.id("id"), context.platform.effects)
        func text(_ name: String) -> String { request.body[name]?.stringValue ?? "" }
        let (benefit, key, note) = (text("benefit"), text("key"), text("note"))
        let use = try await context.platform.store.write { connection in
            let made = try BenefitUses.use(benefit, by: id, key: key, note: note, effects: effects, connection)
            try SystemEventLog.append(made.events, now: effects.now(), effects: effects, to: connection)
            return made.use
        }
        return APIResponse(
            [
                "key": .string(use.key), "member_id": JSONValue(id: use.member), "tier": .string(use.tier),
                "benefit": .string(use.benefit), "grant_id": JSONValue(optionalID: use.grant ?? 0),
                "note": .string(use.note), "at": JSONValue(use.at), "repeated": .bool(use.isRepeat),
            ], status: use.isRepeat ? .ok : .created)
    }

    @Sendable private static func usage(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let now = context.platform.effects.now()
        let items = try await context.platform.store.read { connection in
            let (from, to) = try TierEndpoints.moments(request, now, connection)
            return try BenefitUsage.load(from: from, to: to, at: now, connection)
        }
        return APIResponse([
            "items": .array(
                items.map {
                    [
                        "tier": .string($0.tier), "benefit": .string($0.benefit), "granted": .integer($0.granted),
                        "used": .integer($0.used), "unused": .integer($0.unused), "open": .integer($0.open),
                        "uses": .integer($0.uses), "refused": .integer($0.refused),
                    ]
                })
        ])
    }
}
