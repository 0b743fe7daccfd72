import Science
import Storage

/// Applies one model to the next people in the order of their ids.
struct LifecycleReassessment {
    let version: Int64
    let effects: Effects

    /// One transaction's worth. Returns where to go on; nil when everybody has been assessed.
    func run(
        after place: LifecycleRefresh.Checkpoint, limit: Int, _ connection: any SQLConnection
    ) throws -> LifecycleRefresh.Checkpoint? {
        let people = try connection.query(
            """
            SELECT \(raw: StagedPerson.columns) FROM profiles WHERE id > \(place.lastID) AND \(raw: Profile.isUnmerged)
            AND deleted_ms IS NULL ORDER BY id LIMIT \(limit)\(raw: connection.dialect.forUpdate)
            """
        ).map(StagedPerson.init(row:))
        guard let last = people.last else { return nil }
        let current = try CurrentLifecycle.load(connection)
        let now = effects.now()
        let buyers = people.filter { $0.orderCount > 0 }.map(\.id)
        let purchaseDays = try PurchaseDays.load(buyers, current.calendar, connection)
        // Who never left introduction has no history to mend.
        let moved = people.filter { $0.orderCount > 0 || $0.state.stage != .introduction }.map(\.id)
        let pastWanted = try StageReconstruction.wanted(moved, connection)
        var changed: [StagedPerson] = []
        var changes: [StageChange] = []
        for var person in people {
            let days = purchaseDays[person.id] ?? []
            let before = person.state
            if pastWanted.contains(person.id) {
                let past = StageReconstruction(person, days, through: now, current)
                try past.save(connection)
                person.state.stage = past.stage
                person.state.since = past.since
            }
            let (state, change) = Lifecycle.step(
                person.facts(purchaseDays: days.count), person.state, cause: .model, at: now, current)
            person.state = state
            if state != before { changed.append(person) }
            if let change { changes.append(change) }
        }
        try StagedPerson.save(changed, connection)
        if var card = try LifecycleCard.newest(connection), card.version == version {
            card.count(changes)
            card.assessed += people.count
            try card.save(connection)
        }
        let events = try StageHistory.record(changes, connection)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        return LifecycleRefresh.Checkpoint(
            version: version, lastID: last.id, done: place.done + Int64(people.count),
            total: max(place.total, place.done + Int64(people.count)))
    }
}
