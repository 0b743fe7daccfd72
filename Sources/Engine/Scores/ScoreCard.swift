/// One line of what a person's score is made of. The total is the sum of `points` of all of them.
package struct ScoreReceipt: Sendable, Equatable {
    package var ruleID: String
    package var dimension: ScoreRule.Dimension
    package var group: String
    /// Nil: it holds now and does not fade.
    package var day: Int64?
    package var count: Int64
    /// count × the rule's points, in thousandths.
    package var earned: Int64
    /// After the limits of the rule and of its group on that day.
    package var counted: Int64
    /// What is left of `counted` today, of `ScoreDecay.one`.
    package var weight: UInt64
    /// Thousandths that the group's whole limit took away after fading.
    package var cut: Int64
    /// What it comes to: counted × weight, less `cut`.
    package var points: Int64
}

/// What one model says of one person on one day: every receipt, and what they come to. Pure and in whole numbers, so
/// the same facts always give the same points.
package struct ScoreCard: Sendable, Equatable {
    package private(set) var receipts: [ScoreReceipt] = []

    /// Receipts come in the order of days, standing ones first, and of rules inside a day.
    package init(_ definition: ScoreDefinition, _ subject: CriteriaSubject, _ clock: CriteriaClock) {
        var found: [(rule: Int, occurrence: ScoreOccurrence)] = []
        for (index, rule) in definition.rules.enumerated() {
            for occurrence in rule.kind.occurrences(subject, clock) where occurrence.count != 0 {
                found.append((index, occurrence))
            }
        }
        found.sort { ($0.occurrence.day ?? .min, $0.rule) < ($1.occurrence.day ?? .min, $1.rule) }
        self.init(definition, found, today: clock.today)
    }

    private init(
        _ definition: ScoreDefinition, _ found: [(rule: Int, occurrence: ScoreOccurrence)], today: Int64
    ) {
        let groups = Dictionary(definition.groups.map { ($0.name, $0) }) { first, _ in first }
        var usedOfDay: [String: Int64] = [:]
        var day: Int64?
        for (index, occurrence) in found {
            let rule = definition.rules[index]
            if occurrence.day != day {
                usedOfDay = [:]
                day = occurrence.day
            }
            let (product, isHuge) = occurrence.count.multipliedReportingOverflow(by: rule.points)
            let most = ScoreCard.most
            let earned = isHuge ? (rule.points < 0 ? -most : most) : max(-most, min(most, product))
            var counted = earned
            if rule.capPerDay > 0 { counted = max(-rule.capPerDay, min(rule.capPerDay, counted)) }
            if counted > 0, let cap = groups[rule.group]?.capPerDay, cap > 0 {
                counted = min(counted, max(cap - usedOfDay[rule.group, default: 0], 0))
                usedOfDay[rule.group, default: 0] += counted
            }
            let weight = occurrence.day.map {
                ScoreDecay.weight(days: today - $0, halfLifeDays: definition.halfLifeDays)
            }
            let left = weight.map { ScoreDecay.left(counted, $0) } ?? counted
            receipts.append(
                ScoreReceipt(
                    ruleID: rule.id, dimension: rule.dimension, group: rule.group, day: occurrence.day,
                    count: occurrence.count, earned: earned, counted: counted, weight: weight ?? ScoreDecay.one,
                    cut: 0, points: left))
        }
        for group in definition.groups where group.cap > 0 { cut(group) }
    }

    /// The newest points of a group count first; what goes beyond its limit is cut from the oldest.
    private mutating func cut(_ group: ScoreDefinition.Group) {
        var room = group.cap
        for index in receipts.indices.reversed() where receipts[index].group == group.name && receipts[index].points > 0
        {
            let kept = min(receipts[index].points, room)
            receipts[index].cut = receipts[index].points - kept
            receipts[index].points = kept
            room -= kept
        }
    }

    /// Thousandths of one receipt at the most, so that no sum can overflow.
    private static let most: Int64 = 1_000_000_000

    package var total: Int64 { receipts.reduce(0) { $0 + $1.points } }
    package var fit: Int64 { sum(.fit) }
    package var engagement: Int64 { sum(.engagement) }

    private func sum(_ dimension: ScoreRule.Dimension) -> Int64 {
        receipts.reduce(0) { $0 + ($1.dimension == dimension ? $1.points : 0) }
    }
}
