import Storage

/// The list of what the team has to do about people.
///
/// Invariants: a key stands for one task for ever; a task is closed once, and what was decided is told in that transaction,
/// so that whoever waits for it goes on once.
package enum StaffTasks {
    /// Done or skipped: `answer` says which, `values.note` what was noted.
    package static let closed = "Task Closed"

    /// Asks, in the open transaction; a key that is there already asks nothing again. Throws: `StorageError`.
    static func ask(
        _ tasks: [(key: String, draft: StaffTask.Draft, question: JourneyQuestion)], at now: Timestamp,
        _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        guard !tasks.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO staff_tasks (id, task_key, profile_id, title, body, role, state, due_ms, mail, journey_id, run_id,
                question, created_ms) VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            try tasks.map { key, draft, question in
                [
                    .integer(effects.newID()), .text(key), .integer(question.profile), .text(draft.title),
                    .text(draft.text), .text(draft.role), .integer(draft.due.milliseconds),
                    .integer(draft.isMailed ? 1 : 0), .integer(question.journey),
                    .integer(draft.isAwaited ? question.run : 0), .text(try StoredDocument.text(question)),
                    .integer(now.milliseconds),
                ]
            })
    }

    /// Done, or skipped; again the same changes nothing. Throws: `StaffTaskError`, `StorageError`.
    package static func close(
        _ id: Int64, _ state: StaffTask.State, note: String, by actor: String, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> StaffTask {
        precondition(state == .done || state == .skipped, "a task is done or skipped")
        let note = Whitespace.trim(note)
        guard note.utf8.count <= StaffTaskLimits.noteBytes else {
            throw StaffTaskError.noteTooLong(limit: StaffTaskLimits.noteBytes)
        }
        let row = try connection.first(
            "SELECT \(raw: StaffTask.columns) FROM staff_tasks WHERE id = \(id)\(raw: connection.dialect.forUpdate)")
        guard let task = try row.map(StaffTask.init) else { throw StaffTaskError.notFound(id) }
        if task.state == state { return task }
        guard task.state == .open else { throw StaffTaskError.closed(task.state) }
        let now = effects.now()
        try connection.execute(
            """
            UPDATE staff_tasks SET state = \(state.rawValue), note = \(note), closed_ms = \(now.milliseconds),
                closed_by = \(actor) WHERE id = \(id)
            """)
        let values: [String: JSONValue] = note.isEmpty ? [:] : ["note": .string(note)]
        try JourneyAnswers.keep(values, task.question, connection)
        try AuditLog.append(
            actor: actor, action: "task.\(state.rawValue)", subject: "task:\(id)", detail: task.title, connection,
            at: now)
        if task.profileID != 0 {
            let event = JourneyAnswers.event(
                closed, state.rawValue, task.question, values, at: now,
                ["task_id": JSONValue(id: id), "title": .string(task.title)])
            try SystemEventLog.append([event], now: now, effects: effects, to: connection)
        }
        return try get(id, connection)
    }

    /// Nobody waits any more for what these runs asked for. `runs`: a condition over `journey_runs`.
    static func withdraw(_ runs: SQL, at now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE staff_tasks SET state = 'withdrawn', closed_ms = \(now.milliseconds), closed_by = 'journey'
            WHERE state = 'open' AND run_id <> 0 AND run_id IN (SELECT id FROM journey_runs WHERE \(runs))
            """)
    }

    /// Takes these people out; that something was asked stays. Throws: `StorageError`.
    static func forget(_ profileIDs: [Int64], at now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE staff_tasks SET title = '', body = '', note = '', profile_id = 0,
                closed_ms = coalesce(closed_ms, \(now.milliseconds)),
                state = CASE WHEN state = 'open' THEN 'withdrawn' ELSE state END
            WHERE profile_id IN (\(list: profileIDs))
            """)
    }

    /// Throws: `StaffTaskError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> StaffTask {
        let row = try connection.first("SELECT \(raw: StaffTask.columns) FROM staff_tasks WHERE id = \(id)")
        guard let row else { throw StaffTaskError.notFound(id) }
        return try StaffTask(row)
    }

    /// Which are asked for.
    package struct Filter: Sendable, Equatable {
        package var state: StaffTask.State?
        /// What this role has to do: its own and everybody's.
        package var role: Role?
        package var profileIDs: [Int64] = []
        package var journeyID: Int64?

        package init(
            state: StaffTask.State? = nil, role: Role? = nil, profileIDs: [Int64] = [], journeyID: Int64? = nil
        ) {
            self.state = state
            self.role = role
            self.profileIDs = profileIDs
            self.journeyID = journeyID
        }

        fileprivate var condition: SQL {
            var sql: SQL = "1 = 1"
            if let state { sql += " AND state = \(state.rawValue)" }
            if let role { sql += " AND role IN (\(role.rawValue), '')" }
            if !profileIDs.isEmpty { sql += " AND profile_id IN (\(list: profileIDs))" }
            if let journeyID { sql += " AND journey_id = \(journeyID)" }
            return sql
        }
    }

    /// Those due first. `after`: when the one before was due, and its id. Throws: `StorageError`.
    package static func list(
        _ filter: Filter, after: (ms: Int64, id: Int64)? = nil, limit: Int, _ connection: any SQLConnection
    ) throws -> [StaffTask] {
        var sql: SQL = "SELECT \(raw: StaffTask.columns) FROM staff_tasks WHERE \(filter.condition)"
        if let after { sql += " AND (due_ms > \(after.ms) OR due_ms = \(after.ms) AND id > \(after.id))" }
        sql += " ORDER BY due_ms, id LIMIT \(limit)"
        return try connection.query(sql).map(StaffTask.init)
    }

    /// Throws: `StorageError`.
    package static func count(_ filter: Filter, _ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT count(*) FROM staff_tasks WHERE \(filter.condition)")?.int(0) ?? 0
    }

    // MARK: Mail

    /// Takes what is to be written about, so that nobody else writes about it too. What is too old, or closed, is left out.
    static func takeForMail(at now: Timestamp, _ connection: any SQLConnection) throws -> [StaffTask] {
        let tasks = try connection.query(
            """
            SELECT \(raw: StaffTask.columns) FROM staff_tasks WHERE mail = 1 ORDER BY id
            LIMIT \(StaffTaskLimits.mailed)\(raw: connection.dialect.forUpdateSkipLocked)
            """
        ).map(StaffTask.init)
        try mark(tasks.map(\.id), mail: 2, connection)
        let oldest = now.adding(milliseconds: -StaffTaskLimits.mailHours * 3_600_000)
        return tasks.filter { $0.state == .open && $0.createdAt >= oldest }
    }

    static func mark(_ ids: [Int64], mail: Int64, _ connection: any SQLConnection) throws {
        try connection.executeMany(
            "UPDATE staff_tasks SET mail = ? WHERE id = ?", ids.map { [.integer(mail), .integer($0)] })
    }
}
