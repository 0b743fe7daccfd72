import Storage

/// Forgets messages that were delivered long ago, and those that died and were not sent again.
enum WebhookRetention {
    private static let chunkRows = 2_000

    static let handler = JobHandler(kind: "webhook_retention", schedule: .daily(hour: 3, minute: 50)) { context in
        let now = context.platform.effects.now()
        var forgotten = 0
        for (status, days) in [("delivered", WebhookLimits.deliveredDays), ("dead", WebhookLimits.deadDays)] {
            let end = now.adding(days: -days).milliseconds
            while true {
                let count = try await context.write { connection in
                    try connection.execute(
                        """
                        DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries
                            WHERE status = \(status) AND created_ms < \(end) LIMIT \(chunkRows))
                        """)
                }
                forgotten += count
                if count < chunkRows { break }
            }
        }
        return try StoredDocument.text(["messages": forgotten])
    }

    private static let searchedRows = 200

    /// Takes an erased person out of messages: out of pages of a list alone, other messages go whole.
    static func forget(_ context: JobContext, _ sought: SoughtValues, before time: Timestamp) async throws -> Int {
        var after = Int64.min
        var removed = 0
        while true {
            let place = after
            let (last, count) = try await context.write { connection -> (Int64?, Int) in
                let rows = try connection.query(
                    """
                    SELECT id, event, body, answer FROM webhook_deliveries WHERE id > \(place)
                        AND created_ms <= \(time.milliseconds) ORDER BY id LIMIT \(searchedRows)
                    """)
                var count = 0
                for row in rows {
                    let (id, body) = (try row.int(0), try row.text(2))
                    guard try sought.isOwn(in: body.utf8) || sought.isOwn(in: row.text(3).utf8) else { continue }
                    count += 1
                    if try row.text(1) == WebhookEvents.list {
                        try connection.execute(
                            """
                            UPDATE webhook_deliveries SET body = \(try without(sought, body)), answer = ''
                            WHERE id = \(id)
                            """)
                    } else {
                        try connection.execute("DELETE FROM webhook_deliveries WHERE id = \(id)")
                    }
                }
                return (try rows.last?.int(0), count)
            }
            removed += count
            guard let last else { return removed }
            after = last
        }
    }

    private static func without(_ sought: SoughtValues, _ body: String) throws -> String {
        guard case .object(var message) = try JSONValue(parsing: body), case .object(var data)? = message["data"]
        else { return "{}" }
        data["people"] = .array(
            (data["people"]?.arrayValue ?? []).filter { !sought.isOwn(in: $0.text().utf8) })
        message["data"] = .object(data)
        return JSONValue.object(message).text()
    }
}
