/// Points on their way into a pool, out of it again, and through a member's statement when they are spent.
extension PointsAccount {
    /// A member puts available points into a pool: of these lots, or in spending order. Throws: `PointsError`.
    package mutating func contribute(
        _ amount: Int64, of chosen: [PointsShare]? = nil, to pool: Int64, as command: String,
        note: [String: String] = [:], _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) throws -> [PointsParcel] {
        try checkSpending(amount, currency)
        var draft = Draft(.poolGive, currency.code, key: "pool_give:\(command)")
        (draft.counterpart, draft.note) = (pool, note)
        var parcels: [PointsParcel] = []
        for share in try chosen ?? shares(of: amount, currency.code) {
            parcels += try send(share.amount, of: share.lot, &draft)
        }
        act(currency, calendar, at: now)
        post(draft, at: now)
        return parcels
    }

    /// The pool takes in what a member put into it; returns the lots it lies in. Throws: `PointsError`.
    package mutating func takeIn(
        _ parcels: [PointsParcel], from member: Int64, as command: String, note: [String: String] = [:],
        _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) throws -> [Int64] {
        try checkOpen()
        var draft = Draft(.poolTake, currency.code, key: "pool_take:\(command)")
        (draft.counterpart, draft.note) = (member, note)
        let lots = try take(parcels, source: "pool", at: now, &draft)
        act(currency, calendar, at: now)
        post(draft, at: now)
        return lots
    }

    /// The pool lets go what is left of lots to the member who put them in; one transaction for each currency, none
    /// where nothing is left. Throws: `PointsError`.
    package mutating func handBack(
        _ numbers: Set<Int64>, to member: Int64, as command: String, at now: Timestamp
    ) throws -> [(currency: String, parcels: [PointsParcel])] {
        let own = lots.values.filter { numbers.contains($0.number) && $0.isAvailable }
        var handed: [(currency: String, parcels: [PointsParcel])] = []
        for (code, lots) in Dictionary(grouping: own, by: \.currency).sorted(by: { $0.key < $1.key }) {
            var draft = Draft(.poolReturn, code, key: "pool_return:\(command):\(code)")
            draft.counterpart = member
            var parcels: [PointsParcel] = []
            for lot in lots.sorted(by: { $0.number < $1.number }) {
                parcels += try send(lot.remaining, of: lot.number, &draft)
            }
            post(draft, at: now)
            handed.append((code, parcels))
        }
        return handed
    }

    /// The member has back what is left of what they put in. Throws: `PointsError`.
    package mutating func takeBack(
        _ parcels: [PointsParcel], from pool: Int64, as command: String, _ currency: PointsCurrency,
        _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        try checkOpen()
        var draft = Draft(.poolBack, currency.code, key: "pool_back:\(command):\(currency.code)")
        draft.counterpart = pool
        try take(parcels, source: "pool", at: now, &draft)
        act(currency, calendar, at: now)
        post(draft, at: now)
    }

    /// The member spent of a pool, or gave such a spending back: their own statement shows it, their balance stays.
    /// Throws: `PointsError`.
    package mutating func witness(
        _ kind: PointsTransaction.Kind, _ amount: Int64, of pool: Int64, redemption: String, as command: String,
        note: [String: String] = [:], _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        precondition(kind.isPassing, "only what passes through is witnessed")
        if kind == .poolSpend { try checkOpen() }
        var draft = Draft(kind, currency.code, key: "\(kind.rawValue):\(command)")
        (draft.subject, draft.counterpart, draft.note) = (redemption, pool, note)
        try move(amount, .transferred, .transferred, lot: 0, &draft)
        if kind == .poolSpend { act(currency, calendar, at: now) }
        post(draft, at: now)
    }

    /// Ends what is left of lots that nobody can have any more. Throws: `PointsError`.
    package mutating func forfeit(lots numbers: Set<Int64>, as command: String, at now: Timestamp) throws {
        let own = lots.values.filter { numbers.contains($0.number) && $0.isAvailable }
        for (code, lots) in Dictionary(grouping: own, by: \.currency).sorted(by: { $0.key < $1.key }) {
            var draft = Draft(.forfeit, code, key: "forfeit:\(command):\(code)")
            for lot in lots.sorted(by: { $0.number < $1.number }) {
                try move(lot.remaining, .available, .breakage, lot: lot.number, &draft)
            }
            post(draft, at: now)
        }
    }
}
