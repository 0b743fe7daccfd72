import Storage

/// What points are worth at the till: `value_per_thousand` of their currency, rounded down, in money of the workspace.
package struct TillPoints: Sendable, Equatable {
    package var currency: PointsCurrency
    package var available: Int64
    /// As many as the goods at hand take.
    package var most: Int64
    package var worth: Int64

    private static func worth(_ points: Int64, _ rate: Int64) -> Int64 {
        CouponMath.scaled(points, rate, 1_000, roundsHalfUp: false)
    }

    /// So many points that they are worth the goods as nearly as can be, and none is wasted.
    static func most(_ available: Int64, rate: Int64, goods: Int64) -> Int64 {
        guard rate > 0, goods > 0 else { return 0 }
        let floor = CouponMath.scaled(goods, 1_000, rate, roundsHalfUp: false)
        let next = worth(floor + 1, rate) <= goods ? floor + 1 : floor
        let most = min(available, next)
        return worth(most, rate) > 0 ? most : 0
    }

    /// For each currency that can be spent here: what there is, and how much of it the goods take.
    static func spendable(
        _ balances: [String: PointsBalance], _ bill: TillBill, _ workspace: Workspace, _ program: PointsProgram
    ) -> [TillPoints] {
        guard bill.currency == workspace.currency else { return [] }
        return program.currencies.values.sorted { $0.code < $1.code }.compactMap { currency in
            guard currency.isSpendable, let rate = currency.valuePerThousand, rate > 0 else { return nil }
            let available = max(balances[currency.code]?.available ?? 0, 0)
            let most = most(available, rate: rate, goods: bill.paid)
            return TillPoints(currency: currency, available: available, most: most, worth: worth(most, rate))
        }
    }

    /// Lets the points pay. Whether they are there is the ledger's to say. Throws: `TillError`, `PointsError`.
    static func pay(
        _ spending: Till.Spending, _ bill: inout TillBill, _ workspace: Workspace, _ program: PointsProgram
    ) throws {
        let currency = try program.currency(spending.currency)
        guard bill.currency == workspace.currency else { throw TillError.foreignCurrency(bill.currency) }
        guard currency.isSpendable else { throw PointsError.notSpendable(currency: currency.code) }
        guard let rate = currency.valuePerThousand, rate > 0 else { throw TillError.noRate(currency: currency.code) }
        guard (1...PointsLimits.amountMax).contains(spending.amount) else {
            throw PointsError.amount(spending.amount, limit: PointsLimits.amountMax)
        }
        let worth = worth(spending.amount, rate)
        guard worth > 0 else { throw TillError.worthless }
        guard worth <= bill.paid else {
            throw TillError.tooManyPoints(most: most(Int64.max / 2, rate: rate, goods: bill.paid))
        }
        guard !spending.isOfPool || spending.hold == nil else { throw TillError.poolHold }
        bill.pay(currency.code, points: spending.amount, worth: worth, isOfPool: spending.isOfPool)
    }
}
