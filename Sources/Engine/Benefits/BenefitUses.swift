import Storage

/// Uses of what tiers entitle to, at a till, a desk, a gate.
package enum BenefitUses {
    package static let used = "Benefit Used"
    package static let keyBytes = 200
    package static let noteBytes = 500

    package struct Use: Sendable, Equatable {
        package var key: String
        package var member: Int64
        package var tier: String
        package var benefit: String
        /// nil of what only is.
        package var grant: Int64?
        package var note: String
        package var at: Timestamp
        /// The answer of the first time.
        package var isRepeat = false
    }

    private static let columns = "use_key, member_id, tier, benefit, grant_id, note, at_ms"

    /// Uses the grant that ends first. Append the events. Throws: `BenefitError`, `StorageError`.
    package static func use(
        _ benefit: String, by member: Int64, key: String, note: String, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> (use: Use, events: [SystemEvent]) {
        guard (1...keyBytes).contains(key.utf8.count) else { throw BenefitError.key }
        let now = effects.now()
        let row = try connection.first(
            """
            SELECT tier, profile_id FROM tier_members WHERE member_id = \(member) AND profile_id <> 0\
            \(raw: connection.dialect.forUpdate)
            """)
        guard let row else { throw BenefitError.notMember(member) }
        if let known = try connection.first("SELECT \(raw: columns) FROM benefit_uses WHERE use_key = \(key)") {
            var use = try use(known)
            guard use.member == member, use.benefit == benefit, use.note == note else {
                throw BenefitError.keyReused(key)
            }
            use.isRepeat = true
            return (use, [])
        }
        let (tier, profile) = (try row.text(0), try row.int(1))
        let (from, grant) = try entitled(to: benefit, member, tier, at: now, connection)
        if let grant {
            try connection.execute("UPDATE benefit_grants SET used = used + 1 WHERE id = \(grant)")
        }
        let use = Use(key: key, member: member, tier: from, benefit: benefit, grant: grant, note: note, at: now)
        let written = try connection.execute(
            """
            INSERT INTO benefit_uses (\(raw: columns)) VALUES (\(key), \(member), \(from), \(benefit),
                \(grant.sqlValue), \(note), \(now.milliseconds)) ON CONFLICT DO NOTHING
            """)
        guard written == 1 else { throw BenefitError.keyReused(key) }
        let event = SystemEvent(
            name: used, profileID: profile, time: now,
            properties: JSONValue.object([
                "member": JSONValue(id: member), "tier": .string(from), "benefit": .string(benefit),
                "key": .string(key), "note": .string(note),
            ]).text())
        return (use, [event])
    }

    private static func entitled(
        to benefit: String, _ member: Int64, _ tier: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> (tier: String, grant: Int64?) {
        let standing = try TierLadders.current(connection)?.ladder.tier(tier)?.benefits.first { $0.code == benefit }
        if let standing, standing.kind.isStanding { return (tier, nil) }
        let grants = try connection.query(
            """
            SELECT \(raw: BenefitGrant.columns) FROM benefit_grants WHERE member_id = \(member)
            AND benefit = \(benefit) ORDER BY CASE WHEN ends_ms IS NULL THEN 1 ELSE 0 END, ends_ms, id
            """
        ).map(BenefitGrant.init)
        if let open = grants.first(where: { $0.isOpen(at: now) }) { return (open.tier, open.id) }
        throw grants.isEmpty ? BenefitError.notEntitled(benefit) : BenefitError.usedUp(benefit)
    }

    private static func use(_ row: SQLRow) throws -> Use {
        Use(
            key: try row.text(0), member: try row.int(1), tier: try row.text(2), benefit: try row.text(3),
            grant: try row.intOrNil(4), note: try row.text(5), at: Timestamp(milliseconds: try row.int(6)))
    }
}
