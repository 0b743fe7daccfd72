import Storage

/// A batch as the rows of its tables, made before the store is asked for, so that the writer only writes.
struct LogRows: Sendable {
    private(set) var events: [[SQLValue]]
    private(set) var rejected: [[SQLValue]]

    var count: Int { events.count + rejected.count }
    var isEmpty: Bool { count == 0 }

    init(_ batch: IncomingBatch, effects: Effects) {
        events = batch.events.map { Self.row($0, sourceID: batch.sourceID) }
        let now = batch.rejected.isEmpty ? nil : effects.now()
        rejected = batch.rejected.map { item in
            [
                effects.newID().sqlValue, batch.sourceID.sqlValue, item.messageID.sqlValue, item.dialect.sqlValue,
                item.reason.rawValue.sqlValue, item.explanation.sqlValue,
                Array(item.raw.prefix(EventLimits.rawBytes)).sqlValue, (now?.milliseconds ?? 0).sqlValue,
                "waiting".sqlValue,
            ]
        }
    }

    static let insertRejected = """
        INSERT INTO quarantine (id, source_id, message_id, dialect, reason, explanation, raw, received_ms, status) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static func row(_ event: IncomingEvent, sourceID: Int64) -> [SQLValue] {
        [
            .integer(EventLog.shard(event.identities)), .integer(sourceID), .text(event.messageID),
            .text(event.kind.rawValue), .text(event.name), .integer(event.time.milliseconds),
            .integer(event.receivedAt.milliseconds), .text(IdentityText.encode(event.identities)),
            .text(event.properties), .text(event.traits), .text(event.traitOperation.rawValue), .text(event.context),
        ]
    }
}
