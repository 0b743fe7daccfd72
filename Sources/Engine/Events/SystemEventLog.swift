import Storage

/// Appends what Perennial itself says to the log, in the transaction in which it became true.
package enum SystemEventLog {
    /// The source of system events.
    package static let sourceID: Int64 = 0

    /// Appends events with their outcome; they need no processing. Call it last in a transaction: it holds the lock
    /// that orders the log until the commit.
    package static func append(
        _ events: [SystemEvent], now: Timestamp, effects: Effects, to connection: any SQLConnection
    ) throws {
        guard !events.isEmpty else { return }
        try connection.lock("event_log")
        let rows = events.map { event in
            LogRows.row(
                IncomingEvent(
                    kind: .system, name: event.name, messageID: String(effects.newID()), identities: [],
                    time: event.time, receivedAt: now, properties: event.properties),
                sourceID: sourceID)
        }
        let positions = try connection.queryMany(EventLog.insert + " RETURNING position", rows)
        let placed = try zip(events, positions).map { event, rows in
            guard let position = try rows.first?.int(0) else {
                throw StorageError.unexpectedValue(column: 0, expected: "a log position", found: "nothing")
            }
            return (event: event, position: position)
        }
        try EventOutcomes.write(placed.map { ($0.position, $0.event.profileID, .stored) }, connection)
        try Erasure.place(placed, connection)
    }

    /// Whether the command that wrote a client's event has applied it, too: a track event of Perennial's own source. What
    /// Perennial finds out about a person (identify) is the processor's to apply, as everybody's.
    static func isApplied(_ event: LoggedEvent) -> Bool {
        event.sourceID == sourceID && event.event.kind == .track
    }

    /// Appends a track event that the open transaction has applied itself, with its outcome: the processor passes over it.
    /// Returns its position. Call it as late as `append`.
    static func append(
        applied event: IncomingEvent, of profileID: Int64, to connection: any SQLConnection
    ) throws -> Int64 {
        try connection.lock("event_log")
        let rows = try connection.queryMany(
            EventLog.insert + " RETURNING position", [LogRows.row(event, sourceID: sourceID)])
        guard let position = try rows.first?.first?.int(0) else {
            throw StorageError.unexpectedValue(column: 0, expected: "a log position", found: "nothing")
        }
        try EventOutcomes.write([(position, profileID, .stored)], connection)
        return position
    }
}
