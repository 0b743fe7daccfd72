import Storage

extension TierFacts {
    /// Who facts are read of, and from when on they matter.
    struct Wanted: Sendable {
        var member: Int64
        var profile: Int64
        var joined: Timestamp
        var since: Timestamp
    }

    /// In the order of `wanted`. Throws: `StorageError`.
    static func load(
        _ wanted: [Wanted], _ ladder: TierLadder, currency: String, _ connection: any SQLConnection
    ) throws -> [TierFacts] {
        var facts = wanted.map { TierFacts(joined: $0.joined) }
        let kinds = Set(ladder.indicators.map(\.kind))
        if kinds.contains(NetSpend.kind) || kinds.contains(OrderCount.kind) {
            let rows = try connection.queryMany(
                """
                SELECT order_id, ordered_ms, currency, gross, CASE WHEN refunded > 0 OR status = 'cancelled' THEN state
                    ELSE '' END
                FROM orders WHERE profile_id = ? AND ordered_ms >= ? AND status IN
                    ('completed', 'partially_refunded', 'refunded', 'cancelled') ORDER BY ordered_ms, order_id
                """, wanted.map { [.integer($0.profile), .integer($0.since.milliseconds)] })
            for (index, rows) in rows.enumerated() {
                facts[index].orders = try rows.compactMap { try order($0, currency: currency) }
            }
        }
        let currencies = Set(ladder.currencies)
        if !currencies.isEmpty {
            // A lot without a key was earned by another account, which counts it, or will when a merge moves it.
            let rows = try connection.queryMany(
                """
                SELECT currency, earned_ms, amount - reversed FROM points_lots
                WHERE account_id = ? AND earned_ms >= ? AND lot_key <> '' ORDER BY lot
                """, wanted.map { [.integer($0.member), .integer($0.since.milliseconds)] })
            for (index, rows) in rows.enumerated() {
                for row in rows {
                    let code = try row.text(0)
                    guard currencies.contains(code) else { continue }
                    facts[index].earnings[code, default: []].append(
                        TierEarning(at: Timestamp(milliseconds: try row.int(1)), amount: try row.int(2)))
                }
            }
        }
        if kinds.contains(RFMScore.kind) {
            let rows = try connection.queryMany(
                "SELECT rfm_r + rfm_f + rfm_m FROM profiles WHERE id = ?", wanted.map { [.integer($0.profile)] })
            for (index, rows) in rows.enumerated() { facts[index].rfm = try rows.first?.int(0) ?? 0 }
        }
        return facts
    }

    /// nil of an order in another currency than the workspace's, which counts nowhere.
    private static func order(_ row: SQLRow, currency: String) throws -> TierOrder? {
        guard try row.text(2) == currency else { return nil }
        var order = TierOrder(
            id: try row.text(0), at: Timestamp(milliseconds: try row.int(1)), gross: try row.int(3))
        let text = try row.text(4)
        guard !text.isEmpty else { return order }
        order.returns = TierOrder.returns(of: try OrderState(parsing: text), currency: currency)
        return order
    }
}

extension TierOrder {
    /// As its state tells it; nil of one that was never completed, or in another currency than the workspace's, which
    /// counts nowhere.
    init?(_ id: String, _ state: OrderState, currency: String) {
        guard let completed = state.completedMS, state.fields.currency ?? currency == currency else { return nil }
        self.init(
            id: id, at: Timestamp(milliseconds: completed), gross: state.gross(currency: currency),
            returns: state.hasChanges ? Self.returns(of: state, currency: currency) : [])
    }

    /// What was left after each return, and after the cancellation.
    static func returns(of state: OrderState, currency: String) -> [Standing] {
        var past = state
        (past.refunds, past.cancelledMS) = ([:], nil)
        var moments = Set(state.refunds.values.map(\.version.ms))
        if let cancelled = state.cancelledMS { moments.insert(cancelled) }
        return moments.sorted().map { moment in
            past.refunds = state.refunds.filter { $0.value.version.ms <= moment }
            past.cancelledMS = state.cancelledMS.flatMap { $0 <= moment ? $0 : nil }
            let summary = past.summary(currency: currency)
            return Standing(
                at: Timestamp(milliseconds: moment), net: summary.netWorkspace, counts: summary.status.counts)
        }
    }
}
