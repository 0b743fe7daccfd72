import Storage

/// Grants as they are given, kept, moved and ended.
package enum BenefitGrants {
    package static let granted = "Benefit Granted"
    private static let hour: Int64 = 3_600_000

    /// Who is to be given what.
    struct Due: Sendable {
        var member: Int64
        var profile: Int64
        var tier: String
        var benefit: Benefit
        var occasion: String
    }

    /// What follows from moves: who comes up into a tier is given what entering it gives; who goes down loses what lasts only
    /// as long as the tier. Returns what it says. Throws: `StorageError`.
    static func follow(
        _ moves: [(row: TierRow, change: TierChange)], _ ladder: TierLadder, _ calendar: LocalCalendar,
        at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        var due: [Due] = []
        for (row, change) in moves where row.profile != 0 && change.from != change.to {
            if !change.isUp { try end(row.member, keeping: change.to, ladder, at: now, connection) }
            guard change.isUp, change.cause != .merge, change.cause != .unmerge else { continue }
            for benefit in ladder.tier(change.to)?.benefits ?? [] where benefit.occasion == .entry {
                due.append(
                    Due(
                        member: row.member, profile: row.profile, tier: change.to, benefit: benefit,
                        occasion: "entry:\(change.number)"))
            }
        }
        return try give(due, calendar, at: now, connection)
    }

    /// Gives what was not given before, while a month's quota lasts. Returns what it says. Throws: `StorageError`.
    static func give(
        _ due: [Due], _ calendar: LocalCalendar, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        var events: [SystemEvent] = []
        let month = String(LocalCalendar.text(ofDay: calendar.day(of: now)).prefix(7))
        let ids = try known(due, connection)
        for (number, one) in due.enumerated() where !ids.contains(number) {
            if try BenefitHoldout.holds(one, connection) {
                events += try BenefitHoldout.note(one, at: now, connection)
                continue
            }
            if let quota = one.benefit.quota, try !take(one, month, quota, connection) { continue }
            let ends = one.benefit.validDays.map { calendar.start(ofDay: calendar.day(of: now) + Int64($0) + 1) }
            let id = try insert(one, ends: ends, at: now, connection)
            events.append(
                SystemEvent(
                    name: granted, profileID: one.profile, time: now,
                    properties: JSONValue.object([
                        "grant": JSONValue(id: id), "member": JSONValue(id: one.member), "tier": .string(one.tier),
                        "benefit": .string(one.benefit.code), "kind": .string(one.benefit.kind.rawValue),
                        "occasion": .string(one.occasion), "coupon": JSONValue(one.benefit.coupon),
                    ]).text()))
        }
        return events
    }

    /// Which of them have their grant already, by number.
    private static func known(_ due: [Due], _ connection: any SQLConnection) throws -> Set<Int> {
        let rows = try connection.queryMany(
            "SELECT 1 FROM benefit_grants WHERE member_id = ? AND tier = ? AND benefit = ? AND occasion = ?",
            due.map { [.integer($0.member), .text($0.tier), .text($0.benefit.code), .text($0.occasion)] })
        return Set(rows.enumerated().filter { !$0.element.isEmpty }.map(\.offset))
    }

    private static func insert(
        _ one: Due, ends: Timestamp?, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Int64 {
        // The id follows from what it is for, so that a transaction that is run again writes the same.
        let text = "\(one.member) \(one.tier) \(one.benefit.code) \(one.occasion)"
        let digits = Digest.sha256(Array(text.utf8)).prefix(15)
        let id = Int64(digits, radix: 16) ?? 0
        try connection.execute(
            """
            INSERT INTO benefit_grants (id, member_id, profile_id, tier, benefit, kind, occasion, coupon, uses, used,
                granted_ms, ends_ms)
            VALUES (\(id), \(one.member), \(one.profile), \(one.tier), \(one.benefit.code),
                \(one.benefit.kind.rawValue), \(one.occasion), \(one.benefit.coupon.sqlValue),
                \(one.benefit.uses.sqlValue), 0, \(now.milliseconds), \((ends?.milliseconds).sqlValue))
            ON CONFLICT DO NOTHING
            """)
        return id
    }

    /// One of the month's, unless they are all taken; then that is counted.
    private static func take(
        _ one: Due, _ month: String, _ quota: Int64, _ connection: any SQLConnection
    ) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO benefit_quotas (tier, benefit, month, taken, refused)
            VALUES (\(one.tier), \(one.benefit.code), \(month), 0, 0) ON CONFLICT DO NOTHING
            """)
        let taken = try connection.execute(
            """
            UPDATE benefit_quotas SET taken = taken + 1 WHERE tier = \(one.tier) AND benefit = \(one.benefit.code)
            AND month = \(month) AND taken < \(quota)
            """)
        if taken == 1 { return true }
        try connection.execute(
            """
            UPDATE benefit_quotas SET refused = refused + 1 WHERE tier = \(one.tier)
            AND benefit = \(one.benefit.code) AND month = \(month)
            """)
        return false
    }

    /// What lasts only as long as the tier ends with it.
    private static func end(
        _ member: Int64, keeping tier: String, _ ladder: TierLadder, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let index = ladder.index(tier) ?? 0
        let lost = ladder.tiers.dropFirst(index + 1).map(\.code)
        guard !lost.isEmpty else { return }
        try connection.execute(
            """
            UPDATE benefit_grants SET ends_ms = \(now.milliseconds) WHERE member_id = \(member) AND ends_ms IS NULL
            AND tier IN (\(list: lost))
            """)
    }

    /// One member's, the newest first. Throws: `StorageError`.
    package static func list(
        member: Int64, limit: Int, _ connection: any SQLConnection
    ) throws -> [BenefitGrant] {
        try connection.query(
            """
            SELECT \(raw: BenefitGrant.columns) FROM benefit_grants WHERE member_id = \(member)
            ORDER BY granted_ms DESC, id DESC LIMIT \(limit)
            """
        ).map(BenefitGrant.init)
    }

    /// Two members are one: what the other was granted goes along.
    static func move(
        from loser: Int64, to winner: Int64, profile: Int64, _ connection: any SQLConnection
    ) throws {
        let occasion = "merged:\(loser):"
        try connection.execute(
            """
            UPDATE benefit_grants SET member_id = \(winner), profile_id = \(profile),
                occasion = CAST(\(occasion) AS TEXT) || occasion
            WHERE member_id = \(loser)
            """)
        try BenefitHoldout.move(from: loser, to: winner, profile: profile, connection)
    }

    static func forget(_ members: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute("UPDATE benefit_grants SET profile_id = 0 WHERE member_id IN (\(list: members))")
        try connection.execute("UPDATE benefit_uses SET note = '' WHERE member_id IN (\(list: members))")
        try connection.execute("UPDATE benefit_holdouts SET profile_id = 0 WHERE member_id IN (\(list: members))")
    }
}
