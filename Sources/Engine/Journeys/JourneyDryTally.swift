/// Adds up what a dry run comes to. Pure.
struct JourneyDryTally {
    private let calendar: LocalCalendar
    private let caps: [MessagePolicy.Cap]
    private let terms: JourneyDryTerms
    private var total: JourneyDryOutcome.Figures
    private var days: [Int64: JourneyDryOutcome.Figures] = [:]
    private var gifts: [Gift] = []
    private(set) var walked: Int64 = 0
    private(set) var people: Int64 = 0

    private struct Gift {
        var effect: JourneyEffect
        var at: Timestamp
        var isMember: Bool
        /// Of this coupon: how many the person was given otherwise.
        var had: Int64

        /// Points, or one coupon.
        var amount: Int64 {
            if case .points(_, let amount) = effect.deed { return amount }
            return 1
        }
    }

    init(_ caps: [MessagePolicy.Cap], _ terms: JourneyDryTerms, _ calendar: LocalCalendar) {
        self.calendar = calendar
        self.caps = caps
        self.terms = terms
        total = JourneyDryOutcome.Figures(caps: caps.count)
    }

    /// One person with all of their entries.
    mutating func add(
        entries: Int, _ deeds: [JourneyDryWalk.Deed], _ verdicts: [JourneyDryPolicy.Verdict], _ person: JourneyDryPerson
    ) {
        walked += Int64(entries)
        people += 1
        let caps = caps
        for verdict in verdicts { note(verdict.plannedAt) { $0.note(verdict, caps) } }
        for deed in deeds {
            switch deed.effect.deed {
            case .points: gifts.append(Gift(effect: deed.effect, at: deed.at, isMember: person.isMember, had: 0))
            case .coupon(let id):
                gifts.append(
                    Gift(
                        effect: deed.effect, at: deed.at, isMember: person.isMember, had: person.coupons[id] ?? 0))
            default: break
            }
        }
    }

    /// The whole, for all entries.
    func outcome(of entries: Int64, _ range: ClosedRange<Int64>) -> JourneyDryOutcome {
        var tally = self
        tally.give(entries)
        var outcome = JourneyDryOutcome()
        (outcome.walked, outcome.walkedPeople, outcome.entries) = (walked, people, entries)
        outcome.caps = caps
        outcome.total = priced(tally.total, entries)
        outcome.days = range.map { day in
            let figures = tally.days[day] ?? JourneyDryOutcome.Figures(caps: caps.count)
            return JourneyDryOutcome.Day(day: day, figures: priced(figures, entries))
        }
        return outcome
    }

    private func priced(_ figures: JourneyDryOutcome.Figures, _ entries: Int64) -> JourneyDryOutcome.Figures {
        var figures = walked > 0 && walked < entries ? figures.scaled(entries, over: walked) : figures
        figures.cost = terms.cost(of: figures)
        return figures
    }

    private mutating func note(_ at: Timestamp, _ body: (inout JourneyDryOutcome.Figures) -> Void) {
        body(&total)
        let day = calendar.day(of: at)
        var figures = days[day] ?? JourneyDryOutcome.Figures(caps: caps.count)
        body(&figures)
        days[day] = figures
    }

    // MARK: Gifts

    private struct Given {
        /// By node.
        var budgets: [String: Int64] = [:]
        var coupons: [Int64: Int64] = [:]
        /// By coupon and person.
        var people: [Int64: [Int64: Int64]] = [:]
    }

    /// In order of time over all people, as long as budgets and limits last; they are asked in proportion to a sample.
    private mutating func give(_ entries: Int64) {
        var given = Given()
        for gift in gifts.sorted(by: { ($0.at, $0.effect.profile) < ($1.at, $1.effect.profile) }) {
            let amount = gift.amount
            if let reason = refusal(gift, given, entries) {
                note(gift.at) { $0.refused[reason, default: 0] += 1 }
                continue
            }
            given.budgets[gift.effect.node, default: 0] += amount
            switch gift.effect.deed {
            case .points(let currency, _): note(gift.at) { $0.points[currency, default: 0] += amount }
            case .coupon(let id):
                given.coupons[id, default: 0] += 1
                given.people[id, default: [:]][gift.effect.profile, default: 0] += 1
                note(gift.at) { $0.coupons[id, default: 0] += 1 }
            default: break
            }
        }
    }

    /// Why a gift is refused, by the words that `JourneyGiving` notes; nil: it is given.
    private func refusal(_ gift: Gift, _ given: Given, _ entries: Int64) -> String? {
        func exceeds(_ count: Int64, _ most: Int64) -> Bool {
            walked > 0 && Shares.of(count, times: max(entries, walked), over: walked) > most
        }
        let most = gift.effect.gift?.most ?? 0
        if most > 0, exceeds((given.budgets[gift.effect.node] ?? 0) + gift.amount, most) { return "budget" }
        switch gift.effect.deed {
        case .points(let currency, _):
            if !gift.isMember { return "no_member" }
            return terms.currencies[currency] == nil ? "unknown_currency" : nil
        case .coupon(let id):
            guard let coupon = terms.coupons[id], coupon.isActive else { return "coupon_ended" }
            if let left = coupon.remaining, exceeds((given.coupons[id] ?? 0) + 1, left) { return "issue_limit" }
            let had = gift.had + (given.people[id]?[gift.effect.profile] ?? 0)
            return coupon.perPerson.map { had >= $0 } ?? false ? "person_limit" : nil
        default: return nil
        }
    }
}

extension JourneyDryOutcome.Figures {
    fileprivate mutating func note(_ verdict: JourneyDryPolicy.Verdict, _ caps: [MessagePolicy.Cap]) {
        messages += 1
        switch verdict.fate {
        case .left: left[verdict.channel, default: 0] += 1
        case .heldBack(let reason): heldBack[reason, default: 0] += 1
        case .waiting: waiting += 1
        }
        if verdict.isDeferred { deferred += 1 }
        if verdict.isRerouted, verdict.fate == .left { rerouted += 1 }
        for cap in verdict.caps {
            if let place = caps.firstIndex(of: cap) { capped[place] += 1 }
        }
    }

    fileprivate func scaled(_ entries: Int64, over walked: Int64) -> Self {
        func all(_ count: Int64) -> Int64 { Shares.of(count, times: entries, over: walked) }
        var figures = self
        figures.left = left.mapValues(all)
        figures.heldBack = heldBack.mapValues(all)
        figures.capped = capped.map(all)
        (figures.deferred, figures.rerouted, figures.waiting) = (all(deferred), all(rerouted), all(waiting))
        figures.points = points.mapValues(all)
        figures.coupons = coupons.mapValues(all)
        figures.refused = refused.mapValues(all)
        // What became of them adds up to them, also after rounding.
        figures.messages = figures.leftInAll + figures.heldBackInAll + figures.waiting
        return figures
    }
}
