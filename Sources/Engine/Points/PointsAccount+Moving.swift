/// Points on their way from one account to another: they keep their expiry and their age.
package struct PointsParcel: Sendable, Equatable {
    package var amount: Int64
    package var earnedAt: Timestamp
    package var expiresAt: Timestamp?
}

extension PointsAccount {
    /// Gives available points to another account; `givenToday` is what this one gave before in the same day. The fee
    /// comes on top. Throws: `PointsError`.
    package mutating func give(
        _ amount: Int64, to other: Int64, key: String, givenToday: Int64, note: [String: String] = [:],
        _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) throws -> [PointsParcel] {
        try checkSpending(amount, currency)
        guard other != id else { throw PointsError.transferToSelf }
        guard let policy = currency.transfer else { throw PointsError.transferNotAllowed(currency: currency.code) }
        let left = max(0, policy.dailyMax - givenToday)
        guard amount <= left else { throw PointsError.transferLimit(left: left, wanted: amount) }
        var draft = Draft(.transferOut, currency.code, key: "transfer:\(key)")
        (draft.counterpart, draft.note) = (other, note)
        let fee = policy.fee(of: amount)
        var rest = amount
        var parcels: [PointsParcel] = []
        for share in try shares(of: amount + fee, currency.code) {
            let part = min(rest, share.amount)
            parcels += try send(part, of: share.lot, &draft)
            try move(share.amount - part, .available, .fees, lot: share.lot, &draft)
            rest -= part
        }
        act(currency, calendar, at: now)
        post(draft, at: now)
        return parcels
    }

    /// Lets a part of a lot go to another account; nothing of nothing.
    mutating func send(_ amount: Int64, of number: Int64, _ draft: inout Draft) throws -> [PointsParcel] {
        guard amount > 0, let lot = lots[number] else { return [] }
        try move(amount, .available, .transferred, lot: number, &draft)
        return [PointsParcel(amount: amount, earnedAt: lot.earnedAt, expiresAt: lot.expiresAt)]
    }

    /// Takes in what another account gave. Throws: `PointsError`.
    package mutating func receive(
        _ parcels: [PointsParcel], from other: Int64, key: String, note: [String: String] = [:],
        _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        try checkOpen()
        var draft = Draft(.transferIn, currency.code, key: "transfer_in:\(key)")
        (draft.counterpart, draft.note) = (other, note)
        try take(parcels, source: "transfer", at: now, &draft)
        act(currency, calendar, at: now)
        post(draft, at: now)
    }

    /// Opens a lot for each parcel, available at once; returns their numbers.
    @discardableResult
    mutating func take(
        _ parcels: [PointsParcel], source: String, at now: Timestamp, _ draft: inout Draft
    ) throws -> [Int64] {
        try parcels.map { parcel in
            let lot = openLot(
                PointsLot(
                    number: 0, currency: draft.currency, key: "", amount: parcel.amount, earnedAt: parcel.earnedAt,
                    isPending: false, availableAt: nil, waitsFor: "", expiresAt: parcel.expiresAt, remaining: 0,
                    held: 0, reversed: 0, expired: 0, source: source), &draft)
            try move(parcel.amount, .transferred, .available, lot: lot, &draft)
            try settle([lot], at: max(now, lastAt), &draft)
            return lot
        }
    }

    // MARK: Merging

    /// All that an account has of one currency, on its way to the account of the person it was merged into.
    struct Estate: Equatable {
        var currency: String
        var lots: [PointsLot]
        var holds: [PointsHold]
        var redemptions: [PointsRedemption]
        var owed: Int64
        var earned: Int64
        var inactiveAt: Timestamp?
    }

    /// Empties the account: all lots, holds and redemptions have to be loaded. Throws: `PointsError`.
    mutating func mergeOut(to other: Int64, as merge: String, at now: Timestamp) throws -> [Estate] {
        var estates: [Estate] = []
        for (code, before) in balances.sorted(by: { $0.key < $1.key }) {
            let own = lots.values.filter { $0.currency == code }.sorted { $0.number < $1.number }
            estates.append(
                Estate(
                    currency: code, lots: own,
                    holds: holds.values.filter { $0.currency == code && $0.state == .open }.sorted { $0.key < $1.key },
                    redemptions: redemptions.values.filter { $0.currency == code }.sorted { $0.key < $1.key },
                    owed: before.owed, earned: before.earned, inactiveAt: before.inactiveAt))
            var draft = Draft(.mergeOut, code, key: "merge_out:\(merge):\(code)")
            draft.counterpart = other
            for lot in own {
                try move(lot.remaining, lot.isPending ? .pending : .available, .transferred, lot: lot.number, &draft)
                try move(lot.held, .held, .transferred, lot: lot.number, &draft)
                // From now on a return finds the award with the other account.
                lots[lot.number]?.key = ""
                draft.lots.insert(lot.number)
            }
            try move(-before.owed, .transferred, .owed, lot: 0, &draft)
            balances[code]?.earned = 0
            balances[code]?.inactiveAt = nil
            // Holds that have ended stay where they ended.
            holds = holds.filter { $0.value.currency != code || $0.value.state != .open }
            redemptions = redemptions.filter { $0.value.currency != code }
            post(draft, at: now)
        }
        isClosed = true
        return estates
    }

