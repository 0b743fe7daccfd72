/// One person's history run through a program, in memory: what would have been earned, taken back, spent and lapsed.
///
/// Pure. Orders count as they ended up, from when they were completed; what came back does so when it did. Conditions on
/// members and tiers are asked of the person as they are now. What was really spent is spent as far as there is
/// something. Caps and budgets over all members fill up person by person, not in the order of time.
package struct ProgramReplay {
    /// What happened, oldest first once sorted.
    struct History: Sendable {
        var profileID: Int64
        var account: Int64
        var since: Timestamp
        var tier: String?
        var subject: CriteriaSubject
        var orders: [(id: String, state: OrderState)] = []
        var events: [CriteriaEvent] = []
        var redemptions: [(at: Timestamp, currency: String, amount: Int64)] = []
    }

    /// What came of it in one currency.
    package struct Figures: Sendable, Equatable, Codable {
        package var issued: Int64 = 0
        package var takenBack: Int64 = 0
        package var redeemed: Int64 = 0
        package var expired: Int64 = 0
        /// What the brand owes in the end, pending or available, less what is owed to it.
        package var outstanding: Int64 = 0

        private enum CodingKeys: String, CodingKey {
            case issued, redeemed, expired, outstanding
            case takenBack = "taken_back"
        }

        package var net: Int64 { issued - takenBack }

        static func += (left: inout Figures, right: Figures) {
            left.issued += right.issued
            left.takenBack += right.takenBack
            left.redeemed += right.redeemed
            left.expired += right.expired
            left.outstanding += right.outstanding
        }
    }

    let rules: EarningRuleSet
    let benefits: EarningBenefits
    let backdatedDays: Int64
    let ledger: PointsProgram
    let workspace: Workspace
    /// Facts before this day are not looked at.
    let fromDay: Int64
    let until: Timestamp

    private enum Moment {
        case order(Int)
        case change(Int)
        case event(Int)
        case redemption(Int)

        var rank: Int {
            switch self {
            case .order: return 0
            case .event: return 1
            case .redemption: return 2
            case .change: return 3
            }
        }
    }

    private struct Run {
        var account: PointsAccount
        /// By order: what was given, by award key.
        var grants: [String: [Grant]] = [:]

        /// What the ledger refuses changes nothing. Returns whether it took it.
        mutating func attempt(_ body: (inout PointsAccount) throws -> Void) -> Bool {
            var changed = account
            do { try body(&changed) } catch { return false }
            account = changed
            return true
        }
    }

    private struct Grant {
        var line: String
        var key: String
        var currency: String
        var points: Int64
        var taken: Int64 = 0
    }

    /// `uses` has the counts over all members and is brought up to date. Throws: `PointsError` of a broken account.
    func run(_ history: History, _ uses: inout EarningUses) throws -> [String: Figures] {
        var run = Run(account: PointsAccount(id: history.account))
        for (at, moment) in moments(history) {
            try run.account.advance(to: at, ledger)
            switch moment {
            case .order(let place): give(order(history, place, at), history.orders[place].state, &run, &uses)
            case .event(let place): give(event(history, place, at), nil, &run, &uses)
            case .change(let place): takeBack(history.orders[place], at, &run)
            case .redemption(let place): redeem(history.redemptions[place], at, &run)
            }
        }
        try run.account.advance(to: until, ledger)
        return figures(run.account)
    }

    private func moments(_ history: History) -> [(Timestamp, Moment)] {
        var moments: [(Timestamp, Moment)] = []
        let first = workspace.calendar.start(ofDay: fromDay)
        for (place, order) in history.orders.enumerated() {
            guard let completed = order.state.completedMS else { continue }
            let at = Timestamp(milliseconds: completed)
            guard at >= first, at <= until else { continue }
            moments.append((at, .order(place)))
            let changes = order.state.refunds.values.map(\.version.ms) + [order.state.cancelledMS].compactMap(\.self)
            for change in Set(changes) {
                moments.append((max(at, min(Timestamp(milliseconds: change), until)), .change(place)))
            }
        }
        for (place, event) in history.events.enumerated() where event.time >= first && event.time <= until {
            moments.append((event.time, .event(place)))
        }
        for (place, redemption) in history.redemptions.enumerated() where redemption.at >= first {
            moments.append((redemption.at, .redemption(place)))
        }
        return moments.sorted { ($0.0.milliseconds, $0.1.rank) < ($1.0.milliseconds, $1.1.rank) }
    }

    private func order(_ history: History, _ place: Int, _ at: Timestamp) -> EarningFacts {
        let order = history.orders[place]
        var facts = facts(history, key: "order:" + order.id, at)
        let earlier = history.orders.contains {
            $0.state.completedMS ?? .max < at.milliseconds
                && $0.state.summary(currency: workspace.currency).status.counts
        }
        facts.order = EarningOrder(id: order.id, order.state, currency: workspace.currency, isFirst: !earlier)
        return facts
    }

    private func event(_ history: History, _ place: Int, _ at: Timestamp) -> EarningFacts {
        var facts = facts(history, key: "event:\(history.events[place].position)", at)
        facts.event = history.events[place]
        return facts
    }

    private func facts(_ history: History, key: String, _ at: Timestamp) -> EarningFacts {
        EarningFacts(
            key: key, time: at,
            member: EarningMember(
                account: history.account, since: history.since, tier: history.tier, benefit: benefits.of(history.tier)),
            subject: history.subject,
            clock: CriteriaClock(
                now: at, calendar: workspace.calendar, currencyDigits: CurrencyScale.digits(workspace.currency)))
    }

    private func give(_ facts: EarningFacts, _ state: OrderState?, _ run: inout Run, _ uses: inout EarningUses) {
        let joined = workspace.calendar.day(of: facts.member.since)
        guard facts.day >= joined - backdatedDays else { return }
        let outcome = EarningEvaluation.run(facts, rules, &uses)
        for gift in outcome.gifts where gift.account == facts.member.account {
            guard let rule = rules.rule(gift.rule), let currency = ledger.currencies[gift.currency] else { continue }
            for part in gift.parts {
                let key = "\(facts.key):\(part.line):\(gift.rule)"
                let award = rule.terms.award(key: key, part.points, facts, source: "")
                guard run.attempt({ try $0.award(award, currency, workspace.calendar, at: facts.time) }) else {
                    continue
                }
                run.grants[facts.key, default: []].append(
                    Grant(line: part.line, key: key, currency: gift.currency, points: part.points))
            }
        }
    }

    private func takeBack(_ order: (id: String, state: OrderState), _ at: Timestamp, _ run: inout Run) {
        var state = order.state
        state.refunds = state.refunds.filter { $0.value.version.ms <= at.milliseconds }
        if let cancelled = state.cancelledMS, cancelled > at.milliseconds { state.cancelledMS = nil }
        let shares = EarningReturns.shares(state, currency: workspace.currency)
        let key = "order:" + order.id
        for place in run.grants[key]?.indices ?? 0..<0 {
            guard let grant = run.grants[key]?[place], let currency = ledger.currencies[grant.currency] else {
                continue
            }
            let left = EarningReturns.left(of: grant.points, line: grant.line, shares)
            let wanted = grant.points - left - grant.taken
            guard wanted > 0 else { continue }
            let command = "\(grant.key):\(grant.taken + wanted)"
            guard run.attempt({ try $0.reverse(award: grant.key, wanted, as: command, currency, at: at) }) else {
                continue
            }
            run.grants[key]?[place].taken += wanted
        }
    }

    private func redeem(
        _ redemption: (at: Timestamp, currency: String, amount: Int64), _ at: Timestamp, _ run: inout Run
    ) {
        let amount = min(redemption.amount, run.account.balance(redemption.currency).available)
        guard amount > 0, let currency = ledger.currencies[redemption.currency] else { return }
        let key = "r\(at.milliseconds)-\(run.account.sequence)"
        _ = run.attempt { try $0.redeem(amount, key: key, note: [:], currency, workspace.calendar, at: at) }
    }

    private func figures(_ account: PointsAccount) -> [String: Figures] {
        var figures: [String: Figures] = [:]
        for transaction in account.written {
            for entry in transaction.entries {
                var own = figures[transaction.currency] ?? Figures()
                switch entry.ledger {
                case .issued where entry.amount < 0: own.issued -= entry.amount
                case .issued: own.takenBack += entry.amount
                case .redeemed: own.redeemed += entry.amount
                case .expired: own.expired += entry.amount
                default: break
                }
                figures[transaction.currency] = own
            }
        }
        for (code, balance) in account.balances {
            figures[code, default: Figures()].outstanding = balance.pending + balance.available + balance.owed
        }
        return figures
    }
}
