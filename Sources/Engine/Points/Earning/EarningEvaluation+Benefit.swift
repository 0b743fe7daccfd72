extension EarningEvaluation {
    /// The last step of each currency: what the member's tier makes of what rules gave.
    mutating func multiplyByTier() {
        guard let benefit = facts.member.benefit, benefit.multiplier > 100 else { return }
        let multipliers = Set(set.multipliers.map(\.id))
        let own = outcome.gifts.filter {
            $0.account == facts.member.account && !multipliers.contains($0.rule)
                && set.rule($0.rule)?.kind.referrerField == nil
        }
        for currency in Set(own.map(\.currency)).intersection(benefit.currencies).sorted() {
            let gifts = own.filter { $0.currency == currency }
            guard var rule = gifts.first.flatMap({ set.rule($0.rule) }) else { continue }
            rule.id = EarningBenefit.prefix + rule.id
            rule.caps = []
            take(benefit, rule, gifts.flatMap(\.parts))
        }
    }

    private mutating func take(_ benefit: EarningBenefit, _ rule: EarningRule, _ given: [EarningPart]) {
        var byLine: [(line: String, points: Int64)] = []
        for part in given {
            if let place = byLine.firstIndex(where: { $0.line == part.line }) {
                byLine[place].points += part.points
            } else {
                byLine.append((part.line, part.points))
            }
        }
        let base = byLine.reduce(0) { $0 + $1.points }
        let extra = EarningRounding.down.points(base, benefit.multiplier - 100, per: 100)
        var step = EarningStep(rule, .gave, computed: extra)
        step.benefit = benefit
        defer { tell(step) }
        if let explicit = explicitMultiplier(rule.currency) {
            step.verdict = .ruled(explicit)
            return
        }
        guard extra > 0 else {
            step.verdict = .tooLittle
            return
        }
        let (points, cap) = allowed(extra, rule)
        guard points > 0 else {
            step.verdict = cap.map { .exhausted($0) } ?? .tooLittle
            return
        }
        if points < extra, let cap { step.verdict = .capped(cap) }
        step.points = points
        let shares = EarningRounding.spread(points, over: byLine.map(\.points))
        step.parts = zip(byLine, shares).compactMap { line, share in
            share > 0 ? EarningPart(line: line.line, basis: line.points, points: share) : nil
        }
        noteShared(points, rule.currency, facts.member.account)
        outcome.gifts.append(
            EarningGift(rule: rule.id, currency: rule.currency, account: facts.member.account, parts: step.parts))
    }

    /// A multiplier of the program by tier that gave in the currency.
    private func explicitMultiplier(_ currency: String) -> String? {
        let gave = Set(outcome.gifts.filter { $0.currency == currency }.map(\.rule))
        return set.multipliers.first { rule in
            gave.contains(rule.id) && rule.when.contains { $0 is TierCondition }
        }?.id
    }
}
