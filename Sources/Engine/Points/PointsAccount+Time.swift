/// What time brings about, in the order in which it falls due: a hold times out, then pending points are released, then
/// what lapses lapses; notices come last. A night that was missed is caught up in the same order, each dated when it
/// was due.
extension PointsAccount {
    private enum Step {
        case timeOut(String)
        case release([Int64], String)
        case lapse([Int64], String)
        case inactivity(String)

        var rank: Int {
            switch self {
            case .timeOut: return 0
            case .release: return 1
            case .lapse: return 2
            case .inactivity: return 3
            }
        }
    }

    /// Brings the account to a moment. Does nothing twice. Throws: `PointsError`.
    package mutating func advance(to now: Timestamp, _ program: PointsProgram) throws {
        try pass(to: now)
        if !isSketch { notice(at: now, program) }
    }

    /// The same without notices. Returns when time has something to do next as things are, or before; nil: never.
    /// Throws: `PointsError`.
    @discardableResult
    mutating func pass(to now: Timestamp) throws -> Timestamp? {
        for _ in 0..<PointsLimits.stepsMax {
            guard let (due, step) = next(until: now) else { return nil }
            guard due <= now else { return due }
            try perform(step, at: due)
        }
        return now
    }

    /// When time has something to do next, notices included; nil: never.
    package func due(_ program: PointsProgram) -> Timestamp? {
        var due = next(until: Timestamp(milliseconds: .min))?.at
        for lot in lots.values where lot.isAvailable {
            guard let moment = noticeTimes(lot, program).map(\.at).min() else { continue }
            due = due.map { min($0, moment) } ?? moment
        }
        return due
    }

    /// The first thing that time has to do, with its lots where it falls due by `end`.
    private func next(until end: Timestamp) -> (at: Timestamp, step: Step)? {
        var best: (at: Timestamp, step: Step)?
        func offer(_ at: Timestamp, _ step: @autoclosure () -> Step) {
            guard let now = best else {
                best = (at, step())
                return
            }
            guard at <= now.at else { return }
            let step = step()
            if at < now.at || step.rank < now.step.rank { best = (at, step) }
        }
        for hold in holds.values.sorted(by: { $0.key < $1.key }) where hold.state == .open {
            offer(hold.until, .timeOut(hold.key))
        }
        for (code, balance) in balances.sorted(by: { $0.key < $1.key }) {
            var (released, lapsed) = (Together(), Together())
            for lot in lots.values where lot.isLeft(of: code) {
                if lot.isPending, let at = lot.availableAt { released.add(lot.number, at, until: end) }
                if let at = lot.expiresAt { lapsed.add(lot.number, at, until: end) }
            }
            if let at = released.at { offer(at, .release(released.lots.sorted(), code)) }
            if let at = lapsed.at { offer(at, .lapse(lapsed.lots.sorted(), code)) }
            if let at = balance.inactiveAt, balance.available > 0 { offer(at, .inactivity(code)) }
        }
        return best
    }

    /// The lots that come first, all at one moment; those of moments that have not come are not collected.
    private struct Together {
        var at: Timestamp?
        var lots: [Int64] = []

        mutating func add(_ lot: Int64, _ moment: Timestamp, until end: Timestamp) {
            if let at, moment > at { return }
            if at != moment {
                at = moment
                lots.removeAll(keepingCapacity: true)
            }
            if moment <= end { lots.append(lot) }
        }
    }

    private func numbers(_ isMeant: (PointsLot) -> Bool) -> [Int64] {
        lots.values.filter(isMeant).map(\.number).sorted()
    }

    private mutating func perform(_ step: Step, at due: Timestamp) throws {
        switch step {
        case .timeOut(let key): try letGo(hold: key, command: nil, as: .timedOut, at: due)
        case .release(let numbers, let currency): try release(numbers, currency, because: "", at: due)
        case .lapse(let numbers, let currency): try lapse(numbers, currency, at: due)
        case .inactivity(let currency):
            let numbers = numbers { $0.currency == currency && $0.isAvailable }
            for number in numbers { lots[number]?.expiresAt = due }
            balances[currency]?.inactiveAt = nil
            try lapse(numbers, currency, at: due)
        }
    }

