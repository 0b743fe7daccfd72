import Storage

extension EventLog {
    private static let chunkRows: Int64 = 1_000

    /// Empties rows, received before an erasure, that hold a value of the erased person and lead to nobody.
    static func forget(_ context: JobContext, _ sought: SoughtValues, before time: Timestamp) async throws -> Int {
        var after: Int64 = 0
        var wiped = 0
        while true {
            let place = after
            let (last, count) = try await context.write { connection -> (Int64?, Int) in
                let rows = try connection.query(
                    """
                    SELECT position, identities, properties, traits, context FROM event_log
                    WHERE position > \(place) AND received_ms <= \(time.milliseconds) AND kind <> 'system'
                    ORDER BY position LIMIT \(chunkRows)
                    """)
                let found = try rows.filter { row in
                    try (1...4).contains { sought.isOwn(in: try row.text($0).utf8) }
                }
                try Erasure.wipeLog(try found.map { try $0.int(0) }, connection)
                return (try rows.last?.int(0), found.count)
            }
            wiped += count
            guard let last else { return wiped }
            after = last
        }
    }
}

extension QuarantineList {
    private static let chunkRows = 200

    /// Takes the bytes away from items, received before an erasure, that hold a value of the erased person.
    static func forget(_ context: JobContext, _ sought: SoughtValues, before time: Timestamp) async throws -> Int {
        var after: Int64 = 0
        var wiped = 0
        while true {
            let place = after
            let (last, count) = try await context.write { connection -> (Int64?, Int) in
                let rows = try connection.query(
                    """
                    SELECT id, raw, message_id, explanation FROM quarantine
                    WHERE id > \(place) AND received_ms <= \(time.milliseconds) ORDER BY id LIMIT \(chunkRows)
                    """)
                let found = try rows.filter { row in
                    let texts = try [row.blob(1), Array((row.textOrNil(2) ?? "").utf8), Array(row.text(3).utf8)]
                    return texts.contains { sought.isOwn(in: $0) }
                }
                try connection.executeMany(
                    """
                    UPDATE quarantine SET raw = ?, message_id = NULL, explanation = '',
                        status = CASE WHEN status = 'waiting' THEN 'discarded' ELSE status END,
                        resolved_ms = coalesce(resolved_ms, ?) WHERE id = ?
                    """,
                    try found.map { [.blob([]), .integer(time.milliseconds), .integer(try $0.int(0))] })
                return (try rows.last?.int(0), found.count)
            }
            wiped += count
            guard let last else { return wiped }
            after = last
        }
    }
}
