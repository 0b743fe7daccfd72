import Storage

/// The part of members who are kept apart from one benefit. A member is drawn once, by a hash, and stays where they were
/// drawn also when they turn out to be somebody else; what is printed on the tier is not for them to be told.
enum BenefitHoldout {
    static let heldOut = "Benefit Held Out"

    static func holds(_ due: BenefitGrants.Due, _ connection: any SQLConnection) throws -> Bool {
        guard let percent = due.benefit.holdout, due.profile != 0 else { return false }
        let known = try connection.first(
            """
            SELECT 1 FROM benefit_holdouts WHERE member_id = \(due.member) AND tier = \(due.tier)
                AND benefit = \(due.benefit.code)
            """)
        if known != nil { return true }
        let salt = Assignment.salt(of: "benefit:\(due.tier):\(due.benefit.code)")
        return Assignment.bucket(salt: salt, profile: due.profile, of: 100) < percent
    }

    /// Says it the first time.
    static func note(
        _ due: BenefitGrants.Due, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        let added = try connection.execute(
            """
            INSERT INTO benefit_holdouts (member_id, tier, benefit, profile_id, since_ms)
            VALUES (\(due.member), \(due.tier), \(due.benefit.code), \(due.profile), \(now.milliseconds))
            ON CONFLICT DO NOTHING
            """)
        guard added == 1 else { return [] }
        return [
            SystemEvent(
                name: heldOut, profileID: due.profile, time: now,
                properties: JSONValue.object([
                    "member": JSONValue(id: due.member), "tier": .string(due.tier),
                    "benefit": .string(due.benefit.code), "kind": .string(due.benefit.kind.rawValue),
                    "occasion": .string(due.occasion),
                ]).text())
        ]
    }

    /// Two members are one.
    static func move(
        from loser: Int64, to winner: Int64, profile: Int64, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO benefit_holdouts (member_id, tier, benefit, profile_id, since_ms)
            SELECT CAST(\(winner) AS BIGINT), tier, benefit, CAST(\(profile) AS BIGINT), since_ms FROM benefit_holdouts
            WHERE member_id = \(loser) ON CONFLICT DO NOTHING
            """)
        try connection.execute("DELETE FROM benefit_holdouts WHERE member_id = \(loser)")
    }
}
