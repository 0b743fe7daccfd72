extension PointsAccount {
    /// Spends available points: the earliest expiry first, then the oldest. `member`: who spends, of a pool's.
    /// Throws: `PointsError`.
    package mutating func redeem(
        _ amount: Int64, by member: Int64? = nil, key: String, note: [String: String] = [:],
        _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        try spend(.redeem, to: .redeemed, amount, by: member, key: key, note: note, currency, calendar, at: now)
    }

    /// Gives available points to a cause, which `note` names. Throws: `PointsError`.
    package mutating func donate(
        _ amount: Int64, key: String, note: [String: String] = [:], _ currency: PointsCurrency,
        _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        try spend(.donate, to: .donated, amount, key: key, note: note, currency, calendar, at: now)
    }

    private mutating func spend(
        _ kind: PointsTransaction.Kind, to ledger: Ledger, _ amount: Int64, by member: Int64? = nil, key: String,
        note: [String: String], _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        try checkSpending(amount, currency)
        var draft = Draft(kind, currency.code, key: "\(kind.rawValue):\(key)")
        (draft.counterpart, draft.note) = (member, note)
        let shares = try shares(of: amount, currency.code)
        for share in shares { try move(share.amount, .available, ledger, lot: share.lot, &draft) }
        if kind == .redeem {
            redemptions[key] = PointsRedemption(
                key: key, currency: currency.code, amount: amount, at: max(now, lastAt), shares: shares)
            draft.redemptions.insert(key)
        }
        act(currency, calendar, at: now)
        post(draft, at: now)
    }

    func checkSpending(_ amount: Int64, _ currency: PointsCurrency) throws {
        try checkOpen()
        try Self.check(amount)
        guard currency.isSpendable else { throw PointsError.notSpendable(currency: currency.code) }
    }

    // MARK: Holds

    /// Reserves available points until a moment. Throws: `PointsError`.
    package mutating func reserve(
        _ amount: Int64, key: String, until: Timestamp, note: [String: String] = [:], _ currency: PointsCurrency,
        at now: Timestamp
    ) throws {
        try checkSpending(amount, currency)
        let moment = max(now, lastAt)
        guard until > moment, until <= moment.adding(days: PointsLimits.holdDaysMax) else {
            throw PointsError.holdUntil(daysMax: PointsLimits.holdDaysMax)
        }
        guard holds.values.filter({ $0.state == .open }).count < PointsLimits.holdsMax else {
            throw PointsError.tooManyHolds(limit: PointsLimits.holdsMax)
        }
        var draft = Draft(.reserve, currency.code, key: "reserve:\(key)")
        draft.note = note
        let shares = try shares(of: amount, currency.code)
        for share in shares { try move(share.amount, .available, .held, lot: share.lot, &draft) }
        holds[key] = PointsHold(
            key: key, currency: currency.code, amount: amount, captured: 0, shares: shares, until: until, state: .open)
        draft.holds.insert(key)
        post(draft, at: now)
    }

    /// Spends of what is reserved: all, or so much of it; the rest is let go, or with `keepsRest` stays reserved.
    /// The redemption has the capture's own key. Throws: `PointsError`.
    package mutating func capture(
        hold key: String, _ amount: Int64?, keepsRest: Bool, as redemption: String, note: [String: String] = [:],
        _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        var hold = try openHold(key)
        let wanted = amount ?? hold.held
        try Self.check(wanted)
        guard wanted <= hold.held else { throw PointsError.holdTooSmall(held: hold.held, wanted: wanted) }
        var draft = Draft(.capture, hold.currency, key: "capture:\(redemption)")
        (draft.subject, draft.note) = (key, note)
        var rest = wanted
        var spent: [PointsShare] = []
        for (index, share) in hold.shares.enumerated() where rest > 0 {
            let part = min(rest, share.amount)
            try move(part, .held, .redeemed, lot: share.lot, &draft)
            hold.shares[index].amount -= part
            spent.append(PointsShare(lot: share.lot, amount: part))
            rest -= part
        }
        hold.shares.removeAll { $0.amount == 0 }
        hold.captured += wanted
        if !keepsRest || hold.shares.isEmpty {
            try letGo(&hold, as: .captured, at: now, &draft)
        }
        holds[key] = hold
        draft.holds.insert(key)
        redemptions[redemption] = PointsRedemption(
            key: redemption, currency: hold.currency, amount: wanted, at: max(now, lastAt), shares: spent)
        draft.redemptions.insert(redemption)
        act(currency, calendar, at: now)
        post(draft, at: now)
    }

    /// Lets go what is reserved; it returns to its lots with their expiry. Throws: `PointsError`.
    package mutating func letGo(
        hold key: String, command: String?, as state: PointsHold.State = .released, at now: Timestamp
    ) throws {
        var hold = try openHold(key)
        var draft = Draft(.letGo, hold.currency, key: command.map { "let_go:\($0)" })
        draft.subject = key
        try letGo(&hold, as: state, at: now, &draft)
        holds[key] = hold
        draft.holds.insert(key)
        post(draft, at: now)
    }

    private mutating func letGo(
        _ hold: inout PointsHold, as state: PointsHold.State, at now: Timestamp, _ draft: inout Draft
    ) throws {
        for share in hold.shares { try move(share.amount, .held, .available, lot: share.lot, &draft) }
        try settle(hold.shares.map(\.lot), at: max(now, lastAt), &draft)
        hold.shares = []
        hold.state = state
    }

    private func openHold(_ key: String) throws -> PointsHold {
        guard let hold = holds[key] else { throw PointsError.holdNotFound(key) }
        guard hold.state == .open else { throw PointsError.holdEnded(key) }
        return hold
    }
}
