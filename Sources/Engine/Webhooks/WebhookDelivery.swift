import Storage

/// One message to one endpoint, with how its last attempt went.
package struct WebhookDelivery: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case waiting, sending, delivered, dead
    }

    package var id: Int64
    package var endpointID: Int64
    package var sequence: Int64
    package var event: String
    package var body: String
    package var status: Status
    package var attempts: Int64
    package var due: Timestamp
    /// Of the last attempt; 0 when no answer came.
    package var answerStatus: Int64
    package var answer: String
    /// What went wrong at the last attempt: `private_address`, `timed_out`, `status`, …; empty when nothing did.
    package var problem: String
    package var tookMilliseconds: Int64
    package var createdAt: Timestamp
    package var attemptedAt: Timestamp?

    /// `webhook-id`: the same at every attempt.
    package var messageID: String { "msg_\(id)" }

    static let columns = """
        id, endpoint_id, sequence, event, body, status, attempts, due_ms, answer_status, answer, problem, took_ms, \
        created_ms, attempted_ms
        """

    init(row: SQLRow) throws {
        id = try row.int(0)
        endpointID = try row.int(1)
        sequence = try row.int(2)
        event = try row.text(3)
        body = try row.text(4)
        status = Status(rawValue: try row.text(5)) ?? .dead
        attempts = try row.int(6)
        due = Timestamp(milliseconds: try row.int(7))
        answerStatus = try row.int(8)
        answer = try row.text(9)
        problem = try row.text(10)
        tookMilliseconds = try row.int(11)
        createdAt = Timestamp(milliseconds: try row.int(12))
        attemptedAt = try row.intOrNil(13).map(Timestamp.init(milliseconds:))
    }
}

