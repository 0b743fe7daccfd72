import Storage

/// What became of an event in the log.
package enum EventOutcome: String, Sendable, Codable {
    /// Applied to a profile, and archived.
    case stored
    /// Its message id was seen before; nothing was applied.
    case duplicate
    /// The catalogue blocks events of this name; counted, not applied, not archived.
    case blocked
    /// It could not be applied and lies in quarantine.
    case failed
}

enum EventOutcomes {
    /// Appends an event that is applied already and writes its outcome, for the profile behind the event's values. Only
    /// PostgreSQL writes to two tables in one statement.
    static let insertLogged = """
        WITH logged AS (\(EventLog.insert) RETURNING position)
        INSERT INTO event_outcomes (position, profile_id, outcome, visit)
        SELECT position, ?, '\(EventOutcome.stored.rawValue)', 0 FROM logged RETURNING position
        """

    /// `laterVisitors`: whose visits the roll-up has still to count.
    static func write(
        _ outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)], laterVisitors: Set<Int64> = [],
        _ connection: any SQLConnection
    ) throws {
        guard !outcomes.isEmpty else { return }
        try connection.executeMany(
            "INSERT INTO event_outcomes (position, profile_id, outcome, visit) VALUES (?, ?, ?, ?)",
            outcomes.map {
                [
                    .integer($0.position), .integer($0.profileID), .text($0.outcome.rawValue),
                    laterVisitors.contains($0.profileID).sqlValue,
                ]
            })
    }
}