    /// Zeroes exactly these lots; what is held of them stays held.
    private mutating func lapse(_ numbers: [Int64], _ currency: String, at due: Timestamp) throws {
        var draft = Draft(.expire, currency)
        for number in numbers {
            guard let lot = lots[number] else { continue }
            try move(lot.remaining, lot.isPending ? .pending : .available, .expired, lot: number, &draft)
        }
        post(draft, at: due)
    }

    // MARK: Notices

    private func noticeTimes(_ lot: PointsLot, _ program: PointsProgram) -> [(at: Timestamp, days: Int)] {
        guard let expiry = lot.expiresAt, let currency = program.currencies[lot.currency] else { return [] }
        let from = balance(lot.currency).noticedTo
        return currency.noticeDays.map { (expiry.adding(days: -$0), $0) }.filter { $0.0 > from && $0.0 > lot.earnedAt }
    }

    private mutating func notice(at now: Timestamp, _ program: PointsProgram) {
        var found: [String: [Timestamp: (amount: Int64, days: Int)]] = [:]
        for lot in lots.values where lot.isAvailable && !lot.hasLapsed(at: now) {
            let reached = noticeTimes(lot, program).filter { $0.at <= now }.map(\.days)
            guard let days = reached.min(), let expiry = lot.expiresAt else { continue }
            found[lot.currency, default: [:]][expiry, default: (0, days)].amount += lot.remaining
        }
        for (currency, lapses) in found.sorted(by: { $0.key < $1.key }) {
            for (expiry, notice) in lapses.sorted(by: { $0.key < $1.key }) {
                notices.append(
                    PointsNotice(currency: currency, amount: notice.amount, expiresAt: expiry, days: notice.days))
            }
            balances[currency]?.noticedTo = now
        }
    }

    // MARK: By hand

    /// Lets lots lapse later. Throws: `PointsError`.
    package mutating func extend(
        lots numbers: [Int64], to moment: Timestamp, as command: String, note: [String: String] = [:],
        _ currency: PointsCurrency, at now: Timestamp
    ) throws {
        try checkOpen()
        guard moment > max(now, lastAt) else { throw PointsError.expiryInPast }
        var draft = Draft(.extend, currency.code, key: "extend:\(command)")
        draft.note = note
        for number in numbers {
            guard let lot = lots[number], lot.currency == currency.code else { throw PointsError.lotNotFound(number) }
            guard !lot.isSpent else { throw PointsError.lotEmpty(number) }
            guard lot.expiresAt.map({ $0 < moment }) ?? false else { throw PointsError.expiryNotLater }
            lots[number]?.expiresAt = moment
            draft.lots.insert(number)
        }
        post(draft, at: now)
    }

    /// Brings back what lapsed of a lot, while the currency's days of reinstatement last. Throws: `PointsError`.
    package mutating func reinstate(
        lot number: Int64, _ amount: Int64?, until moment: Timestamp, as command: String, note: [String: String] = [:],
        _ currency: PointsCurrency, at now: Timestamp
    ) throws {
        try checkOpen()
        let now = max(now, lastAt)
        guard let lot = lots[number], lot.currency == currency.code else { throw PointsError.lotNotFound(number) }
        let wanted = amount ?? lot.expired
        guard lot.expired > 0, let lapsed = lot.expiresAt else { throw PointsError.lotEmpty(number) }
        try Self.check(wanted)
        guard wanted <= lot.expired else { throw PointsError.exceedsOriginal(left: lot.expired, wanted: wanted) }
        guard now < lapsed.adding(days: currency.reinstatementDays) else { throw PointsError.reinstatementOver }
        guard moment > now else { throw PointsError.expiryInPast }
        var draft = Draft(.reinstate, currency.code, key: "reinstate:\(command)")
        draft.note = note
        lots[number]?.expiresAt = moment
        lots[number]?.isPending = false
        try move(wanted, .expired, .available, lot: number, &draft)
        try settle([number], at: now, &draft)
        post(draft, at: now)
    }
}