/// What waits to be sent and what was.
package enum WebhookOutbox {
    /// One message before it has its number: `data` is the text of a JSON object.
    struct Message {
        var event: String
        var type: String
        var time: Timestamp
        var data: String
        /// Who waits for what is answered.
        var question: JourneyQuestion?
    }

    /// What an endpoint answered to somebody who asked, or that it never accepted: `answer` is `answered` or `failed`.
    package static let answered = "Webhook Answered"

    /// Numbers the messages and writes them down, due at once. Returns their ids. Throws: `StorageError`.
    @discardableResult
    static func put(
        _ messages: [Message], to endpoint: Int64, effects: Effects, _ connection: any SQLConnection
    ) throws -> [Int64] {
        guard !messages.isEmpty else { return [] }
        let row = try connection.first(
            """
            UPDATE webhook_endpoints SET sequence = sequence + \(Int64(messages.count)) WHERE id = \(endpoint)
            RETURNING sequence
            """)
        guard let last = try row?.int(0) else { return [] }
        let now = effects.now().milliseconds
        var sequence = last - Int64(messages.count)
        let rows = try messages.map { message -> [SQLValue] in
            sequence += 1
            let body = """
                {"type":\(JSONValue.string(message.type).text()),"timestamp":"\(message.time.iso8601)",\
                "sequence":\(sequence),"data":\(message.data)}
                """
            return [
                .integer(effects.newID()), .integer(endpoint), .integer(sequence), .text(message.event), .text(body),
                .integer(now), .integer(now), .text(try message.question.map { try StoredDocument.text($0) } ?? ""),
            ]
        }
        try connection.executeMany(
            """
            INSERT INTO webhook_deliveries (id, endpoint_id, sequence, event, body, status, due_ms, created_ms, question)
            VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?)
            """, rows)
        return try rows.map { row in
            guard case .integer(let id) = row[0] else { throw WebhookError.deliveryNotFound(0) }
            return id
        }
    }

    /// A message that says nothing but that messages arrive. Throws: `WebhookError`, `StorageError`.
    package static func ping(
        _ endpoint: Int64, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> WebhookDelivery {
        let found = try Webhooks.get(endpoint, connection)
        guard found.status == .enabled else { throw WebhookError.paused }
        let now = effects.now()
        let data = JSONValue.object(["endpoint_id": JSONValue(id: endpoint)]).text()
        let message = Message(event: WebhookEvents.ping, type: WebhookEvents.ping, time: now, data: data)
        let ids = try put([message], to: endpoint, effects: effects, connection)
        try Webhooks.note("ping", endpoint, found.url, actor, now, connection)
        return try get(ids.first ?? 0, of: endpoint, connection)
    }

    /// Throws: `WebhookError.notFound`, `.deliveryNotFound`, `StorageError`.
    package static func get(
        _ id: Int64, of endpoint: Int64, _ connection: any SQLConnection
    ) throws -> WebhookDelivery {
        _ = try Webhooks.get(endpoint, connection)
        let row = try connection.first(
            """
            SELECT \(raw: WebhookDelivery.columns) FROM webhook_deliveries
            WHERE id = \(id) AND endpoint_id = \(endpoint)
            """)
        guard let row else { throw WebhookError.deliveryNotFound(id) }
        return try WebhookDelivery(row: row)
    }

    /// The newest first. Throws: `StorageError`.
    package static func list(
        _ endpoint: Int64, status: WebhookDelivery.Status? = nil, before sequence: Int64? = nil, limit: Int,
        _ connection: any SQLConnection
    ) throws -> [WebhookDelivery] {
        var sql: SQL = """
            SELECT \(raw: WebhookDelivery.columns) FROM webhook_deliveries WHERE endpoint_id = \(endpoint)
                AND sequence < \(sequence ?? .max)
            """
        if let status { sql += " AND status = \(status.rawValue)" }
        sql += " ORDER BY sequence DESC LIMIT \(min(limit, WebhookLimits.pageRows + 1))"
        return try connection.query(sql).map(WebhookDelivery.init(row:))
    }

    /// How many messages are in each status. Throws: `StorageError`.
    package static func counts(
        _ endpoint: Int64, _ connection: any SQLConnection
    ) throws -> [WebhookDelivery.Status: Int64] {
        let rows = try connection.query(
            "SELECT status, count(*) FROM webhook_deliveries WHERE endpoint_id = \(endpoint) GROUP BY status")
        var counts: [WebhookDelivery.Status: Int64] = [:]
        for row in rows {
            if let status = WebhookDelivery.Status(rawValue: try row.text(0)) { counts[status] = try row.int(1) }
        }
        return counts
    }

    /// Sends one message again, under its id and with its text. Throws: `WebhookError`, `StorageError`.
    package static func replay(
        _ id: Int64, of endpoint: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> WebhookDelivery {
        let delivery = try get(id, of: endpoint, connection)
        guard delivery.status == .dead || delivery.status == .delivered else { throw WebhookError.notReplayable }
        try again([id], connection, at: now)
        try Webhooks.note("replay", endpoint, delivery.messageID, actor, now, connection)
        return try get(id, of: endpoint, connection)
    }

    /// Sends the dead messages made since a moment again, the oldest `WebhookLimits.replayed`. Returns how many.
    /// Throws: `WebhookError`, `StorageError`.
    package static func replayDead(
        _ endpoint: Int64, since: Timestamp, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> Int {
        _ = try Webhooks.get(endpoint, connection)
        let ids = try connection.query(
            """
            SELECT id FROM webhook_deliveries WHERE endpoint_id = \(endpoint) AND status = 'dead'
                AND created_ms >= \(since.milliseconds) ORDER BY sequence LIMIT \(WebhookLimits.replayed)
            """
        ).map { try $0.int(0) }
        try again(ids, connection, at: now)
        try Webhooks.note("replay", endpoint, "\(ids.count)", actor, now, connection)
        return ids.count
    }

    private static func again(_ ids: [Int64], _ connection: any SQLConnection, at now: Timestamp) throws {
        try connection.executeMany(
            "UPDATE webhook_deliveries SET status = 'waiting', attempts = 0, due_ms = ? WHERE id = ?",
            ids.map { [.integer(now.milliseconds), .integer($0)] })
    }
}
