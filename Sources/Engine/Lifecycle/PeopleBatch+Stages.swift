import Science
import Storage

extension PeopleBatch {
    /// Moves everyone whose order facts changed, and everyone met for the first time, to the stage that follows.
    ///
    /// Call it after `settle` and before `save`, inside the processor's transaction. Throws: `StorageError`.
    mutating func applyStages(_ current: CurrentLifecycle, at now: Timestamp) throws {
        let ids = Set(changedOrderProfiles).union(unstagedProfiles)
        let rows = ids.sorted().compactMap { profile($0) }
        guard !rows.isEmpty else { return }
        let merged = Set(merges.map(\.winnerID))
        let days = try PurchaseDays.count(
            orderCounts: Dictionary(rows.map { ($0.id, $0.orderCount) }, uniquingKeysWith: { first, _ in first }),
            current.calendar, connection)
        var changes: [StageChange] = []
        for row in rows {
            let facts = StageFacts(
                profileID: row.id, purchaseDays: days[row.id] ?? 0,
                lastOrder: row.lastOrderMS.map(Timestamp.init(milliseconds:)),
                firstSeen: Timestamp(milliseconds: row.firstSeenMS))
            let before = StageState(row)
            let (state, change) = Lifecycle.step(
                facts, before, cause: merged.contains(row.id) ? .merge : .order, at: now, current)
            guard state != before else { continue }
            changeProfile(row.id) { state.write(to: &$0) }
            if let change { changes.append(change.tellingRefunds()) }
        }
        for event in try StageHistory.record(changes, connection) { say(event) }
    }
}

extension PeopleBatch {
    /// People met for the first time in this batch: they begin in introduction.
    private var unstagedProfiles: [Int64] {
        people.values.filter {
            $0.isNew && $0.row.stage == nil && $0.row.mergedInto == nil && $0.row.deletedMS == nil
        }.map(\.row.id)
    }
}

extension StageState {
    init(_ row: Profile) {
        self.init(
            stage: row.stage.flatMap(LifecycleStage.init(rawValue:)),
            since: row.stageSinceMS.map(Timestamp.init(milliseconds:)),
            due: row.stageDueMS.map(Timestamp.init(milliseconds:)))
    }

    func write(to row: inout Profile) {
        row.stage = stage?.rawValue
        row.stageSinceMS = since?.milliseconds
        row.stageDueMS = due?.milliseconds
    }
}

extension StageChange {
    /// A purchase never moves anybody back among the active stages; taking one back does.
    fileprivate func tellingRefunds() -> StageChange {
        let active: [LifecycleStage] = [.introduction, .growth, .maturity]
        guard cause == .order, let from, let before = active.firstIndex(of: from),
            let after = active.firstIndex(of: to), after < before
        else { return self }
        var change = self
        change.cause = .refund
        return change
    }
}