    /// Takes in what a merged account had, with its expiries, awards, holds and redemptions. Throws: `PointsError`.
    mutating func mergeIn(_ estate: Estate, from other: Int64, as merge: String, at now: Timestamp) throws {
        let code = estate.currency
        var draft = Draft(.mergeIn, code, key: "merge_in:\(merge):\(code)")
        draft.counterpart = other
        var numbers: [Int64: Int64] = [:]
        for lot in estate.lots {
            var empty = lot
            (empty.remaining, empty.held) = (0, 0)
            let number = openLot(empty, &draft)
            numbers[lot.number] = number
            try move(lot.remaining, .transferred, lot.isPending ? .pending : .available, lot: number, &draft)
            try move(lot.held, .transferred, .held, lot: number, &draft)
        }
        func renumbered(_ shares: [PointsShare]) -> [PointsShare] {
            shares.map { share in
                var share = share
                share.lot = numbers[share.lot] ?? 0
                return share
            }
        }
        for var hold in estate.holds {
            hold.shares = renumbered(hold.shares)
            holds[hold.key] = hold
            draft.holds.insert(hold.key)
        }
        for var redemption in estate.redemptions {
            redemption.shares = renumbered(redemption.shares)
            redemptions[redemption.key] = redemption
            draft.redemptions.insert(redemption.key)
        }
        try move(-estate.owed, .owed, .transferred, lot: 0, &draft)
        balances[code, default: PointsBalance()].earned += estate.earned
        if let theirs = estate.inactiveAt {
            let own = balance(code).inactiveAt ?? theirs
            balances[code]?.inactiveAt = max(own, theirs)
        }
        // Whoever of the two owes is repaid by what the other has.
        let usable = lots.values.filter { $0.currency == code && $0.isAvailable }.sorted(by: PointsLot.spendsBefore)
        try settle(usable.map(\.number), at: max(now, lastAt), &draft)
        post(draft, at: now)
    }

    /// Hands back what is left of lots that came by a merge which is undone, with the redemptions that drew on nothing
    /// else. What is held or owed stays. Throws: `PointsError`.
    mutating func mergeBack(
        lots numbers: Set<Int64>, to other: Int64, as merge: String, at now: Timestamp
    ) throws -> [Estate] {
        var estates: [Estate] = []
        for code in balances.keys.sorted() {
            let own = lots.values.filter { numbers.contains($0.number) && $0.currency == code && $0.held == 0 }
                .sorted { $0.number < $1.number }
            guard !own.isEmpty else { continue }
            let going = Set(own.map(\.number))
            let redeemed = redemptions.values.filter {
                $0.currency == code && $0.shares.allSatisfy { going.contains($0.lot) }
            }.sorted { $0.key < $1.key }
            let earned = own.reduce(0) { $0 + ($1.key.isEmpty ? 0 : $1.amount - $1.reversed) }
            estates.append(
                Estate(currency: code, lots: own, holds: [], redemptions: redeemed, owed: 0, earned: earned))
            var draft = Draft(.mergeOut, code, key: "merge_back:\(merge):\(code)")
            draft.counterpart = other
            for lot in own {
                try move(lot.remaining, lot.isPending ? .pending : .available, .transferred, lot: lot.number, &draft)
                lots[lot.number]?.key = ""
                draft.lots.insert(lot.number)
            }
            // Empty shares: the redemption is no longer this account's.
            for redemption in redeemed {
                redemptions[redemption.key]?.shares = []
                redemptions[redemption.key]?.amount = 0
                draft.redemptions.insert(redemption.key)
            }
            balances[code]?.earned -= earned
            post(draft, at: now)
            for redemption in redeemed { redemptions[redemption.key] = nil }
        }
        return estates
    }

    /// Ends the account: whatever it has is the brand's again, what it owes is let go. Throws: `PointsError`.
    package mutating func forfeit(as command: String, note: [String: String] = [:], at now: Timestamp) throws {
        try checkOpen()
        for (code, before) in balances.sorted(by: { $0.key < $1.key }) where !before.isZero {
            var draft = Draft(.forfeit, code, key: "forfeit:\(command):\(code)")
            draft.note = note
            for key in holds.keys.sorted() {
                guard var hold = holds[key], hold.state == .open, hold.currency == code else { continue }
                (hold.state, hold.shares) = (.released, [])
                holds[key] = hold
                draft.holds.insert(key)
            }
            for lot in lots.values.filter({ $0.currency == code && !$0.isSpent }).sorted(by: { $0.number < $1.number })
            {
                let ledger: Ledger = lot.isPending ? .pending : .available
                try move(lot.remaining, ledger, .breakage, lot: lot.number, &draft)
                try move(lot.held, .held, .breakage, lot: lot.number, &draft)
            }
            try move(-before.owed, .breakage, .owed, lot: 0, &draft)
            post(draft, at: now)
        }
        isClosed = true
    }
}
