import Science
import Storage

/// The record of who moved where, when and why.
package enum StageHistory {
    /// The name of the event that every change raises.
    package static let eventName = "Stage Changed"

    /// Writes the changes. Returns the events to append to the log at the end of the same transaction.
    /// Safe to repeat. Throws: `StorageError`.
    package static func record(
        _ changes: [StageChange], _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        try insert(changes, connection)
        return try changes.map { change in
            let properties = StageChangedProperties(
                from: change.from, to: change.to, cause: change.cause, modelVersion: change.modelVersion,
                evidence: change.evidence)
            return SystemEvent(
                name: eventName, profileID: change.profileID, time: change.at,
                properties: try StoredDocument.text(properties))
        }
    }

    /// Writes rows without raising events: for a past that nobody shall react to now.
    static func insert(_ changes: [StageChange], _ connection: any SQLConnection) throws {
        guard !changes.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO stage_history (profile_id, at_ms, from_stage, to_stage, cause, model_version, evidence)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            changes.map {
                [
                    .integer($0.profileID), .integer($0.at.milliseconds), ($0.from?.rawValue).sqlValue,
                    .text($0.to.rawValue), .text($0.cause.rawValue), .integer($0.modelVersion),
                    .text(try StoredDocument.text($0.evidence)),
                ]
            })
    }

    /// One person's changes, newest first. Throws: `StorageError`, `DecodingError`.
    package static func list(
        profileID: Int64, _ connection: any SQLConnection, limit: Int = 100
    ) throws -> [StageChange] {
        try connection.query(
            """
            SELECT at_ms, from_stage, to_stage, cause, model_version, evidence FROM stage_history
            WHERE profile_id = \(profileID) ORDER BY at_ms DESC LIMIT \(limit)
            """
        ).compactMap { row in
            guard let to = LifecycleStage(rawValue: try row.text(2)), let cause = StageCause(rawValue: try row.text(3))
            else { return nil }
            return StageChange(
                profileID: profileID, at: Timestamp(milliseconds: try row.int(0)),
                from: try row.textOrNil(1).flatMap(LifecycleStage.init(rawValue:)), to: to, cause: cause,
                modelVersion: try row.int(4),
                evidence: try StoredDocument.value(StageEvidence.self, from: try row.text(5)))
        }
    }
}

/// The properties of `Stage Changed`.
private struct StageChangedProperties: Encodable {
    var from: LifecycleStage?
    var to: LifecycleStage
    var cause: StageCause
    var modelVersion: Int64
    var evidence: StageEvidence

    private enum CodingKeys: String, CodingKey {
        case from, to, cause
        case modelVersion = "model_version"
        case evidence
    }
}
