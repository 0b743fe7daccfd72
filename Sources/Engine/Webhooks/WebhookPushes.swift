import Storage

/// A segment that is kept up to date at an endpoint.
package struct WebhookPush: Sendable, Equatable {
    package var endpointID: Int64
    package var segmentID: Int64
    /// The job that sent the list last.
    package var jobID: Int64
    package var createdAt: Timestamp
}

/// Segments that other systems follow: first the whole list in pages, and from then on who enters and who leaves.
///
/// The log is told from the moment the push is made, and a page is numbered in the transaction that reads it. So who
/// applies messages by their number has the same people as the segment, whatever happened between the pages.
package enum WebhookPushes {
    package static let kind = "push_segment"

    /// Begins. Throws: `WebhookError`, `SegmentError.notFound`, `StorageError`.
    package static func begin(
        _ segment: Int64, to endpoint: Int64, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> WebhookPush {
        try connection.lock("segments")
        let found = try Segments.get(segment, connection)
        guard try Webhooks.get(endpoint, connection).status == .enabled else { throw WebhookError.paused }
        let (now, effects) = (effects.now(), effects)
        let added = try connection.execute(
            """
            INSERT INTO webhook_pushes (endpoint_id, segment_id, job_id, created_ms)
            VALUES (\(endpoint), \(segment), 0, \(now.milliseconds)) ON CONFLICT DO NOTHING
            """)
        guard added == 1 else { throw WebhookError.pushedAlready }
        try send(segment, to: endpoint, effects, connection)
        try Webhooks.note("push", endpoint, found.name, actor, now, connection)
        return try get(segment, at: endpoint, connection)
    }

    /// Ends: the endpoint keeps what it has and is told no more. Throws: `WebhookError.pushNotFound`, `StorageError`.
    package static func end(
        _ segment: Int64, at endpoint: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        _ = try get(segment, at: endpoint, connection)
        if let sending = try JobQueue.living(connection, key: key(segment, endpoint)) {
            try JobQueue.cancel(connection, id: sending.id, at: now)
        }
        try connection.execute(
            "DELETE FROM webhook_pushes WHERE endpoint_id = \(endpoint) AND segment_id = \(segment)")
        try Webhooks.note("push_end", endpoint, "segment:\(segment)", actor, now, connection)
    }

    package static func get(
        _ segment: Int64, at endpoint: Int64, _ connection: any SQLConnection
    ) throws -> WebhookPush {
        guard let push = try list(endpoint: endpoint, connection).first(where: { $0.segmentID == segment }) else {
            throw WebhookError.pushNotFound
        }
        return push
    }

    package static func list(endpoint: Int64, _ connection: any SQLConnection) throws -> [WebhookPush] {
        try read("endpoint_id = \(endpoint)", connection)
    }

    package static func list(segment: Int64, _ connection: any SQLConnection) throws -> [WebhookPush] {
        try read("segment_id = \(segment)", connection)
    }

    /// Those who would break without a segment. Throws: `StorageError`.
    static func uses(of segment: Int64, _ connection: any SQLConnection) throws -> [SegmentUse] {
        try Webhooks.list(connection).filter { endpoint in
            try endpoint.segments.contains(segment)
                || list(endpoint: endpoint.id, connection).contains { $0.segmentID == segment }
        }.map { SegmentUse(kind: "webhook", id: String($0.id), name: $0.url) }
    }

    /// The pushed segments by endpoint.
    static func all(_ connection: any SQLConnection) throws -> [Int64: Set<Int64>] {
        var all: [Int64: Set<Int64>] = [:]
        for push in try read("endpoint_id > 0", connection) { all[push.endpointID, default: []].insert(push.segmentID) }
        return all
    }

    private static func read(_ condition: SQL, _ connection: any SQLConnection) throws -> [WebhookPush] {
        try connection.query(
            """
            SELECT endpoint_id, segment_id, job_id, created_ms FROM webhook_pushes WHERE \(condition)
            ORDER BY endpoint_id, segment_id
            """
        ).map { row in
            WebhookPush(
                endpointID: try row.int(0), segmentID: try row.int(1), jobID: try row.int(2),
                createdAt: Timestamp(milliseconds: try row.int(3)))
        }
    }

    private static func key(_ segment: Int64, _ endpoint: Int64) -> String { "\(kind):\(endpoint):\(segment)" }

    /// Asks for the list to be sent, from its beginning.
    static func send(
        _ segment: Int64, to endpoint: Int64, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let job = try JobQueue.enqueue(
            connection, kind: kind, key: key(segment, endpoint),
            request: try StoredDocument.text(["endpoint": endpoint, "segment": segment]), dueAt: effects.now(),
            effects: effects)
        try connection.execute(
            """
            UPDATE webhook_pushes SET job_id = \(job.id) WHERE endpoint_id = \(endpoint) AND segment_id = \(segment)
            """)
    }

    /// Writes the list into the outbox, a page a transaction.
    static let handler = JobHandler(kind: kind) { context in
        let request = try StoredDocument.value([String: Int64].self, from: context.job.request)
        guard let endpoint = request["endpoint"], let id = request["segment"] else {
            throw JobFailure(code: "bad_request", message: "The job names no endpoint and segment.")
        }
        var progress = context.job.progress
        while let after = Int64(progress.checkpoint ?? "0") {
            let before = progress
            progress = try await context.write { connection in
                guard let segment = try Segments.stored(id, connection) else {
                    throw JobFailure(code: "not_found", message: "The segment is gone.")
                }
                let next = try page(segment, to: endpoint, after: after, before, context.platform.effects, connection)
                try context.report(next, in: connection)
                return next
            }
        }
        return try StoredDocument.text(["people": progress.done])
    }

    /// Returns the progress after the page; its checkpoint is no number when that was the last one.
    private static func page(
        _ segment: Segment, to endpoint: Int64, after: Int64, _ before: JobProgress, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> JobProgress {
        let size = WebhookLimits.pagePeople
        let members = try Segments.members(segment.id, after: after, limit: size + 1, connection)
        let people = members.prefix(size).map(\.profileID)
        let users = try UserIDs.load(people, connection)
        let isLast = members.count <= size
        let done = before.done + Int64(people.count)
        let number = before.done / Int64(size) + 1
        let data: JSONValue = [
            "segment_id": JSONValue(id: segment.id), "segment": .string(segment.name), "page": .integer(number),
            "is_last": .bool(isLast),
            "people": .array(people.map { ["profile_id": JSONValue(id: $0), "user_id": JSONValue(users[$0])] }),
        ]
        try WebhookOutbox.put(
            [
                WebhookOutbox.Message(
                    event: WebhookEvents.list, type: WebhookEvents.list, time: effects.now(), data: data.text())
            ], to: endpoint, effects: effects, connection)
        return JobProgress(
            done: done, total: max(segment.size, done), unit: "people",
            checkpoint: isLast ? "end" : people.last.map { String($0) } ?? "end")
    }
}
