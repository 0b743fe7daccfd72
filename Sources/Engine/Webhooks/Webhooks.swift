import Foundation
import Storage

/// Signed messages to other systems about what happens here (Standard Webhooks 1.0).
///
/// Invariants: what is told is read from the log in its order, and written to the outbox in one transaction with the
/// place up to which the log was read; each message has a number of its own at its endpoint; a message keeps its id
/// and text through all attempts, and is sent at least once until it is accepted or dead. The processor does not know
/// of webhooks and pays nothing for them.
package enum Webhooks {
    private static let purpose = "webhook"

    /// An endpoint with its secret, which is shown only here. Throws: `WebhookError`, `StorageError`.
    package static func create(
        _ draft: WebhookEndpoint.Draft, by actor: String, _ seal: Seal, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> (endpoint: WebhookEndpoint, secret: String) {
        try connection.lock("webhooks")
        let count = try connection.first("SELECT count(*) FROM webhook_endpoints")?.int(0) ?? 0
        guard count < WebhookLimits.endpoints else { throw WebhookError.tooMany(limit: WebhookLimits.endpoints) }
        let draft = try checked(draft, connection)
        let (id, now, secret) = (effects.newID(), effects.now(), WebhookSignature.secret(effects))
        try connection.execute(
            """
            INSERT INTO webhook_endpoints (id, url, description, events, segments, status, secret, from_position,
                created_ms, updated_ms)
            VALUES (\(id), \(draft.url), \(draft.description), \(try StoredDocument.text(draft.events)),
                \(try StoredDocument.text(draft.segments)), 'enabled', \(sealed(secret, id, seal, effects)),
                \(try EventLog.end(connection)), \(now.milliseconds), \(now.milliseconds))
            """)
        try note("create", id, draft.url, actor, now, connection)
        return (try get(id, connection), secret)
    }

    /// Throws: `WebhookError`, `StorageError`.
    package static func update(
        _ id: Int64, _ draft: WebhookEndpoint.Draft, by actor: String, _ connection: any SQLConnection,
        at now: Timestamp
    ) throws -> WebhookEndpoint {
        _ = try get(id, connection)
        let draft = try checked(draft, connection)
        try connection.execute(
            """
            UPDATE webhook_endpoints SET url = \(draft.url), description = \(draft.description),
                events = \(try StoredDocument.text(draft.events)),
                segments = \(try StoredDocument.text(draft.segments)), updated_ms = \(now.milliseconds)
            WHERE id = \(id)
            """)
        try note("update", id, draft.url, actor, now, connection)
        return try get(id, connection)
    }

    /// What happens from now on is not told, and what waits goes on waiting. Throws: `WebhookError.notFound`, `StorageError`.
    package static func pause(
        _ id: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> WebhookEndpoint {
        let endpoint = try get(id, connection)
        guard endpoint.status == .enabled else { return endpoint }
        try stop(id, .byHand, connection, at: now)
        try note("pause", id, endpoint.url, actor, now, connection)
        return try get(id, connection)
    }

    static func stop(
        _ id: Int64, _ reason: WebhookEndpoint.Reason, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        try connection.execute(
            """
            UPDATE webhook_endpoints SET status = 'paused', reason = \(reason.rawValue),
                paused_ms = \(now.milliseconds), updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
    }

    /// Goes on: what waits is sent, the gap is told, and lists that are kept up to date are sent anew.
    /// Throws: `WebhookError.notFound`, `StorageError`.
    package static func resume(
        _ id: Int64, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> WebhookEndpoint {
        let (endpoint, now) = (try get(id, connection), effects.now())
        guard endpoint.status == .paused else { return endpoint }
        try connection.execute(
            """
            UPDATE webhook_endpoints SET status = 'enabled', reason = '', failing_since_ms = NULL, failures = 0,
                paused_ms = NULL, resume_ms = 0, from_position = \(try EventLog.end(connection)), updated_ms = \(now.milliseconds)
            WHERE id = \(id)
            """)
        let data: JSONValue = [
            "endpoint_id": JSONValue(id: id), "paused_at": endpoint.pausedAt.map { .string($0.iso8601) } ?? .null,
            "resumed_at": .string(now.iso8601),
        ]
        let message = WebhookOutbox.Message(
            event: WebhookEvents.resumed, type: WebhookEvents.resumed, time: now, data: data.text())
        try WebhookOutbox.put([message], to: id, effects: effects, connection)
        for push in try WebhookPushes.list(endpoint: id, connection) {
            try WebhookPushes.send(push.segmentID, to: id, effects, connection)
        }
        try note("resume", id, endpoint.url, actor, now, connection)
        return try get(id, connection)
    }

    /// A new secret; the one before signs too for `WebhookLimits.graceHours`.
    /// Throws: `WebhookError.notFound`, `StorageError`.
    package static func rotate(
        _ id: Int64, by actor: String, _ seal: Seal, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> (endpoint: WebhookEndpoint, secret: String) {
        let (endpoint, now, secret) = (try get(id, connection), effects.now(), WebhookSignature.secret(effects))
        let until = now.adding(milliseconds: Int64(WebhookLimits.graceHours) * 3_600_000)
        try connection.execute(
            """
            UPDATE webhook_endpoints SET old_secret = secret, old_until_ms = \(until.milliseconds),
                secret = \(sealed(secret, id, seal, effects)), updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        try note("rotate", id, endpoint.url, actor, now, connection)
        return (try get(id, connection), secret)
    }

    /// With its pushes at once; its messages, which may be many, follow in the background and cannot be reached from now on.
    /// Throws: `WebhookError.usedBy` while a journey tells it, `.notFound`, `StorageError`.
    package static func delete(
        _ id: Int64, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let (endpoint, now) = (try get(id, connection), effects.now())
        let uses = try Journeys.uses(of: .webhook(id), connection)
        guard uses.isEmpty else { throw WebhookError.usedBy(uses) }
        for push in try WebhookPushes.list(endpoint: id, connection) {
            try WebhookPushes.end(push.segmentID, at: id, by: actor, connection, at: now)
        }
        try connection.execute("DELETE FROM webhook_endpoints WHERE id = \(id)")
        try WebhookRetention.clear(id, effects, connection)
        try note("delete", id, endpoint.url, actor, now, connection)
    }

    /// Throws: `WebhookError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> WebhookEndpoint {
        let row = try connection.first(
            "SELECT \(raw: WebhookEndpoint.columns) FROM webhook_endpoints WHERE id = \(id)")
        guard let row else { throw WebhookError.notFound(id) }
        return try WebhookEndpoint(row: row)
    }

    /// The oldest first. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [WebhookEndpoint] {
        try connection.query("SELECT \(raw: WebhookEndpoint.columns) FROM webhook_endpoints ORDER BY id")
            .map(WebhookEndpoint.init(row:))
    }

    /// The secrets that sign now, the newest first. Throws: `WebhookError.notFound`, `SealError`, `StorageError`.
    static func secrets(
        of id: Int64, _ seal: Seal, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> [String] {
        let row = try connection.first(
            "SELECT secret, old_secret, old_until_ms FROM webhook_endpoints WHERE id = \(id)")
        guard let row else { throw WebhookError.notFound(id) }
        var texts = [try row.text(0)]
        if try row.int(2) > now.milliseconds { texts.append(try row.text(1)) }
        return try texts.map { try seal.open($0, for: "\(purpose):\(id)") }
    }

    private static func sealed(_ secret: String, _ id: Int64, _ seal: Seal, _ effects: Effects) -> String {
        seal.seal(secret, for: "\(purpose):\(id)", effects)
    }

    private static func checked(
        _ draft: WebhookEndpoint.Draft, _ connection: any SQLConnection
    ) throws -> WebhookEndpoint.Draft {
        var draft = draft
        draft.url = Whitespace.trim(draft.url)
        draft.description = Whitespace.trim(draft.description)
        guard draft.url.count <= WebhookLimits.urlCharacters, OutgoingAddress(draft.url) != nil else {
            throw WebhookError.badURL
        }
        guard draft.description.count <= WebhookLimits.descriptionCharacters else {
            throw WebhookError.descriptionTooLong(limit: WebhookLimits.descriptionCharacters)
        }
        for name in draft.events where !WebhookEvents.names.contains(name) { throw WebhookError.unknownEvent(name) }
        draft.events = WebhookEvents.names.filter(draft.events.contains)
        draft.segments = Set(draft.segments).sorted()
        guard draft.segments.count <= WebhookLimits.segments else {
            throw WebhookError.tooMany(limit: WebhookLimits.segments)
        }
        let known = Set(try Segments.list(connection).map(\.id))
        if let stranger = draft.segments.first(where: { !known.contains($0) }) {
            throw WebhookError.unknownSegment(String(stranger))
        }
        return draft
    }

    static func note(
        _ verb: String, _ id: Int64, _ detail: String, _ actor: String, _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try AuditLog.append(
            actor: actor, action: "webhook.\(verb)", subject: "webhook:\(id)", detail: detail, connection, at: now)
    }
}
