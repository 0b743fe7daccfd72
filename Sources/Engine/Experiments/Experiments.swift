import Storage

/// Whether something works: people divided by a stored salt, each meeting one variant, judged by what was said beforehand.
///
/// Invariants: from its start on, an experiment's variants, audience, metrics and rule stay as they are; a person has the same
/// variant for ever; a first meeting is recorded once, with its event, in one transaction; who is in the global holdout meets
/// nothing.
package enum Experiments {
    /// The newest first. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [Experiment] {
        try connection.query(
            "SELECT \(raw: Experiment.columns) FROM experiments ORDER BY id DESC LIMIT \(ExperimentLimits.experiments)"
        ).map(Experiment.init)
    }

    /// Throws: `ExperimentError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> Experiment {
        let row = try connection.first("SELECT \(raw: Experiment.columns) FROM experiments WHERE id = \(id)")
        guard let row else { throw ExperimentError.notFound(id) }
        return try Experiment(row)
    }

    /// A draft, with a salt of its own. Throws: `ExperimentError`, `StorageError`.
    package static func create(
        _ definition: ExperimentDefinition, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Experiment {
        try check(definition, connection)
        try connection.lock("experiments")
        let count = try connection.first("SELECT count(*) FROM experiments")?.int(0) ?? 0
        guard count < Int64(ExperimentLimits.experiments) else {
            throw ExperimentError.tooMany(limit: ExperimentLimits.experiments)
        }
        let (id, now) = (effects.newID(), effects.now())
        try connection.execute(
            """
            INSERT INTO experiments (id, definition, state, salt, created_ms, updated_ms)
            VALUES (\(id), \(definition.json.text()), 'draft', \(Assignment.salt(effects)), \(now.milliseconds),
                \(now.milliseconds))
            """)
        try note("create", id, definition.name, by: actor, at: now, connection)
        return try get(id, connection)
    }

    /// Of a draft everything, later only what it is called. Throws: `ExperimentError`, `StorageError`.
    package static func update(
        _ id: Int64, _ definition: ExperimentDefinition, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Experiment {
        try check(definition, connection)
        try connection.lock("experiments")
        let before = try get(id, connection)
        guard before.state == .draft || before.definition.isSameTrial(as: definition) else {
            throw ExperimentError.begun
        }
        try connection.execute(
            """
            UPDATE experiments SET definition = \(definition.json.text()), updated_ms = \(now.milliseconds)
            WHERE id = \(id)
            """)
        try note("update", id, definition.name, by: actor, at: now, connection)
        return try get(id, connection)
    }

    /// Only a draft: what people met stays on record. Throws: `ExperimentError.begun`, `.notFound`, `StorageError`.
    package static func delete(
        _ id: Int64, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try connection.lock("experiments")
        let before = try get(id, connection)
        guard before.state == .draft else { throw ExperimentError.begun }
        try connection.execute("DELETE FROM experiments WHERE id = \(id)")
        try note("delete", id, before.definition.name, by: actor, at: now, connection)
    }

    /// Starts, stops, or decides with a reason. Being there already changes nothing. Throws: `ExperimentError`, `StorageError`.
    package static func step(
        _ id: Int64, to state: Experiment.State, reason: String = "", variant: String? = nil, by actor: String,
        at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Experiment {
        try connection.lock("experiments")
        let before = try get(id, connection)
        if before.state == state { return before }
        guard before.state.next.contains(state) else { throw ExperimentError.step(from: before.state, to: state) }
        let reason = Whitespace.trim(reason)
        if state != .running {
            guard (1...ExperimentLimits.reasonCharacters).contains(reason.count) else {
                throw ExperimentError.reasonMissing(limit: ExperimentLimits.reasonCharacters)
            }
        }
        switch state {
        case .draft: break
        case .running:
            try check(before.definition, connection)
            try connection.execute(
                "UPDATE experiments SET state = 'running', started_ms = \(now.milliseconds) WHERE id = \(id)")
        case .stopped:
            try connection.execute(
                "UPDATE experiments SET state = 'stopped', stopped_ms = \(now.milliseconds) WHERE id = \(id)")
        case .decided:
            if let variant { _ = try before.definition.variant(variant) }
            let decision = ExperimentDecision(variant: variant, reason: reason, by: actor, at: now)
            try connection.execute(
                """
                UPDATE experiments SET state = 'decided', decision = \(try StoredDocument.text(decision))
                WHERE id = \(id)
                """)
        }
        let detail = [before.definition.name, variant ?? "", reason].filter { !$0.isEmpty }.joined(separator: ": ")
        try note(state.rawValue, id, detail, by: actor, at: now, connection)
        return try get(id, connection)
    }

    private static func check(_ definition: ExperimentDefinition, _ connection: any SQLConnection) throws {
        guard let criteria = definition.criteria else { return }
        let issues = criteria.issues(try CriteriaWorld.load(connection))
        guard issues.isEmpty else { throw ExperimentError.criteria(CriteriaError(issues: issues)) }
    }

    private static func note(
        _ verb: String, _ id: Int64, _ detail: String, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try AuditLog.append(
            actor: actor, action: "experiment.\(verb)", subject: "experiment:\(id)", detail: detail, connection, at: now
        )
    }
}
