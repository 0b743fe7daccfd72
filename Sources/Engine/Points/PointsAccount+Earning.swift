/// What one award gives.
package struct PointsAward: Sendable, Equatable {
    /// Natural key: order, line and rule, say. A return names it.
    package var key: String
    package var amount: Int64
    /// nil: after the currency's pending days.
    package var availableAt: Timestamp?
    /// An event that releases it: `delivery:ORDER-17`. Empty: time alone does.
    package var waitsFor: String
    /// nil: by the currency's rule.
    package var expiresAt: Timestamp?
    package var source: String
    package var note: [String: String]
    /// Of what was earned elsewhere, when; nil: now.
    package var earnedAt: Timestamp?

    package init(
        key: String, amount: Int64, availableAt: Timestamp? = nil, waitsFor: String = "", expiresAt: Timestamp? = nil,
        source: String = "", note: [String: String] = [:], earnedAt: Timestamp? = nil
    ) {
        self.key = key
        self.amount = amount
        self.availableAt = availableAt
        self.waitsFor = waitsFor
        self.expiresAt = expiresAt
        self.source = source
        self.note = note
        self.earnedAt = earnedAt
    }
}

extension PointsAccount {
    /// Gives points for something done. Throws: `PointsError`.
    package mutating func award(
        _ award: PointsAward, _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        try credit(.award, from: .issued, award, currency, calendar, at: now)
    }

    /// Brings along what a member had elsewhere; call once for each lot. Throws: `PointsError`.
    package mutating func open(
        _ balance: PointsAward, _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        try credit(.open, from: .opening, balance, currency, calendar, at: now)
    }

    /// Gives or, below zero, takes by hand. Never takes more than is available. Throws: `PointsError`.
    package mutating func adjust(
        _ amount: Int64, key: String, note: [String: String], isApproved: Bool = false, _ currency: PointsCurrency,
        _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        if let most = currency.adjustmentMax, amount.magnitude > UInt64(most) {
            throw PointsError.adjustmentLimit(most)
        }
        if let above = currency.approvalAbove, !isApproved, amount.magnitude > UInt64(above) {
            throw PointsError.needsApproval(above: above)
        }
        if amount > 0 {
            let award = PointsAward(key: key, amount: amount, availableAt: now, source: "adjustment", note: note)
            return try credit(.adjust, from: .adjusted, award, currency, calendar, at: now)
        }
        try checkOpen()
        try Self.check(amount == .min ? .max : -amount)
        var draft = Draft(.adjust, currency.code, key: "adjust:\(key)")
        draft.note = note
        for share in try shares(of: -amount, currency.code) {
            try move(share.amount, .available, .adjusted, lot: share.lot, &draft)
        }
        post(draft, at: now)
    }

    private mutating func credit(
        _ kind: PointsTransaction.Kind, from ledger: Ledger, _ award: PointsAward, _ currency: PointsCurrency,
        _ calendar: LocalCalendar, at now: Timestamp
    ) throws {
        try checkOpen()
        try Self.check(award.amount)
        let moment = max(now, lastAt)
        var availableAt = award.availableAt
        if availableAt == nil, award.waitsFor.isEmpty, kind == .award, currency.pendingDays > 0 {
            availableAt = calendar.start(ofDay: calendar.day(of: moment) + Int64(currency.pendingDays))
        }
        let isPending = !award.waitsFor.isEmpty || availableAt.map { $0 > moment } ?? false
        let earned = min(award.earnedAt ?? moment, moment)
        let expiresAt = award.expiresAt ?? currency.expiry.lapse(earned: earned, calendar)
        guard expiresAt.map({ $0 > moment }) ?? true else { throw PointsError.expiryInPast }
        var draft = Draft(kind, currency.code, key: isSketch ? nil : "\(kind.rawValue):\(award.key)")
        draft.note = award.note
        let lot = openLot(
            PointsLot(
                number: 0, currency: currency.code, key: award.key, amount: award.amount, earnedAt: earned,
                isPending: isPending, availableAt: isPending ? availableAt : nil, waitsFor: award.waitsFor,
                expiresAt: expiresAt, remaining: 0, held: 0, reversed: 0, expired: 0, source: award.source),
            &draft)
        try move(award.amount, ledger, isPending ? .pending : .available, lot: lot, &draft)
        if !isPending { try settle([lot], at: moment, &draft) }
        act(currency, calendar, at: now)
        post(draft, at: now)
    }

    /// What waited for an event may be spent. Returns how many lots did; none is no error. Throws: `PointsError`.
    @discardableResult
    package mutating func release(waitingFor event: String, at now: Timestamp) throws -> Int {
        let waiting = lots.values.filter { $0.isPending && $0.remaining > 0 && $0.waitsFor == event }
        for (currency, lots) in Dictionary(grouping: waiting, by: \.currency).sorted(by: { $0.key < $1.key }) {
            try release(lots.map(\.number).sorted(), currency, because: event, at: now)
        }
        return waiting.count
    }

    mutating func release(_ numbers: [Int64], _ currency: String, because: String, at now: Timestamp) throws {
        var draft = Draft(.release, currency)
        draft.subject = because
        for number in numbers {
            guard let lot = lots[number] else { continue }
            try move(lot.remaining, .pending, .available, lot: number, &draft)
            lots[number]?.isPending = false
        }
        try settle(numbers, at: now, &draft)
        post(draft, at: now)
    }
}
