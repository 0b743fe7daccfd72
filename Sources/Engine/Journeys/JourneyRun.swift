/// One person on the way through one journey.
package struct JourneyRun: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case active, failed, ended
    }

    package enum Ending: String, Sendable, CaseIterable {
        case finished, exit, goal, condition, holdout, merged, erased, republished, expired, removed
    }

    package var id: Int64
    package var journeyID: Int64
    package var versionID: Int64
    package var profileID: Int64
    package var entryKey: String
    package var status = Status.active
    package var ending: Ending?
    package var node: String
    package var visit: Int64 = 0
    package var isWaiting = false
    package var arrivedAt: Timestamp
    package var timer: Timestamp?
    package var due: Timestamp?
    package var held: Timestamp?
    package var seen: Int64
    package var fence: Int64 = 0
    package var enteredAt: Timestamp
    package var endedAt: Timestamp?
    package var goalAt: Timestamp?
    /// A JSON object: what the entering event said; under `answers`, what was answered to nodes that asked.
    package var values: String
    package var error = ""
    package var attempts: Int64 = 0

    /// The natural key of what a node does: the same visit does it once.
    func key(_ journey: Int64) -> String { "journey:\(journey):\(id):\(node):\(visit)" }
}

/// A node that was left, with the decision taken there.
package struct JourneyVisitRecord: Sendable, Equatable {
    package var visit: Int64
    package var node: String
    package var arrivedAt: Timestamp
    package var leftAt: Timestamp
    package var path: String
    package var note: String
}
