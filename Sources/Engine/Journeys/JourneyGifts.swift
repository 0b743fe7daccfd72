import Storage

/// What journeys gave, added up.
enum JourneyGifts {
    /// Points that stand, in minor units of the workspace's currency: by what their currency says they are worth.
    /// Throws: `StorageError`.
    static func worth(ofPoints journey: Int64, _ connection: any SQLConnection) throws -> Int64 {
        let rows = try connection.query(
            """
            SELECT what, CAST(sum(amount - reversed) AS BIGINT) FROM journey_gifts
            WHERE journey_id = \(journey) AND kind = 'points' GROUP BY what
            """)
        let currencies = try PointsCurrencies.list(connection).map(\.currency)
        return try rows.reduce(0) { sum, row in
            let code = try row.text(0)
            guard let value = currencies.first(where: { $0.code == code })?.valuePerThousand else { return sum }
            return sum + worth(of: try row.int(1), perThousand: value)
        }
    }

    /// Rounded half up. Pure.
    static func worth(of points: Int64, perThousand value: Int64) -> Int64 {
        Shares.of(max(0, points), times: max(0, value), over: 1_000)
    }

    /// Discounts that coupons given here came to, less what came back. Throws: `StorageError`.
    static func discount(ofCoupons journey: Int64, _ connection: any SQLConnection) throws -> Int64 {
        try connection.first(
            """
            SELECT CAST(coalesce(sum(CASE WHEN h.kind IN ('redeemed', 'captured') THEN h.amount
                WHEN h.kind IN ('part_returned', 'rolled_back') THEN -h.amount ELSE 0 END), 0) AS BIGINT)
            FROM journey_gifts g JOIN coupon_history h ON h.coupon_id = g.coupon_id
            WHERE g.journey_id = \(journey) AND g.kind = 'coupon'
            """)?.int(0) ?? 0
    }

    /// By kind and what: how many gifts, how much of it, and what of that was taken back. Throws: `StorageError`.
    static func sums(
        _ journey: Int64, _ connection: any SQLConnection
    ) throws -> [(kind: String, what: String, gifts: Int64, amount: Int64, reversed: Int64)] {
        try connection.query(
            """
            SELECT kind, what, count(*), CAST(sum(amount) AS BIGINT), CAST(sum(reversed) AS BIGINT) FROM journey_gifts
            WHERE journey_id = \(journey) GROUP BY kind, what ORDER BY kind, what
            """
        ).map { (try $0.text(0), try $0.text(1), try $0.int(2), try $0.int(3), try $0.int(4)) }
    }

    /// Nobody's any more. Throws: `StorageError`.
    static func forget(_ profileIDs: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE journey_gifts SET profile_id = 0 WHERE profile_id IN (\(list: profileIDs)) AND profile_id <> 0")
    }
}
