import Engine

/// What a currency does, a sentence for each policy.
struct CurrencySentences {
    let currency: PointsCurrency
    let wording: Wording

    var all: [String] {
        [spending, expiry, notice, pending, reversal, reinstatement, transfer, pooling, byHand, worth].compactMap { $0 }
    }

    /// What members are told: not what the brand may do by hand, nor what it is worth to it.
    var announced: [String] {
        [spending, expiry, notice, pending, reinstatement, transfer, pooling].compactMap { $0 }
    }

    private func amount(_ amount: Int64) -> String {
        PointsWords.amount(amount, scale: currency.scale, wording)
    }

    private var spending: String {
        wording.text(currency.isSpendable ? "points.says_spendable" : "points.says_counts")
    }

    private var expiry: String {
        switch currency.expiry {
        case .never: return wording.text("points.says_never")
        case .rolling(let months): return wording.text("points.says_rolling", count: Int64(months))
        case .inactivity(let months): return wording.text("points.says_inactivity", count: Int64(months))
        case .fixed(let month, let day, let monthsMin):
            return wording.text(
                "points.says_fixed",
                ["day": wording.text("points.day_of_year", ["month": "\(month)", "day": "\(day)"])],
                count: Int64(monthsMin))
        }
    }

    private var notice: String? {
        if case .never = currency.expiry { return nil }
        guard !currency.noticeDays.isEmpty else { return wording.text("points.says_no_notice") }
        let days = currency.noticeDays.map { String($0) }.joined(separator: wording.text("points.and"))
        return wording.text("points.says_notice", ["days": days])
    }

    private var pending: String {
        currency.pendingDays == 0
            ? wording.text("points.says_at_once")
            : wording.text("points.says_pending", count: Int64(currency.pendingDays))
    }

    private var reversal: String { wording.text("points.says_\(currency.reversal.rawValue)") }

    private var reinstatement: String? {
        if case .never = currency.expiry { return nil }
        return currency.reinstatementDays == 0
            ? wording.text("points.says_gone")
            : wording.text("points.says_reinstatement", count: Int64(currency.reinstatementDays))
    }

    private var transfer: String? {
        guard currency.isSpendable else { return nil }
        guard let transfer = currency.transfer else { return wording.text("points.says_no_transfer") }
        let most = amount(transfer.dailyMax)
        guard transfer.feeBasisPoints > 0 else { return wording.text("points.says_transfer", ["most": most]) }
        let fee = wording.percent(Double(transfer.feeBasisPoints) / 10_000, digits: 2)
        return wording.text("points.says_transfer_fee", ["most": most, "fee": fee])
    }

    private var pooling: String? {
        currency.isPoolable ? wording.text("points.says_pool") : nil
    }

    private var byHand: String {
        switch (currency.adjustmentMax, currency.approvalAbove) {
        case (let most?, let above?):
            return wording.text("points.says_by_hand_both", ["most": amount(most), "above": amount(above)])
        case (let most?, nil): return wording.text("points.says_by_hand_most", ["most": amount(most)])
        case (nil, let above?): return wording.text("points.says_by_hand_approval", ["above": amount(above)])
        case (nil, nil): return wording.text("points.says_by_hand")
        }
    }

    private var worth: String? {
        currency.valuePerThousand.map { wording.text("points.says_worth", ["money": wording.money($0)]) }
    }
}
