import Storage

/// Whether what is counted of coupons is what happened: counts of definitions against the history, of people against
/// coupons and uses, uses and discounts against themselves.
package enum CouponVerification {
    package struct Result: Sendable {
        package var definitions: Int64
        package var uses: Int64
        package var flaws: [String]
    }

    /// Throws: `StorageError`.
    package static func run(_ platform: Platform) async throws -> Result {
        try await platform.store.read { connection in
            var flaws = try tallies(connection) + people(connection)
            let (count, more) = try uses(connection)
            flaws += more
            let definitions = try connection.first("SELECT count(*) FROM coupon_definitions")?.int(0) ?? 0
            return Result(definitions: definitions, uses: count, flaws: flaws)
        }
    }

    private static func tallies(_ connection: any SQLConnection) throws -> [String] {
        var rebuilt: [Int64: CouponTally] = [:]
        for row in try connection.query(
            """
            SELECT definition_id, kind, CAST(sum(coupons) AS BIGINT), CAST(sum(amount) AS BIGINT) FROM coupon_history
            GROUP BY definition_id, kind
            """)
        {
            guard let kind = CouponEntry.Kind(rawValue: try row.text(1)) else { continue }
            let (id, count, amount) = (try row.int(0), try row.int(2), try row.int(3))
            var one = CouponTally()
            one.count(CouponEntry(kind, at: Timestamp(milliseconds: 0), amount: 0, count: 1))
            let sums = CouponEntry.Kind.many.contains(kind)
            var tally = rebuilt[id] ?? CouponTally()
            tally.issued += one.issued * count
            tally.open += one.open * count
            tally.taken += one.taken * count
            tally.redeemed += one.redeemed * count
            tally.expired += one.expired * count
            tally.voided += one.voided * count
            if !sums {
                var money = CouponTally()
                money.count(CouponEntry(kind, at: Timestamp(milliseconds: 0), amount: amount))
                tally.discount += money.discount
            }
            rebuilt[id] = tally
        }
        var flaws: [String] = []
        var before = Int64.max
        while true {
            let page = try CouponDefinitions.list(before: before, limit: CouponLimits.pageRows, connection)
            for definition in page where definition.tally != rebuilt[definition.id] ?? CouponTally() {
                flaws.append("definition \(definition.id): the counts are not what its history adds up to")
            }
            guard page.count == CouponLimits.pageRows, let last = page.last else { return flaws }
            before = last.id
        }
    }

    private static func people(_ connection: any SQLConnection) throws -> [String] {
        let rows = try connection.query(
            """
            SELECT k.profile_id, k.definition_id FROM coupon_people k
            LEFT JOIN (\(CouponPeople.counted) GROUP BY s.profile_id, s.definition_id) c
                ON c.profile = k.profile_id AND c.definition = k.definition_id
            WHERE k.issued <> coalesce(c.issued, 0) OR k.used <> coalesce(c.used, 0) LIMIT \(flawsMax)
            """)
        return try rows.map { "person \(try $0.int(0)): the counts of definition \(try $0.int(1)) are not the rows'" }
    }

    private static let flawsMax = 100

    private static func uses(_ connection: any SQLConnection) throws -> (Int64, [String]) {
        var flaws: [String] = []
        var count: Int64 = 0
        try connection.forEach(
            """
            SELECT u.coupon_id, u.order_key, u.discount, u.state, c.state, c.amount_left, c.kind FROM coupon_uses u
            JOIN coupons c ON c.id = u.coupon_id
            """, batch: CouponLimits.rowsPerWrite
        ) { rows in
            for row in rows {
                count += 1
                let discount = CouponDiscount(try JSONValue(parsing: row.text(2)))
                let place = "coupon \(try row.int(0)), order \(try row.text(1))"
                if discount.shares.contains(where: { $0.amount < 0 || $0.returned > $0.quantity })
                    || discount.shipping < 0
                {
                    flaws.append("\(place): a discount below nothing, or more came back than was bought")
                }
                if try row.intOrNil(5) ?? 0 < 0 { flaws.append("\(place): less than nothing is left") }
                let isHeld = try row.text(3) == "locked" && row.text(6) != "shared"
                if isHeld, try row.text(4) != "locked" {
                    flaws.append("\(place): a lock on a coupon that is not locked")
                }
            }
        }
        return (count, flaws)
    }
}

extension CouponEntry.Kind {
    /// Kinds that are written for many coupons at once.
    fileprivate static let many: Set<Self> = [.issued, .expired, .voided]
}
