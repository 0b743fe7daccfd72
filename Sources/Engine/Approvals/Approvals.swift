import Storage

/// What needs two people: one asks, another decides, and what was asked for is done in the transaction of the decision.
///
/// Invariants: nobody decides what they asked for (but see `ApprovalPolicy`); a decision is made once; what is approved
/// is what was asked for, to the letter; asked twice with one key it is there once; every step is in the audit log.
package enum Approvals {
    private static let columns = """
        id, kind, subject, request, request_key, reason, asked_by, asked_ms, state, decided_by, decided_ms, note, result
        """

    /// Asks; the same again is answered as it stands. Throws: `ApprovalError.keyReused`, `.tooLong`, `StorageError`.
    package static func ask(
        _ kind: ApprovalKind, subject: String, request: String, key: String, reason: String, by actor: String,
        _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Approval {
        guard (1...ApprovalLimits.keyBytes).contains(key.utf8.count) else {
            throw ApprovalError.tooLong(field: "key", limit: ApprovalLimits.keyBytes)
        }
        guard reason.utf8.count <= ApprovalLimits.reasonBytes else {
            throw ApprovalError.tooLong(field: "reason", limit: ApprovalLimits.reasonBytes)
        }
        let (now, id) = (effects.now(), effects.newID())
        let made = try connection.execute(
            """
            INSERT INTO approvals (id, kind, subject, request, request_key, reason, asked_by, asked_ms, state,
                decided_by, note, result)
            VALUES (\(id), \(kind.name), \(subject), \(request), \(key), \(reason), \(actor), \(now.milliseconds),
                'asked', '', '', '') ON CONFLICT (kind, request_key) DO NOTHING
            """)
        guard made == 1 else {
            let first = try load("kind = \(kind.name) AND request_key = \(key)", connection).first
            guard let first, first.request == request, first.subject == subject else {
                throw ApprovalError.keyReused(key)
            }
            return first
        }
        try AuditLog.append(
            actor: actor, action: "approval.ask", subject: subject, detail: "\(kind.name) \(id)", connection, at: now)
        return try get(id, connection)
    }

    /// Does what was asked for. Throws: `ApprovalError`, and what the kind's own work throws.
    package static func approve(
        _ id: Int64, note: String, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Approval {
        let approval = try decide(id, .approved, note: note, by: actor, at: effects.now(), connection)
        guard let kind = ApprovalCatalog.kinds.first(where: { $0.name == approval.kind }) else {
            throw ApprovalError.notFound(id)
        }
        let result = try kind.perform(approval, actor, effects, connection)
        try AuditLog.append(
            actor: actor, action: "approval.approve", subject: approval.subject, detail: "\(approval.kind) \(id)",
            connection, at: effects.now())
        try connection.execute("UPDATE approvals SET result = \(result) WHERE id = \(id)")
        return try get(id, connection)
    }

    /// Throws: `ApprovalError`, `StorageError`.
    package static func refuse(
        _ id: Int64, note: String, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Approval {
        let approval = try decide(id, .refused, note: note, by: actor, at: now, connection)
        try AuditLog.append(
            actor: actor, action: "approval.refuse", subject: approval.subject, detail: "\(approval.kind) \(id)",
            connection, at: now)
        return approval
    }

    /// By who asked. Throws: `ApprovalError`, `StorageError`.
    package static func withdraw(
        _ id: Int64, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Approval {
        guard try get(id, connection).askedBy == actor else { throw ApprovalError.notYours }
        let approval = try close(id, .withdrawn, note: "", by: actor, at: now, connection)
        try AuditLog.append(
            actor: actor, action: "approval.withdraw", subject: approval.subject, detail: "\(approval.kind) \(id)",
            connection, at: now)
        return approval
    }

    private static func decide(
        _ id: Int64, _ state: Approval.State, note: String, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Approval {
        guard note.utf8.count <= ApprovalLimits.reasonBytes else {
            throw ApprovalError.tooLong(field: "note", limit: ApprovalLimits.reasonBytes)
        }
        guard try get(id, connection).askedBy != actor || ApprovalPolicy.allowsOwn(actor, connection) else {
            throw ApprovalError.own
        }
        return try close(id, state, note: note, by: actor, at: now, connection)
    }

    /// The condition decides between two who decide at once.
    private static func close(
        _ id: Int64, _ state: Approval.State, note: String, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Approval {
        let changed = try connection.execute(
            """
            UPDATE approvals SET state = \(state.rawValue), decided_by = \(actor), decided_ms = \(now.milliseconds),
                note = \(note) WHERE id = \(id) AND state = 'asked'
            """)
        let approval = try get(id, connection)
        guard changed == 1 else { throw ApprovalError.decided(approval.state) }
        return approval
    }

    // MARK: Looking

    /// Throws: `ApprovalError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> Approval {
        guard let found = try load("id = \(id)", connection).first else { throw ApprovalError.notFound(id) }
        return found
    }

    /// The newest first, older than `before`; nil: in any state. Throws: `StorageError`.
    package static func list(
        _ states: [Approval.State], before: Int64?, limit: Int, _ connection: any SQLConnection
    ) throws -> [Approval] {
        let states = states.isEmpty ? Approval.State.allCases : states
        return try load(
            """
            state IN (\(list: states.map(\.rawValue))) AND id < \(before ?? .max) ORDER BY id DESC LIMIT \(limit)
            """, connection)
    }

    /// How many wait for a decision. Throws: `StorageError`.
    package static func waiting(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT count(*) FROM approvals WHERE state = 'asked'")?.int(0) ?? 0
    }

    private static func load(_ condition: SQL, _ connection: any SQLConnection) throws -> [Approval] {
        try connection.query("SELECT \(raw: columns) FROM approvals WHERE " + condition).map { row in
            Approval(
                id: try row.int(0), kind: try row.text(1), subject: try row.text(2), request: try row.text(3),
                key: try row.text(4), reason: try row.text(5), askedBy: try row.text(6),
                askedAt: Timestamp(milliseconds: try row.int(7)),
                state: Approval.State(rawValue: try row.text(8)) ?? .withdrawn, decidedBy: try row.text(9),
                decidedAt: try row.intOrNil(10).map { Timestamp(milliseconds: $0) }, note: try row.text(11),
                result: try row.text(12))
        }
    }
}
