extension ProgramReplay {
    func order(_ history: History, _ place: Int, _ at: Timestamp, _ run: ReplayRun) -> EarningFacts {
        let order = history.orders[place]
        var facts = facts(history, key: "order:" + order.id, at, run)
        let isEarliest = run.firstOrder.map { $0 >= at } ?? true
        facts.order = EarningOrder(
            id: order.id, order.state, currency: workspace.currency,
            isFirst: isEarliest && history.subject.profile.firstOrderMS ?? .max >= first.milliseconds)
        facts.referrer = referrer(history, facts)
        return facts
    }

    func event(_ history: History, _ place: Int, _ at: Timestamp, _ run: ReplayRun) -> EarningFacts {
        var facts = facts(history, key: "event:\(history.events[place].position)", at, run)
        facts.event = history.events[place]
        facts.referrer = referrer(history, facts)
        return facts
    }

    private func referrer(_ history: History, _ facts: EarningFacts) -> Int64? {
        guard !history.referrers.isEmpty else { return nil }
        return rules.referrerFields.sorted().lazy.compactMap {
            facts.event?.properties.first($0) ?? facts.subject.traits.first($0)
        }.first.flatMap { history.referrers[$0.text] }
    }

    private func facts(_ history: History, key: String, _ at: Timestamp, _ run: ReplayRun) -> EarningFacts {
        let tier = run.tier?.code
        var subject = history.subject
        subject.profile.tier = tier
        return EarningFacts(
            key: key, time: at,
            member: EarningMember(
                account: history.account, since: history.since, tier: tier, benefit: benefits.of(tier)),
            subject: subject,
            clock: CriteriaClock(
                now: at, calendar: calendar, currencyDigits: CurrencyScale.digits(workspace.currency)))
    }

    func give(_ facts: EarningFacts, _ run: inout ReplayRun, _ uses: inout EarningUses) {
        let joined = calendar.day(of: facts.member.since)
        guard facts.day >= joined - backdatedDays else { return }
        let outcome = EarningEvaluation.run(facts, rules, &uses, explaining: false)
        for gift in outcome.gifts {
            guard let rule = rules.rule(gift.rule), let currency = ledger.currencies[gift.currency] else { continue }
            for part in gift.parts {
                let key = "\(facts.key):\(part.line):\(gift.rule)"
                let award = rule.terms.award(key: key, part.points, facts, source: "")
                if gift.account == facts.member.account {
                    guard run.award(award, currency, calendar, at: facts.time) else { continue }
                    run.tier?.learn(key, part.points, gift.currency, at: facts.time)
                } else {
                    run.sent.append(
                        ReplayGift(
                            account: gift.account, at: facts.time, step: .award(award, currency: gift.currency)))
                }
                run.grants[facts.key, default: []].append(
                    ReplayRun.Grant(
                        account: gift.account, line: part.line, key: key, currency: gift.currency,
                        points: part.points))
            }
        }
    }

    /// Of another's facts.
    func take(_ gift: ReplayGift, _ run: inout ReplayRun) {
        switch gift.step {
        case .award(let award, let code):
            guard let currency = ledger.currencies[code], run.award(award, currency, calendar, at: gift.at) else {
                return
            }
            run.tier?.learn(award.key, award.amount, code, at: gift.at)
        case .reverse(let award, let amount, let code):
            guard let currency = ledger.currencies[code],
                run.reverse(award: award, amount, as: "\(award):\(amount)", currency, at: gift.at)
            else { return }
            run.tier?.learn(award, -amount, code, at: gift.at)
        }
    }

    func takeBack(_ order: (id: String, state: OrderState), _ at: Timestamp, _ run: inout ReplayRun) {
        let shares = EarningReturns.shares(Self.known(order.state, at: at), currency: workspace.currency)
        let key = "order:" + order.id
        for place in run.grants[key]?.indices ?? 0..<0 {
            guard let grant = run.grants[key]?[place], let currency = ledger.currencies[grant.currency] else {
                continue
            }
            let left = EarningReturns.left(of: grant.points, line: grant.line, shares)
            let wanted = grant.points - left - grant.taken
            guard wanted > 0 else { continue }
            if grant.account == run.account.id {
                let command = "\(grant.key):\(grant.taken + wanted)"
                guard run.reverse(award: grant.key, wanted, as: command, currency, at: at) else { continue }
                run.tier?.learn(grant.key, -wanted, grant.currency, at: at)
            } else {
                run.sent.append(
                    ReplayGift(
                        account: grant.account, at: at,
                        step: .reverse(award: grant.key, wanted, currency: grant.currency)))
            }
            run.grants[key]?[place].taken += wanted
        }
    }

    /// Without what came back later.
    static func known(_ state: OrderState, at moment: Timestamp) -> OrderState {
        guard state.hasChanges else { return state }
        var state = state
        state.refunds = state.refunds.filter { $0.value.version.ms <= moment.milliseconds }
        if let cancelled = state.cancelledMS, cancelled > moment.milliseconds { state.cancelledMS = nil }
        return state
    }

    func redeem(
        _ redemption: (at: Timestamp, currency: String, amount: Int64), _ at: Timestamp, _ run: inout ReplayRun
    ) {
        let amount = min(redemption.amount, run.account.balance(redemption.currency).available)
        guard amount > 0, let currency = ledger.currencies[redemption.currency] else { return }
        let key = "r\(at.milliseconds)-\(run.account.sequence)"
        _ = run.redeem(amount, key: key, currency, calendar, at: at)
    }
}
