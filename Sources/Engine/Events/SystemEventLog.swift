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
        let positions = try place(rows, of: events.map(\.profileID), connection)
        try Erasure.place(zip(events, positions).map { (event: $0, position: $1) }, connection)
    }

    /// Appends rows with the outcomes of what they say about these profiles, and returns the positions.
    private static func place(
        _ rows: [[SQLValue]], of profiles: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64] {
        if connection.dialect == .postgresql, rows.count <= fewEvents {
            let answers = try connection.queryMany(
                EventOutcomes.insertLogged, zip(rows, profiles).map { $0 + [.integer($1)] })
            return try answers.map { try EventLog.placed($0.first) }
        }
        let positions = try EventLog.place(rows, connection)
        try EventOutcomes.write(zip(positions, profiles).map { ($0, $1, .stored) }, connection)
        return positions
    }

    /// So many are one statement with their outcomes on PostgreSQL: whoever else appends waits for one round trip less.
    private static let fewEvents = 15

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
        return try place([LogRows.row(event, sourceID: sourceID)], of: [profileID], connection)[0]
    }
}
