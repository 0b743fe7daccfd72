import Storage

/// Reads events back from the log.
enum LogReader {
    static let columns = """
        position, shard, source_id, message_id, kind, name, time_ms, received_ms, identities, properties, traits, \
        trait_operation, context
        """

    /// The next client events after a position, in order, whatever their shard.
    static func next(
        after position: Int64, limit: Int, _ connection: any SQLConnection
    ) throws -> [(shard: Int64, event: LoggedEvent)] {
        let sql: SQL = """
            SELECT \(raw: columns) FROM event_log WHERE position > \(position) ORDER BY position LIMIT \(limit)
            """
        return try connection.query(sql).map { (try $0.int(1), try decode($0)) }
    }

    /// One row of `columns`.
    static func decode(_ row: SQLRow) throws -> LoggedEvent {
        guard let kind = EventKind(rawValue: try row.text(4)) else {
            throw StorageError.unexpectedValue(column: 4, expected: "an event kind", found: try row.text(4))
        }
        return LoggedEvent(
            position: try row.int(0), sourceID: try row.int(2),
            event: IncomingEvent(
                kind: kind, name: try row.text(5), messageID: try row.text(3),
                identities: IdentityText.decode(try row.text(8)),
                time: Timestamp(milliseconds: try row.int(6)), receivedAt: Timestamp(milliseconds: try row.int(7)),
                properties: try row.text(9), traits: try row.text(10),
                traitOperation: TraitOperation(rawValue: try row.text(11)) ?? .set, context: try row.text(12)))
    }
}
