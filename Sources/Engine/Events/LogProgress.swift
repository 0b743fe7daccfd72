import Storage

/// How far the consumers of the log have come: what the status page, the metrics and `doctor` show.
package struct LogProgress: Sendable, Equatable {
    /// The highest position in the log.
    package var end: Int64
    /// Everything up to here is applied to people.
    package var processed: Int64
    /// Everything up to here is in the analytics store.
    package var archived: Int64
    /// Up to here visits are counted on profiles and receipts are written.
    package var rolledUp: Int64
    /// Age of the oldest event not yet processed, and not yet archived; 0 when there is none.
    package var processingLagMilliseconds: Int64
    package var archivingLagMilliseconds: Int64
    /// Processes that hold a role in the log, with the time they were last heard of.
    package var processes: [LiveProcess]

    package static func load(_ connection: any SQLConnection, now: Timestamp) throws -> LogProgress {
        let end = try EventLog.end(connection)
        let processed = try processed(connection)
        let archived =
            try connection.first("SELECT min(position) FROM log_consumers WHERE consumer = 'archiver'")?.intOrNil(0)
            ?? 0
        let processes = try connection.query("SELECT owner, role, seen_ms FROM live_processes ORDER BY role, owner")
        return LogProgress(
            end: end, processed: processed, archived: archived, rolledUp: try rolledUp(connection),
            processingLagMilliseconds: try lag(beyond: processed, connection, now: now),
            archivingLagMilliseconds: try lag(beyond: archived, connection, now: now),
            processes: try processes.map {
                LiveProcess(
                    owner: try $0.text(0), role: try $0.text(1), seen: Timestamp(milliseconds: try $0.int(2)))
            })
    }

    /// The position up to which every shard is processed.
    static func processed(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT min(position) FROM log_consumers WHERE consumer = 'processor'")?.intOrNil(0) ?? 0
    }

    /// The position up to which visits are counted on profiles, and receipts are written.
    static func rolledUp(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT min(position) FROM log_consumers WHERE consumer = 'rollup'")?.intOrNil(0) ?? 0
    }

    private static func lag(beyond position: Int64, _ connection: any SQLConnection, now: Timestamp) throws -> Int64 {
        let oldest = try connection.first(
            "SELECT received_ms FROM event_log WHERE position > \(position) ORDER BY position LIMIT 1")
        guard let oldest else { return 0 }
        return max(now.milliseconds - (try oldest.int(0)), 0)
    }
}

/// A process that holds a role in the log.
package struct LiveProcess: Sendable, Equatable {
    package var owner: String
    package var role: String
    package var seen: Timestamp
}
