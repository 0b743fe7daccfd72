/// What facts earn: awards and the waterfall that explains them. Pure.
///
/// Rules that look at the fact come first, in the order of priority, then multipliers of what those gave. Each is asked
/// whether it is in force, whether its conditions hold, what it would give; groups choose among their rules; caps then
/// cut what is left, the rule's own before those of the program. The benefit of the member's tier comes last.
package struct EarningEvaluation {
    let facts: EarningFacts
    let set: EarningRuleSet
    /// Whether anybody reads the waterfall.
    private let explains: Bool
    private var uses: EarningUses
    var outcome = EarningOutcome()
    /// What this fact earned so far, for caps on one event over all rules.
    private var given: [String: Int64] = [:]

    private struct Candidate {
        var rule: EarningRule
        var reward: EarningReward
        var verdict: EarningVerdict?
    }

    /// `uses` has the counts of `EarningRuleSet.uses(for:)` and is brought up to date. `explaining`: with the waterfall.
    package static func run(
        _ facts: EarningFacts, _ set: EarningRuleSet, _ uses: inout EarningUses, explaining: Bool = true
    ) -> EarningOutcome {
        let looking = set.looking(facts)
        guard !looking.isEmpty else { return EarningOutcome() }
        var run = EarningEvaluation(facts: facts, set: set, uses: uses, explains: explaining)
        // In one place at a time: counts that two have are copied when one changes them.
        uses = EarningUses()
        run.settle(looking)
        run.settle(set.multipliers)
        run.multiplyByTier()
        uses = run.uses
        return run.outcome
    }

    private init(facts: EarningFacts, set: EarningRuleSet, uses: EarningUses, explains: Bool) {
        self.facts = facts
        self.set = set
        self.uses = uses
        self.explains = explains
    }

    mutating func tell(_ step: EarningStep) {
        if explains { outcome.waterfall.append(step) }
    }

    private mutating func settle(_ rules: [EarningRule]) {
        var candidates = rules.map { rule -> Candidate in
            let reward = judge(rule)
            let isNothing = reward.points == 0
            return Candidate(rule: rule, reward: reward, verdict: isNothing ? reward.reason : nil)
        }
        for index in candidates.indices where candidates[index].verdict == nil {
            if case (0, let cap?) = allowed(candidates[index].reward.points, candidates[index].rule) {
                candidates[index].verdict = .exhausted(cap)
            }
        }
        choose(among: &candidates)
        for candidate in candidates { take(candidate) }
    }

    /// What a rule would give, or why not.
    private func judge(_ rule: EarningRule) -> EarningReward {
        guard rule.isInForce(facts.day) else { return .nothing(.notInForce) }
        if let order = facts.order, order.isForeign { return .nothing(.foreign) }
        for condition in rule.when where !condition.holds(facts) {
            return .nothing(.unmet(type(of: condition).kind, explains ? condition.finding(facts) : ""))
        }
        if let criteria = rule.criteria, !criteria.holds(for: facts.subject, facts.clock) {
            return .nothing(.unmet("where", ""))
        }
        var lines: [EarningLine] = []
        if let order = facts.order {
            lines = rule.lines(of: order)
            if lines.isEmpty { return .nothing(.noLines) }
        } else if rule.isAboutLines {
            return .nothing(.noLines)
        }
        if let once = rule.kind.once(facts) {
            let use = EarningUse(
                account: facts.member.account, rule: rule.id, currency: rule.currency, period: EarningUse.once(once))
            if uses[use].times > 0 { return .nothing(.already) }
        }
        let given = outcome.gifts.filter { $0.currency == rule.currency }
        let streak = uses[EarningRuleSet.streak(rule, facts)]
        guard streak.times > 0 || facts.streak != nil else { return rule.kind.reward(facts, lines, given) }
        var own = facts
        own.streak = streak.times > 0 ? EarningStreak(day: streak.points, length: streak.times) : nil
        return rule.kind.reward(own, lines, given)
    }

    /// Leaves one of the rules of a group where the group says so.
    private func choose(among candidates: inout [Candidate]) {
        for group in set.groups where group.take != .sum {
            let places = candidates.indices.filter {
                candidates[$0].rule.group == group.name && candidates[$0].verdict == nil
            }
            guard places.count > 1 else { continue }
            let winner: Int?
            switch group.take {
            case .exclusive, .sum: winner = places.first
            case .best:
                let worth = places.map {
                    (place: $0, points: allowed(candidates[$0].reward.points, candidates[$0].rule).points)
                }
                let most = worth.map(\.points).max()
                winner = worth.first { $0.points == most }?.place
            }
            guard let winner else { continue }
            let name = candidates[winner].rule.id
            for place in places where place != winner { candidates[place].verdict = .outdone(name) }
        }
    }

    private mutating func take(_ candidate: Candidate) {
        let (rule, reward) = (candidate.rule, candidate.reward)
        var step = EarningStep(rule, candidate.verdict ?? .gave, computed: reward.points)
        defer { tell(step) }
        guard candidate.verdict == nil else { return }
        let (points, cap) = allowed(reward.points, rule)
        guard points > 0 else {
            step.verdict = cap.map { .exhausted($0) } ?? .tooLittle
            return
        }
        if points < reward.points, let cap { step.verdict = .capped(cap) }
        step.points = points
        step.parts = Self.cut(reward.parts, to: points)
        let account = reward.goesToReferrer ? facts.referrer ?? facts.member.account : facts.member.account
        note(points, rule, account, reward)
        outcome.gifts.append(
            EarningGift(rule: rule.id, currency: rule.currency, account: account, parts: step.parts))
        if reward.forFriend > 0 {
            let part = EarningPart(line: "~friend", basis: points, points: reward.forFriend)
            step.parts.append(part)
            outcome.gifts.append(
                EarningGift(
                    rule: rule.id, currency: rule.currency, account: facts.member.account, parts: [part]))
        }
    }

    /// The parts in proportion, so that they add up to less; none that is nothing.
    private static func cut(_ parts: [EarningPart], to points: Int64) -> [EarningPart] {
        let shares = EarningRounding.spread(points, over: parts.map(\.points))
        return zip(parts, shares).compactMap { part, share in
            share > 0 ? EarningPart(line: part.line, basis: part.basis, points: share) : nil
        }
    }

    // MARK: Caps

    /// What caps leave of so many points, and the one that cuts most.
    func allowed(_ wanted: Int64, _ rule: EarningRule) -> (points: Int64, cap: EarningCap?) {
        var left = min(wanted, PointsLimits.amountMax)
        var cutting: EarningCap?
        func hold(_ cap: EarningCap, _ id: String, eventPoints: Int64) {
            let used =
                EarningRuleSet.use(cap, id, rule.currency, set.account(rule, facts), facts).map { uses[$0] }
                ?? EarningUses.Count(points: eventPoints)
            var most = cap.points.map { max($0 - used.points, 0) } ?? .max
            if let times = cap.times, used.times >= times { most = 0 }
            if most < left { (left, cutting) = (most, cap) }
        }
        for cap in rule.caps { hold(cap, rule.id, eventPoints: 0) }
        for shared in set.caps where shared.currency == rule.currency {
            hold(shared.cap, "", eventPoints: given[rule.currency] ?? 0)
        }
        return (left, cutting)
    }

    /// What caps over all rules count.
    mutating func noteShared(_ points: Int64, _ currency: String, _ account: Int64) {
        given[currency, default: 0] += points
        let noted = set.caps.filter { $0.currency == currency }.compactMap {
            EarningRuleSet.use($0.cap, "", currency, account, facts)
        }
        for use in Set(noted) { uses.add(points, to: use) }
    }

    private mutating func note(_ points: Int64, _ rule: EarningRule, _ account: Int64, _ reward: EarningReward) {
        var noted: Set<EarningUse> = []
        for cap in rule.caps {
            if let use = EarningRuleSet.use(cap, rule.id, rule.currency, account, facts) { noted.insert(use) }
        }
        for use in noted { uses.add(points, to: use) }
        noteShared(points, rule.currency, account)
        if let once = rule.kind.once(facts) {
            uses.add(
                points,
                to: EarningUse(
                    account: facts.member.account, rule: rule.id, currency: rule.currency,
                    period: EarningUse.once(once)))
        }
        if let streak = reward.streak {
            uses.set(EarningRuleSet.streak(rule, facts), points: streak.day, times: streak.length)
        }
    }
}
