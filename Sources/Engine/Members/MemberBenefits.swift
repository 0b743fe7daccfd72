import Storage

/// What a member's tier entitles to now, and what of it is left.
package struct MemberBenefit: Sendable, Equatable {
    package var benefit: Benefit
    package var tier: String
    /// Grants that can be used still, the first to end first. Empty of what only is.
    package var open: [BenefitGrant]
    /// Used in all, of all grants there were.
    package var used: Int64
    /// Of a month's quota for everybody together; nil: there is none.
    package var quotaLeft: Int64?

    private static let grantsMax = 500

    /// Those of the tier that the member has, then what is left of tiers before. Throws: `StorageError`.
    package static func load(
        member: Int64, tier code: String, _ ladder: TierLadder, _ calendar: LocalCalendar, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> [MemberBenefit] {
        let grants = try BenefitGrants.list(member: member, limit: grantsMax, connection)
        let month = String(LocalCalendar.text(ofDay: calendar.day(of: now)).prefix(7))
        func found(_ benefit: Benefit, _ tier: String) throws -> MemberBenefit {
            let own = grants.filter { $0.benefit == benefit.code && $0.tier == tier }
            let open = own.filter { $0.isOpen(at: now) }.sorted {
                ($0.endsAt?.milliseconds ?? .max, $0.id) < ($1.endsAt?.milliseconds ?? .max, $1.id)
            }
            return MemberBenefit(
                benefit: benefit, tier: tier, open: open, used: own.reduce(0) { $0 + $1.used },
                quotaLeft: try benefit.quota.map { max(0, $0 - (try taken(tier, benefit.code, month, connection))) })
        }
        let current = try (ladder.tier(code)?.benefits ?? []).map { try found($0, code) }
        let before = try ladder.tiers.filter { $0.code != code }.flatMap { tier in
            try tier.benefits.filter { !$0.kind.isStanding }.map { try found($0, tier.code) }
        }
        return current + before.filter { !$0.open.isEmpty }
    }

    private static func taken(
        _ tier: String, _ benefit: String, _ month: String, _ connection: any SQLConnection
    ) throws -> Int64 {
        try connection.first(
            "SELECT taken FROM benefit_quotas WHERE tier = \(tier) AND benefit = \(benefit) AND month = \(month)"
        )?.int(0) ?? 0
    }
}
