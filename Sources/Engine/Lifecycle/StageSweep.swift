import Science
import Storage

/// Time passes: moves everybody whose `stage_due_ms` has come, in bounded transactions.
///
/// After a long stop it catches up: each change carries the moment at which it was due, in order.
package enum StageSweep {
    package static let handler = JobHandler(kind: "stage_sweep", schedule: .every(seconds: 60)) { context in
        var moved = 0
        for _ in 0..<batchesMax {
            let effects = context.platform.effects
            let batch = try await context.write { try sweep($0, limit: batchPeople, effects: effects) }
            moved += batch.changes
            if batch.people < batchPeople { break }
        }
        return try StoredDocument.text(["changes": moved])
    }

    package struct Swept: Sendable, Equatable {
        package var people: Int
        package var changes: Int
    }

    /// One transaction's worth. Throws: `StorageError`, `DecodingError`.
    package static func sweep(_ connection: any SQLConnection, limit: Int, effects: Effects) throws -> Swept {
        let now = effects.now()
        var people = try connection.query(
            """
            SELECT \(raw: StagedPerson.columns) FROM profiles WHERE stage_due_ms <= \(now.milliseconds)
            ORDER BY stage_due_ms, id LIMIT \(limit)\(raw: connection.dialect.forUpdateSkipLocked)
            """
        ).map(StagedPerson.init(row:))
        guard !people.isEmpty else { return Swept(people: 0, changes: 0) }
        let current = try CurrentLifecycle.load(connection)
        let living = people.filter(\.isLiving)
        let purchaseDays = try PurchaseDays.count(
            orderCounts: Dictionary(uniqueKeysWithValues: living.map { ($0.id, $0.orderCount) }), current.calendar,
            connection)
        var changes: [StageChange] = []
        for index in people.indices {
            let person = people[index]
            guard person.isLiving else {
                people[index].state.due = nil
                continue
            }
            let (state, own) = Lifecycle.catchUp(
                person.facts(purchaseDays: purchaseDays[person.id]), person.state, through: now, current)
            people[index].state = state
            changes += own
        }
        changes.sort { ($0.at, $0.profileID) < ($1.at, $1.profileID) }
        try StagedPerson.save(people, connection)
        var events = try StageHistory.record(changes, connection)
        events += try SegmentReview.review(Set(changes.map(\.profileID)), at: now, connection)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        return Swept(people: people.count, changes: changes.count)
    }

    static let batchPeople = 500
    private static let batchesMax = 20_000
}
