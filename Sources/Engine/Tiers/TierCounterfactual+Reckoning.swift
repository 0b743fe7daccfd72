extension TierCounterfactual {
    /// What facts lacked of a rule. Pure.
    init(
        _ tier: String, _ rule: TierRule, _ facts: TierFacts, _ window: TierWindow, lastDay: Int64,
        _ calendar: LocalCalendar
    ) {
        let reading = rule.reading(facts, window)
        let (missing, isEither) = Self.missing(rule, reading)
        let returned = facts.orders.filter { window.contains($0.at) }.compactMap { order -> Return? in
            let now = order.standing(before: window.to)
            guard now.net < order.gross else { return nil }
            return Return(order: order.id, amount: order.gross - now.net, day: calendar.day(of: now.at))
        }.sorted { ($1.amount, $0.order) < ($0.amount, $1.order) }
        self.init(
            tier: tier, lastDay: lastDay, missing: missing, isEither: isEither,
            returns: Array(returned.prefix(TierLimits.returnsNamed)),
            returnsDecided: !reading.holds && !returned.isEmpty
                && rule.reading(facts.withoutReturns, window).holds)
    }

    /// What is missing, and whether each part of it alone would do.
    static func missing(_ rule: TierRule, _ reading: TierReading) -> ([Missing], isEither: Bool) {
        guard !reading.holds else { return ([], false) }
        let short = reading.parts.filter { $0.missing > 0 }
        let shortfalls = short.map { Missing(indicator: $0.indicator, amount: $0.missing) }
        switch rule.combine {
        case .all: return (shortfalls, false)
        case .any: return (shortfalls, shortfalls.count > 1)
        case .weighted:
            let lacking = Int64(rule.needed ?? 100) * 100 - (reading.score ?? 0)
            let alone = short.compactMap { part -> Missing? in
                let full = Int64(part.indicator.weight ?? 0) * 100
                let wanted = part.score + lacking
                guard full > 0, wanted <= full else { return nil }
                // The smallest value that scores so much: the score is rounded down.
                let value = (wanted * part.indicator.atLeast + full - 1) / full
                return Missing(indicator: part.indicator, amount: value - part.value)
            }
            return alone.isEmpty ? (shortfalls, false) : (alone, alone.count > 1)
        }
    }
}
