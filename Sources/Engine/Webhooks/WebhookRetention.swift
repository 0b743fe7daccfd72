import Storage

/// Forgets messages: those that were delivered long ago, that died and were not sent again, that wait for an endpoint
/// which stays paused, and those of an endpoint that was deleted.
enum WebhookRetention {
    private static let chunkRows = 2_000
    private static let kept = [
        ("delivered", WebhookLimits.deliveredDays), ("dead", WebhookLimits.deadDays),
        ("waiting", WebhookLimits.deadDays),
    ]

    static let handler = JobHandler(kind: "webhook_retention", schedule: .daily(hour: 3, minute: 50)) { context in
        let now = context.platform.effects.now()
        var forgotten = 0
        for (status, days) in kept {
            let end = now.adding(days: -days).milliseconds
            forgotten += try await remove("status = \(status) AND created_ms < \(end)", context)
        }
        return try StoredDocument.text(["messages": forgotten])
    }

    private static let clearing = "webhook_clear"

    /// Asks for the messages of an endpoint that is gone to go too.
    static func clear(_ endpoint: Int64, _ effects: Effects, _ connection: any SQLConnection) throws {
        try JobQueue.enqueue(
            connection, kind: clearing, key: "\(clearing):\(endpoint)",
            request: try StoredDocument.text(["endpoint": endpoint]), dueAt: effects.now(), effects: effects)
    }

    static let clearer = JobHandler(kind: clearing) { context in
        let request = try StoredDocument.value([String: Int64].self, from: context.job.request)
        guard let endpoint = request["endpoint"] else {
            throw JobFailure(code: "bad_request", message: "The job names no endpoint.")
        }
        return try StoredDocument.text(["messages": try await remove("endpoint_id = \(endpoint)", context)])
    }

    /// A chunk a transaction. Returns how many there were.
    private static func remove(_ condition: SQL, _ context: JobContext) async throws -> Int {
        var removed = 0
        while true {
            let count = try await context.write { connection in
                try connection.execute(
                    """
                    DELETE FROM webhook_deliveries WHERE id IN (
                        SELECT id FROM webhook_deliveries WHERE \(condition) LIMIT \(chunkRows))
                    """)
            }
            removed += count
            if count < chunkRows { return removed }
        }
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
