import Storage

/// Broadcasts: to whom, what, when, how fast; approved where that is wanted, stopped when somebody says so.
///
/// Invariants: each person of the segment, as it is when the broadcast starts, is planned once or held out, whatever dies
/// on the way; who is held out follows from the salt; after a stop nothing leaves that has not left.
package enum Broadcasts {
    /// Said of who is kept apart, as the broadcast is planned.
    package static let heldOut = "Broadcast Held Out"

    /// Throws: `BroadcastError`, `StorageError`.
    package static func create(
        _ draft: Broadcast.Draft, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Broadcast {
        let name = try check(draft, connection)
        let (id, now) = (effects.newID(), effects.now())
        try connection.execute(
            """
            INSERT INTO broadcasts (id, name, segment_id, template_id, status, starts_ms, per_minute, holdout_permille,
                salt, created_ms, created_by, updated_ms, priority, timing, fallbacks)
            VALUES (\(id), \(name), \(draft.segmentID), \(draft.templateID), 'draft', \(draft.starts?.milliseconds ?? 0),
                \(draft.perMinute), \(draft.holdoutPermille), \(effects.randomHex(bytes: 8)), \(now.milliseconds),
                \(actor), \(now.milliseconds), \(draft.choices.priority), \(draft.choices.timing.rawValue),
                \(draft.choices.fallbackText.sqlValue))
            """)
        try note("create", id, name, actor, now, connection)
        return try get(id, connection)
    }

    /// While it is a draft. Throws: `BroadcastError`, `StorageError`.
    package static func update(
        _ id: Int64, _ draft: Broadcast.Draft, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Broadcast {
        let before = try locked(id, connection)
        guard before.status == .draft else { throw BroadcastError.wrongStatus(before.status) }
        let name = try check(draft, connection)
        try connection.execute(
            """
            UPDATE broadcasts SET name = \(name), segment_id = \(draft.segmentID), template_id = \(draft.templateID),
                starts_ms = \(draft.starts?.milliseconds ?? 0), per_minute = \(draft.perMinute),
                holdout_permille = \(draft.holdoutPermille), priority = \(draft.choices.priority),
                timing = \(draft.choices.timing.rawValue), fallbacks = \(draft.choices.fallbackText.sqlValue),
                updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        try note("update", id, name, actor, now, connection)
        return try get(id, connection)
    }

    private static func check(_ draft: Broadcast.Draft, _ connection: any SQLConnection) throws -> String {
        let name = Whitespace.trim(draft.name)
        guard (1...BroadcastLimits.nameCharacters).contains(name.count) else { throw BroadcastError.badName }
        guard (0...BroadcastLimits.perMinute).contains(draft.perMinute) else {
            throw BroadcastError.badThrottle(limit: BroadcastLimits.perMinute)
        }
        guard (0...BroadcastLimits.holdoutPermille).contains(draft.holdoutPermille) else {
            throw BroadcastError.badHoldout(limit: BroadcastLimits.holdoutPermille)
        }
        do { _ = try Segments.get(draft.segmentID, connection) } catch SegmentError.notFound {
            throw BroadcastError.unknownSegment(draft.segmentID)
        }
        guard MessageChoices.priorities.contains(draft.choices.priority) else { throw BroadcastError.badPriority }
        do {
            let template = try MessageTemplates.get(draft.templateID, connection)
            try draft.choices.check(after: template.channel, connection)
        } catch TemplateError.notFound {
            throw BroadcastError.unknownTemplate(draft.templateID)
        } catch TemplateError.badFallback(let id) {
            throw BroadcastError.badFallback(id)
        }
        return name
    }

    /// Starts it at its time, or asks for a second user when it reaches more people than one may. Started already it
    /// stays as it is. Throws: `BroadcastError`, `ApprovalError`, `StorageError`.
    package static func start(
        _ id: Int64, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Broadcast {
        let broadcast = try locked(id, connection)
        switch broadcast.status {
        case .waiting, .planning, .sending, .finished: return broadcast
        case .stopped: throw BroadcastError.wrongStatus(.stopped)
        case .draft: break
        }
        guard try MessageTemplates.get(broadcast.templateID, connection).version > 0 else {
            throw BroadcastError.notPublished
        }
        let most = try MessagePolicy.load(connection).approvalAbove
        let size = try Segments.get(broadcast.segmentID, connection).size
        if most > 0, size > most {
            _ = try Approvals.ask(
                BroadcastApproval.kind, subject: "broadcast:\(id)", request: String(id), key: "broadcast:\(id)",
                reason: broadcast.name, by: actor, effects, connection)
            try set(.waiting, id, at: effects.now(), connection)
        } else {
            try begin(id, by: actor, effects, connection)
        }
        return try get(id, connection)
    }

    static func begin(_ id: Int64, by actor: String, _ effects: Effects, _ connection: any SQLConnection) throws {
        let (broadcast, now) = (try locked(id, connection), effects.now())
        guard broadcast.status == .draft || broadcast.status == .waiting else {
            throw BroadcastError.wrongStatus(broadcast.status)
        }
        try set(.planning, id, at: now, connection)
        try JobQueue.enqueue(
            connection, kind: BroadcastPlanning.kind, key: "\(BroadcastPlanning.kind):\(id)",
            request: "{\"id\":\"\(id)\"}",
            // Not `now` for one that has a time: it would count as wanted at once, should the clock be ahead just now.
            dueAt: broadcast.starts.milliseconds > 0 ? broadcast.starts : now, effects: effects)
        try note("start", id, broadcast.name, actor, now, connection)
    }

    /// Nothing leaves any more that has not left; one that is finished stays so. Throws: `BroadcastError`, `StorageError`.
    package static func stop(_ id: Int64, by actor: String, _ platform: Platform) async throws -> Broadcast {
        let effects = platform.effects
        let broadcast = try await platform.store.write { connection in
            let (broadcast, now) = (try locked(id, connection), effects.now())
            guard broadcast.status != .stopped, broadcast.status != .finished else { return broadcast }
            try connection.execute(
                """
                UPDATE broadcasts SET status = 'stopped', stopped_ms = \(now.milliseconds),
                    updated_ms = \(now.milliseconds) WHERE id = \(id)
                """)
            try note("stop", id, broadcast.name, actor, now, connection)
            return try get(id, connection)
        }
        guard broadcast.status == .stopped else { return broadcast }
        while try await platform.store.write({
            try Messages.withdraw(origin: "broadcast", id, reason: "stopped", effects, $0)
        }) > 0 {}
        return broadcast
    }

    /// A draft goes without a trace. Throws: `BroadcastError`, `StorageError`.
    package static func delete(
        _ id: Int64, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let broadcast = try locked(id, connection)
        guard broadcast.status == .draft else { throw BroadcastError.wrongStatus(broadcast.status) }
        try connection.execute("DELETE FROM broadcasts WHERE id = \(id)")
        try note("delete", id, broadcast.name, actor, now, connection)
    }

    static func set(
        _ status: Broadcast.Status, _ id: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            "UPDATE broadcasts SET status = \(status.rawValue), updated_ms = \(now.milliseconds) WHERE id = \(id)")
    }

    /// Throws: `BroadcastError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> Broadcast {
        try load("WHERE id = \(id)", id, connection)
    }

    static func locked(_ id: Int64, _ connection: any SQLConnection) throws -> Broadcast {
        try load("WHERE id = \(id)\(raw: connection.dialect.forUpdate)", id, connection)
    }

    private static func load(_ rest: SQL, _ id: Int64, _ connection: any SQLConnection) throws -> Broadcast {
        let row = try connection.first("SELECT \(raw: Broadcast.columns) FROM broadcasts " + rest)
        guard let row else { throw BroadcastError.notFound(id) }
        return try Broadcast(row: row)
    }

    /// The newest first. Throws: `StorageError`.
    package static func list(
        before: Int64? = nil, limit: Int, _ connection: any SQLConnection
    ) throws -> [Broadcast] {
        try connection.query(
            """
            SELECT \(raw: Broadcast.columns) FROM broadcasts WHERE id < \(before ?? .max) ORDER BY id DESC LIMIT \(limit)
            """
        ).map(Broadcast.init(row:))
    }

    /// Who was kept apart is nobody any more. Throws: `StorageError`.
    static func forget(_ profileIDs: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM broadcast_holdouts WHERE profile_id IN (\(list: profileIDs))")
    }

    /// Those to people of a segment that have not planned them all yet. Throws: `StorageError`.
    static func uses(ofSegment id: Int64, _ connection: any SQLConnection) throws -> [SegmentUse] {
        try uses("segment_id = \(id) AND status IN ('draft', 'waiting', 'planning')", connection)
    }

    /// Those that write with a template and are not over. Throws: `StorageError`.
    static func uses(ofTemplate id: Int64, _ connection: any SQLConnection) throws -> [SegmentUse] {
        try uses("template_id = \(id) AND status IN ('draft', 'waiting', 'planning')", connection)
    }

    private static func uses(_ condition: SQL, _ connection: any SQLConnection) throws -> [SegmentUse] {
        try connection.query("SELECT id, name FROM broadcasts WHERE \(condition) ORDER BY name, id").map {
            SegmentUse(kind: "broadcast", id: String(try $0.int(0)), name: try $0.text(1))
        }
    }

    private static func note(
        _ verb: String, _ id: Int64, _ detail: String, _ actor: String, _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try AuditLog.append(
            actor: actor, action: "broadcast.\(verb)", subject: "broadcast:\(id)", detail: detail, connection, at: now)
    }
}

/// A broadcast to more people than one user may write to.
package enum BroadcastApproval {
    package static let kind = ApprovalKind(name: "broadcast") { approval, decidedBy, effects, connection in
        guard let id = Int64(approval.request) else { throw BroadcastError.notFound(0) }
        try Broadcasts.begin(id, by: decidedBy, effects, connection)
        return String(id)
    }
}
