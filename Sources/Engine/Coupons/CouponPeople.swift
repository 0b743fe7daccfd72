import Storage

/// What is counted of a person, made anew from coupons and uses where people merge or part.
enum CouponPeople {
    static func issued(to profile: Int64, _ definition: Int64, _ connection: any SQLConnection) throws -> Int64 {
        try connection.first(
            "SELECT issued FROM coupon_people WHERE profile_id = \(profile) AND definition_id = \(definition)"
        )?.int(0) ?? 0
    }

    /// Throws: `StorageError`.
    static func recount(_ profiles: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM coupon_people WHERE profile_id IN (\(list: profiles))")
        try connection.execute(
            """
            INSERT INTO coupon_people (profile_id, definition_id, issued, used) \(counted)
            WHERE s.profile_id IN (\(list: profiles)) GROUP BY s.profile_id, s.definition_id
            """)
    }

    /// What the counts are, from the rows themselves.
    static let counted: SQL = """
        SELECT s.profile_id AS profile, s.definition_id AS definition, CAST(sum(s.issued) AS BIGINT) AS issued,
            CAST(sum(s.used) AS BIGINT) AS used FROM (
            SELECT profile_id, definition_id, 1 AS issued, 0 AS used FROM coupons WHERE profile_id <> 0
            UNION ALL
            SELECT profile_id, definition_id, 0 AS issued, 1 AS used FROM coupon_uses
            WHERE profile_id <> 0 AND state IN ('locked', 'redeemed')
        ) s
        """
}
