extension PointsAccount {
    /// Takes back of an award what a return undoes, and no more than the award gave, in this order: from the award's
    /// own lot; what of it lapsed already counts as taken; from other lots; as a debt. How far down that list it goes
    /// is the currency's policy; what it lets go is written down and counts as taken back, so that no later return asks
    /// again. Throws: `PointsError`.
    package mutating func reverse(
        award key: String, _ amount: Int64, as command: String, note: [String: String] = [:],
        _ currency: PointsCurrency, at now: Timestamp
    ) throws {
        guard let lot = lots.values.first(where: { $0.key == key && $0.currency == currency.code }) else {
            throw PointsError.awardNotFound(key)
        }
        try Self.check(amount)
        guard amount <= lot.amount - lot.reversed else {
            throw PointsError.exceedsOriginal(left: lot.amount - lot.reversed, wanted: amount)
        }
        var draft = Draft(.reverse, currency.code, key: "reverse:\(command)")
        (draft.subject, draft.note) = (key, note)
        draft.lots.insert(lot.number)
        var rest = amount
        func part(_ most: Int64) -> Int64 {
            let part = min(rest, most)
            rest -= part
            return part
        }
        if lot.isPending {
            try move(part(lot.remaining), .pending, .issued, lot: lot.number, &draft)
        } else if currency.reversal != .pendingOnly {
            try move(part(lot.remaining), .available, .issued, lot: lot.number, &draft)
        }
        try move(part(lot.expired), .expired, .issued, lot: lot.number, &draft)
        if currency.reversal != .pendingOnly {
            let available = balance(currency.code).available
            for share in try shares(of: min(rest, available), currency.code) {
                try move(part(share.amount), .available, .issued, lot: share.lot, because: lot.number, &draft)
            }
        }
        if currency.reversal == .deficit {
            try move(part(rest), .owed, .issued, lot: lot.number, &draft)
        }
        draft.waived = rest
        lots[lot.number]?.reversed += rest
        post(draft, at: now)
    }

    /// Gives back what was spent, to the lots it came from, the last spent first, with their own expiry. What of it has
    /// lapsed meanwhile lapses at once, unless the currency's days of reinstatement are not over: then it may be spent
    /// until they are. `member`: whose spending of a pool's it undoes. Returns how much came back. Throws: `PointsError`.
    @discardableResult
    package mutating func giveBack(
        redemption key: String, _ amount: Int64?, by member: Int64? = nil, as command: String,
        note: [String: String] = [:], _ currency: PointsCurrency, at now: Timestamp
    ) throws -> Int64 {
        guard var redemption = redemptions[key] else { throw PointsError.redemptionNotFound(key) }
        let left = redemption.amount - redemption.returned
        let wanted = amount ?? left
        try Self.check(wanted)
        guard wanted <= left else { throw PointsError.exceedsOriginal(left: left, wanted: wanted) }
        var draft = Draft(.giveBack, redemption.currency, key: "return:\(command)")
        (draft.subject, draft.counterpart, draft.note) = (key, member, note)
        var rest = wanted
        var returned: [Int64] = []
        for index in redemption.shares.indices.reversed() where rest > 0 {
            let share = redemption.shares[index]
            let part = min(rest, share.amount - share.returned)
            guard part > 0 else { continue }
            try move(part, .redeemed, .available, lot: share.lot, &draft)
            redemption.shares[index].returned += part
            returned.append(share.lot)
            rest -= part
            revive(share.lot, currency, at: max(now, lastAt))
        }
        try settle(returned, at: max(now, lastAt), &draft)
        redemptions[key] = redemption
        draft.redemptions.insert(key)
        post(draft, at: now)
        return wanted
    }

    private mutating func revive(_ number: Int64, _ currency: PointsCurrency, at now: Timestamp) {
        guard let expiry = lots[number]?.expiresAt, expiry <= now else { return }
        let end = expiry.adding(days: currency.reinstatementDays)
        if end > now { lots[number]?.expiresAt = end }
    }

    /// What of an amount is to be taken back in all once `returned` of `whole` came back, rounded down: partial returns
    /// in any split add up to the same, and a full return takes all.
    package static func reversed(of amount: Int64, returned: Int64, whole: Int64) -> Int64 {
        guard whole > 0, returned < whole else { return returned > 0 || whole <= 0 ? amount : 0 }
        guard returned > 0 else { return 0 }
        let product = amount.multipliedFullWidth(by: returned)
        return whole.dividingFullWidth(product).quotient
    }
}
