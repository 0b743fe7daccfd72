import Science
import Storage

/// The past of somebody who was brought in with one: every change of stage from the first order, or from the first
/// sight of who has not ordered, to now, as the current model would have made them at the time.
///
/// Such a person's recorded history begins with a row that has no stage to come from, dated on the day of the import.
/// The reconstruction takes the place of what was recorded, once; afterwards the history goes on from it.
struct StageReconstruction {
    let profileID: Int64
    let changes: [StageChange]
    /// Where the path ends, and since when.
    let stage: LifecycleStage
    let since: Timestamp

    /// Changes further back are left out; the last one before is kept.
    static let daysMax: Int64 = 1_100

    init(_ person: StagedPerson, _ purchaseDays: [Int64], through now: Timestamp, _ current: CurrentLifecycle) {
        let calendar = current.calendar
        let today = calendar.day(of: now)
        let path = current.model.path(
            purchaseDays: purchaseDays, firstSeenDay: calendar.day(of: person.firstSeen), through: today)
        let kept = path.lastIndex { $0.day < today - Self.daysMax }.map { path[$0...] } ?? path[...]
        changes = kept.map { step in
            StageChange(
                profileID: person.id, at: calendar.start(ofDay: step.day), from: step.from, to: step.assessment.stage,
                cause: .reconstructed, modelVersion: current.version,
                evidence: StageEvidence(
                    orders: step.orders, recencyDays: step.assessment.recencyDays, q80: step.assessment.q80,
                    q90: step.assessment.q90, maturityOrders: current.model.maturityOrders))
        }
        profileID = person.id
        stage = changes.last?.to ?? .introduction
        since = changes.last?.at ?? person.firstSeen
    }

    /// Puts the path in the place of the recorded rows. Throws: `StorageError`.
    func save(_ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM stage_history WHERE profile_id = \(profileID)")
        try StageHistory.insert(changes, connection)
    }

    /// Those of these people whose history begins without a stage to come from. Throws: `StorageError`.
    static func wanted(_ ids: [Int64], _ connection: any SQLConnection) throws -> Set<Int64> {
        guard !ids.isEmpty else { return [] }
        let answers = try connection.queryMany(
            "SELECT from_stage FROM stage_history WHERE profile_id = ? ORDER BY at_ms LIMIT 1",
            ids.map { [.integer($0)] })
        var wanted: Set<Int64> = []
        for (id, rows) in zip(ids, answers) {
            if let first = rows.first, try first.textOrNil(0) == nil { wanted.insert(id) }
        }
        return wanted
    }
}
