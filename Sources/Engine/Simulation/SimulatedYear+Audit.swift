import Storage

/// What has to hold of orders, tiers and coupons, asked of the store past the code that keeps it.
extension SimulatedYear {
    // MARK: Orders

    /// The ledger holds for an order what its record says, and that follows from what of the order is left: all of it
    /// back leaves nothing, in whatever split it came.
    func audit(_ purchase: SimulatedPurchase) async throws {
        let key = EarningBatch.key(of: purchase.id)
        let (found, lots) = try await platform.store.read { connection -> (EarningRecord?, [String: [[Int64]]]) in
            guard let record = try EarningRecords.get(key, connection) else { return (nil, [:]) }
            var lots: [String: [[Int64]]] = [:]
            for lot in record.grants.flatMap(\.lots) {
                lots[lot.key] = try connection.query(
                    "SELECT amount, reversed FROM points_lots WHERE lot_key = \(lot.key)"
                ).map { [try $0.int(0), try $0.int(1)] }
            }
            return (record, lots)
        }
        guard let record = found else {
            // What came back before it arrived is nobody's to judge.
            if earnsByOrders, !purchase.isBack { throw fail("order \(purchase.id)", ["no rule was asked about it"]) }
            return
        }
        var flaws: [String] = []
        for grant in record.grants {
            let place = "order \(purchase.id), rule \(grant.rule), line “\(grant.line)”"
            if purchase.isBack, grant.net != 0 {
                flaws.append("\(place): everything came back and \(grant.net) of \(grant.points) are left")
            }
            if !purchase.isBack, let line = purchase.lines.first(where: { $0.sku == grant.line }) {
                let left = grant.points - grant.points * line.returned / line.quantity
                if grant.net != left {
                    flaws.append(
                        "\(place): \(line.returned) of \(line.quantity) came back, \(grant.net) left, not \(left)")
                }
            }
            for lot in grant.lots {
                let rows = lots[lot.key] ?? []
                if rows.count != 1 {
                    flaws.append("\(place): \(rows.count) lots hold the award \(lot.key)")
                } else if rows[0] != [lot.amount, lot.reversed] {
                    flaws.append("\(place): the lot says \(rows[0]), the record \([lot.amount, lot.reversed])")
                }
            }
        }
        if !flaws.isEmpty { throw fail("order \(purchase.id)", flaws) }
    }

    // MARK: Tiers

    /// A member's tier is what the history says, on the profile too, and nothing that the member did waits to lift it.
    func auditTier(of member: Int64, _ operation: String) async throws {
        let now = clock.now
        let flaws = try await platform.store.read { connection -> [String] in
            guard let published = try TierLadders.current(connection), try TierReview.isOpen(member, connection),
                let row = try TierRow.load([member], locking: false, connection).first
            else { return [] }
            var flaws: [String] = []
            let history = try connection.query(
                "SELECT number, to_tier FROM tier_history WHERE member_id = \(member) ORDER BY number"
            ).map { (number: try $0.int(0), tier: try $0.text(1)) }
            if history.map(\.number) != Array(1...max(row.state.changes, 1)) {
                flaws.append("member \(member): \(history.count) changes are written of \(row.state.changes)")
            }
            if history.last?.tier != row.state.tier {
                flaws.append("member \(member): is \(row.state.tier), the history ends at \(history.last?.tier ?? "")")
            }
            let profile = try MemberTiers.tier(ofProfile: row.profile, connection)
            if profile != row.state.tier {
                flaws.append("member \(member): is \(row.state.tier), the profile says \(profile ?? "nothing")")
            }
            guard row.ladder == published.version else { return flaws }
            var batch = try TierBatch([member], published, at: now, locking: false, connection)
            guard batch.courses.allSatisfy({ $0.due.map { $0 > now } ?? true }) else { return flaws }
            batch.bringUpToDate()
            for change in batch.courses.flatMap(\.changes) {
                flaws.append("member \(member): \(change.to) is due (\(change.cause)) and was not given")
            }
            return flaws
        }
        if !flaws.isEmpty { throw fail(operation, flaws) }
    }

    // MARK: Coupons

    /// No limit is exceeded: counted from the uses, not from the counters.
    func auditCoupons(_ operation: String) async throws {
        let limits = couponLimits
        let flaws = try await platform.store.read { connection -> [String] in
            var flaws: [String] = []
            for (definition, most) in limits.sorted(by: { $0.key < $1.key }) {
                let used =
                    try connection.first(
                        """
                        SELECT count(*) FROM coupon_uses WHERE definition_id = \(definition)
                        AND state IN ('locked', 'redeemed')
                        """)?.int(0) ?? 0
                if used > most { flaws.append("coupons of \(definition): \(used) uses, \(most) are allowed") }
            }
            let over = try connection.query(
                "SELECT code, uses FROM coupons WHERE kind = 'shared' AND uses_max IS NOT NULL AND uses > uses_max")
            for row in over { flaws.append("code \(try row.text(0)): \(try row.int(1)) uses are too many") }
            return flaws
        }
        if !flaws.isEmpty { throw fail(operation, flaws) }
    }

    // MARK: Everything

    /// Statements of some members as anybody would verify them (docs/verify-statement.py).
    mutating func verifyStatements() async throws {
        for _ in 0..<Self.statements {
            let account = members[random.whole(0...members.count - 1)].account
            let rows = try await platform.store.read { connection in
                try connection.query(
                    """
                    SELECT document, hash FROM points_transactions WHERE account_id = \(account) ORDER BY sequence
                    """
                ).map { (text: try $0.text(0), hash: try $0.text(1)) }
            }
            var previous = PointsTransaction.firstHash
            for (place, row) in rows.enumerated() {
                let document = try JSONValue(parsing: row.text)
                let sum = document["entries"]?.arrayValue?.reduce(0) { $0 + ($1["amount"]?.intValue ?? 0) }
                guard Digest.sha256(Array("\(previous)\n\(row.text)".utf8)) == row.hash, sum == 0,
                    document["sequence"]?.intValue == Int64(place + 1)
                else { throw fail("statement", ["transaction \(place + 1) of \(account) does not verify"]) }
                previous = row.hash
            }
        }
    }

    private static let statements = 20

    func verifyProgram() async throws {
        for purchase in purchases.suffix(Self.purchasesLooked) where purchase.underway == 0 {
            try await audit(purchase)
        }
        let coupons = try await CouponVerification.run(platform)
        if !coupons.flaws.isEmpty { throw fail("verification of coupons", coupons.flaws) }
        try await auditCoupons("verification of coupons")
        let open = members.filter { !$0.isGone }
        for member in open.prefix(Self.tiersLooked) { try await auditTier(of: member.account, "verification of tiers") }
        let failed = try await platform.store.read { connection in
            try connection.query(
                """
                SELECT kind, result FROM jobs WHERE result LIKE '%"error"%' AND result NOT LIKE '%Crash%'
                AND result NOT LIKE '%gave_up%'
                """
            ).map { "\(try $0.text(0)): \(try $0.textOrNil(1) ?? "")" }
        }
        if !failed.isEmpty { throw fail("jobs", failed) }
    }

    private static let purchasesLooked = 2_000
    private static let tiersLooked = 2_000
}
