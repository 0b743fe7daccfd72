import Storage

/// What a person has in the loyalty program now: account, balances and lots, every movement, tier, coupons, claims, and why
/// points were given.
extension PersonExport {
    private static let rowsMax = 100_000

    /// null of who is no member and holds no coupon. Throws: `StorageError`.
    static func loyalty(of profile: Int64, _ connection: any SQLConnection) throws -> JSONValue {
        let coupons = try coupons(of: profile, connection)
        guard let account = try PointsAccounts.ofProfile(profile, connection) else {
            return coupons.isEmpty ? .null : ["coupons": .array(coupons)]
        }
        let lots = try PointsAccounts.lots(
            of: account.id, currency: nil, onlyOpen: false, limit: rowsMax, connection)
        return [
            "account": JSONValue(id: account.id), "number": .string(account.number),
            "member_since": .string(account.openedAt.iso8601),
            "closed_at": time(account.closedAt?.milliseconds),
            "balances": .object(account.balances.mapValues(\.json)),
            "lots": .array(lots.map(lot)),
            "statement": .array(try statement(of: account.id, connection)),
            "earnings": .array(try earnings(of: account.id, connection)),
            "tier": try tier(of: account.id, connection),
            "claims": .array(try claims(of: account.id, connection)),
            "coupons": .array(coupons),
        ]
    }

    private static func lot(_ lot: PointsLot) -> JSONValue {
        [
            "lot": .integer(lot.number), "currency": .string(lot.currency), "amount": .integer(lot.amount),
            "remaining": .integer(lot.remaining), "held": .integer(lot.held), "pending": .bool(lot.isPending),
            "earned_at": .string(lot.earnedAt.iso8601), "expires_at": time(lot.expiresAt?.milliseconds),
            "source": .string(lot.source),
        ]
    }

    /// Every transaction as it was hashed.
    private static func statement(of account: Int64, _ connection: any SQLConnection) throws -> [JSONValue] {
        try connection.query(
            """
            SELECT document, hash FROM points_transactions WHERE account_id = \(account) ORDER BY sequence
            LIMIT \(rowsMax)
            """
        ).map { ["text": .string(try $0.text(0)), "hash": .string(try $0.text(1))] }
    }

    private static func earnings(of account: Int64, _ connection: any SQLConnection) throws -> [JSONValue] {
        try connection.query(
            """
            SELECT fact_key, name, fact_ms, version, grants, waterfall FROM earning_facts
            WHERE account_id = \(account) ORDER BY made_ms, fact_key LIMIT \(rowsMax)
            """
        ).map { row in
            [
                "fact": .string(try row.text(0)), "name": .string(try row.text(1)), "at": time(try row.int(2)),
                "version": .integer(try row.int(3)), "grants": try JSONValue(parsing: row.text(4)),
                "waterfall": try JSONValue(parsing: row.text(5)),
            ]
        }
    }

    private static func tier(of member: Int64, _ connection: any SQLConnection) throws -> JSONValue {
        guard let row = try TierRow.load([member], locking: false, connection).first else { return .null }
        let grants = try TierGrants.list(member: member, limit: rowsMax, connection)
        return [
            "tier": .string(row.state.tier), "since": .string(row.state.since.iso8601),
            "earned": .string(row.state.earned),
            "period_from": .string(LocalCalendar.text(ofDay: row.state.periodStart)),
            "period_to": .string(LocalCalendar.text(ofDay: row.state.periodEnd)),
            "by_hand": .array(
                grants.map { grant in
                    [
                        "tier": .string(grant.tier), "at": .string(grant.createdAt.iso8601),
                        "until": time(grant.until?.milliseconds), "ended_at": time(grant.endedAt?.milliseconds),
                        "reason": .string(grant.reason),
                    ]
                }),
        ]
    }

    private static func claims(of account: Int64, _ connection: any SQLConnection) throws -> [JSONValue] {
        try connection.query(
            """
            SELECT id, reward_id, quantity, currency, points, money, state, delivery, requested_ms, changed_ms
            FROM reward_claims WHERE account_id = \(account) ORDER BY id LIMIT \(rowsMax)
            """
        ).map { row in
            [
                "claim": JSONValue(id: try row.int(0)), "reward": JSONValue(id: try row.int(1)),
                "quantity": .integer(try row.int(2)), "currency": .string(try row.text(3)),
                "points": .integer(try row.int(4)), "money": .integer(try row.int(5)),
                "state": .string(try row.text(6)), "delivery": .string(try row.text(7)),
                "requested_at": time(try row.int(8)), "changed_at": time(try row.int(9)),
            ]
        }
    }

    /// Held, used or lapsed; and the public codes that the person used.
    private static func coupons(of profile: Int64, _ connection: any SQLConnection) throws -> [JSONValue] {
        let uses = try connection.query(
            """
            SELECT coupon_id, order_key, state, discount, at_ms FROM coupon_uses WHERE profile_id = \(profile)
            ORDER BY at_ms, order_key LIMIT \(rowsMax)
            """
        ).map { row -> (coupon: Int64, use: JSONValue) in
            (
                try row.int(0),
                [
                    "order": .string(try row.text(1)), "state": .string(try row.text(2)),
                    "discount": try JSONValue(parsing: row.text(3)), "at": time(try row.int(4)),
                ]
            )
        }
        let byCoupon = Dictionary(grouping: uses, by: \.coupon)
        var rows: [SQLRow] = try connection.query(
            """
            SELECT id, code, definition_id, kind, state, issued_ms, until_ms FROM coupons
            WHERE profile_id = \(profile) AND profile_id <> 0 ORDER BY id LIMIT \(rowsMax)
            """)
        let own = Set(try rows.map { try $0.int(0) })
        let others = byCoupon.keys.filter { !own.contains($0) }.sorted().map { [SQLValue.integer($0)] }
        rows += try connection.queryMany(
            "SELECT id, code, definition_id, kind, state, issued_ms, until_ms FROM coupons WHERE id = ?", others
        ).flatMap { $0 }
        return try rows.map { row in
            let id = try row.int(0)
            return [
                "coupon": JSONValue(id: id), "code": .string(try row.text(1)),
                "definition": JSONValue(id: try row.int(2)), "kind": .string(try row.text(3)),
                "state": .string(try row.text(4)), "issued_at": time(try row.int(5)),
                "until": time(try row.intOrNil(6)), "uses": .array((byCoupon[id] ?? []).map(\.use)),
            ]
        }
    }
}
