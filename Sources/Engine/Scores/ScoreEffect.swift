import Science
import Storage

/// Do high scores buy? People are weighed as they stood some days ago, and looked at for what they ordered since.
///
/// Behaviour and orders are taken as of that day. Conditions on who a person is now would know the outcome where they
/// ask for stages, classes, tags, segments or figures of orders: such rules are left out, and told.
package struct ScoreEffect: Sendable {
    /// The last day that was weighed with.
    package var day: Int64
    package var daysAfter: Int64
    package var lift: DecileLift
    /// Ids of rules that were left out.
    package var leftOut: [String]
    /// One in so many people was looked at.
    package var oneIn: Int64

    package static let daysAfter: Int64 = 30
    private static let peopleMax: Int64 = 10_000
    private static let batchPeople = 500
    /// What does not change by the very outcome.
    private static let harmless: Set<String> = [
        BehaviourCondition.kind, SequenceCondition.kind, OrdersCondition.kind, TraitCondition.kind,
        IdentityCondition.kind, ConsentCondition.kind, SourceCondition.kind,
    ]

    /// Throws: `ScoreError.notFound`, `StorageError`.
    package static func measure(_ id: Int64, _ platform: Platform) async throws -> ScoreEffect {
        let (published, definition, everybody) = try await platform.store.read { connection in
            let published = try SegmentCache().load(try Workspace.load(connection), connection)
            let model = try ScoreModels.get(id, connection)
            let definition = published.scores.first { $0.id == model.id }?.definition
            return (published, definition, try SegmentPreview.everybody(connection))
        }
        guard var definition else { throw ScoreError.notFound(id) }
        let calendar = published.calendar
        let day = calendar.day(of: platform.effects.now()) - daysAfter - 1
        let leftOut = definition.rules.filter { rule in
            rule.kind.criteria.map { !isHarmless($0) } ?? false
        }.map(\.id)
        definition.rules.removeAll { leftOut.contains($0.id) }
        let oneIn = max((everybody + peopleMax - 1) / peopleMax, 1)
        let (rules, end) = (definition, calendar.start(ofDay: day + 1).milliseconds)
        let clock = CriteriaClock(
            now: Timestamp(milliseconds: end - 1), calendar: calendar,
            currencyDigits: CurrencyScale.digits(published.workspace.currency))
        var scored: [(score: Double, acted: Bool)] = []
        var after: Int64 = 0
        while true {
            let last = after
            let (found, next) = try await platform.store.read { connection in
                try weigh(rules, published, clock, end, oneIn: oneIn, after: last, connection)
            }
            scored += found
            guard let next else { break }
            after = next
        }
        return ScoreEffect(
            day: day, daysAfter: daysAfter, lift: DecileLift(scored), leftOut: leftOut, oneIn: oneIn)
    }

    private static func isHarmless(_ criteria: Criteria) -> Bool {
        var isHarmless = true
        criteria.root.visit { condition, _ in
            isHarmless = isHarmless && harmless.contains(type(of: condition).kind)
        }
        return isHarmless
    }

    private static func weigh(
        _ definition: ScoreDefinition, _ published: PublishedSegments, _ clock: CriteriaClock, _ end: Int64,
        oneIn: Int64, after: Int64, _ connection: any SQLConnection
    ) throws -> (scored: [(score: Double, acted: Bool)], next: Int64?) {
        let rows = try connection.query(
            """
            SELECT \(raw: Profile.columns) FROM profiles WHERE id > \(after) AND id % \(oneIn) = 0
            AND \(raw: Profile.isUnmerged) AND deleted_ms IS NULL AND first_seen_ms < \(end) ORDER BY id LIMIT \(batchPeople)
            """
        ).map(Profile.init)
        let subjects = try SegmentReview.subjects(rows, published, withOrders: true, connection)
        let scored = subjects.map { subject -> (score: Double, acted: Bool) in
            let acted = subject.orders.contains { $0.ms >= end && $0.net > 0 }
            return (Double(ScoreCard(definition, subject.asOf(end, clock), clock).total) / 1000, acted)
        }
        return (scored, rows.count < batchPeople ? nil : rows.last?.id)
    }
}

extension CriteriaSubject {
    /// With what happened before a moment only, which is a day's end.
    func asOf(_ end: Int64, _ clock: CriteriaClock) -> CriteriaSubject {
        var subject = self
        subject.orders = orders.filter { $0.ms < end }
        subject.features = features.mapValues { $0.through(day: clock.today, before: end) }
        return subject
    }
}
