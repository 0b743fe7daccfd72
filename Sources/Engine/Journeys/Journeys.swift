import Storage

/// Journeys: how the brand accompanies people, step by step, from what they did or became.
///
/// Invariants: a journey has at most one draft and one published version; a published version is valid and never
/// changes. A run, what its step does and what is said of it are written in one transaction; `(run, node, visit)` names
/// every effect, so each happens exactly once whatever dies when. Time is a due time in the run. The log is read by a
/// consumer beside the processor, up to where the processor is, so that journeys cost the processor nothing.
package enum Journeys {
    private static let stampSetting = "journeys_stamp"

    /// Rises with every change of a journey. Throws: `StorageError`.
    static func stamp(_ connection: any SQLConnection) throws -> Int64 {
        try Settings.load(Int64.self, stampSetting, connection) ?? 0
    }

    /// Call it in every transaction that changes a journey. Throws: `StorageError`.
    static func changed(_ connection: any SQLConnection, at now: Timestamp) throws {
        try connection.lock("journeys_stamp")
        try Settings.save(try stamp(connection) + 1, stampSetting, connection, at: now)
    }

    /// The draft need not be complete: what is missing is asked for when it is published. Throws: `JourneyError`,
    /// `StorageError`.
    package static func create(
        _ draft: JourneyDraft, by actor: String, effects: Effects, _ connection: any SQLConnection
    ) throws -> Journey {
        try connection.lock("journeys")
        let count = try connection.first("SELECT count(*) FROM journeys WHERE deleted_ms IS NULL")?.int(0) ?? 0
        guard count < JourneyLimits.journeys else { throw JourneyError.tooMany(limit: JourneyLimits.journeys) }
        let (name, description) = try checked(draft, except: 0, connection)
        let definition = try JourneyDefinition.drawn(draft.definition)
        let (id, now) = (effects.newID(), effects.now())
        try connection.execute(
            """
            INSERT INTO journeys (id, name, description, status, published_version, salt, from_position, created_ms,
                updated_ms, priority)
            VALUES (\(id), \(name), \(description), 'draft', 0, \(effects.randomHex(bytes: 8)), 0,
                \(now.milliseconds), \(now.milliseconds), \(draft.priority ?? MessageChoices.usualPriority))
            """)
        try write(definition, of: id, effects: effects, connection)
        try changed(connection, at: now)
        try note("create", id, name, actor, now, connection)
        return try get(id, connection)
    }

    /// Changes name and description, and the draft; a published journey gets a new draft beside what is published.
    /// `seen`: the revision that was edited; nil: whatever it is. Throws: `JourneyError`, `StorageError`.
    package static func update(
        _ id: Int64, _ draft: JourneyDraft, seen: String? = nil, by actor: String, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Journey {
        try connection.lock("journeys")
        let journey = try get(id, connection)
        let now = effects.now()
        let (name, description) = try checked(draft, except: id, connection)
        if let seen, try seen != revision(of: journey, connection) { throw JourneyError.editedMeanwhile }
        let definition = try JourneyDefinition.drawn(draft.definition)
        try connection.execute(
            """
            UPDATE journeys SET name = \(name), description = \(description), updated_ms = \(now.milliseconds),
                priority = \(draft.priority ?? journey.priority) WHERE id = \(id)
            """)
        if try current(id, connection)?.definition != definition {
            try write(definition, of: id, effects: effects, connection)
        }
        try changed(connection, at: now)
        try note("update", id, name, actor, now, connection)
        return try get(id, connection)
    }

    /// What a form was shown. Throws: `StorageError`.
    package static func revision(of journey: Journey, _ connection: any SQLConnection) throws -> String {
        let version = try current(journey.id, connection)
        return try Revision(
            of: [journey.name, journey.description, version?.definition ?? "", String(journey.priority)]
        ).text
    }

    private static func checked(
        _ draft: JourneyDraft, except id: Int64, _ connection: any SQLConnection
    ) throws -> (String, String) {
        let (name, description) = (Whitespace.trim(draft.name), Whitespace.trim(draft.description))
        guard !name.isEmpty else { throw JourneyError.nameMissing }
        guard name.count <= JourneyLimits.nameCharacters else {
            throw JourneyError.tooLong(limit: JourneyLimits.nameCharacters)
        }
        guard description.count <= JourneyLimits.descriptionCharacters else {
            throw JourneyError.tooLong(limit: JourneyLimits.descriptionCharacters)
        }
        if let priority = draft.priority, !MessageChoices.priorities.contains(priority) {
            throw JourneyError.badPriority
        }
        let other = try connection.first(
            "SELECT id FROM journeys WHERE deleted_ms IS NULL AND name = \(name) AND id <> \(id)")
        guard other == nil else { throw JourneyError.nameTaken(name) }
        return (name, description)
    }

    /// Writes the draft, JSON as `JourneyDefinition.drawn` keeps it, over the one there is.
    static func write(
        _ definition: String, of id: Int64, effects: Effects, _ connection: any SQLConnection
    ) throws {
        let now = effects.now().milliseconds
        let changed = try connection.execute(
            """
            UPDATE journey_versions SET definition = \(definition), updated_ms = \(now)
            WHERE journey_id = \(id) AND status = 'draft'
            """)
        guard changed == 0 else { return }
        let last = try connection.first("SELECT max(number) FROM journey_versions WHERE journey_id = \(id)")
        try connection.execute(
            """
            INSERT INTO journey_versions (id, journey_id, number, status, definition, updated_ms, published_by)
            VALUES (\(effects.newID()), \(id), \((try last?.intOrNil(0) ?? 0) + 1), 'draft', \(definition),
                \(now), '')
            """)
    }

    /// Throws: `JourneyError.notFound`, `.inUse` while people are on their way, `StorageError`.
    package static func delete(
        _ id: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        try connection.lock("journeys")
        let journey = try get(id, connection)
        let people = try standing(id, connection).reduce(0) { $0 + $1.people }
        guard people == 0 else { throw JourneyError.inUse(people: people) }
        try connection.execute("UPDATE journeys SET deleted_ms = \(now.milliseconds) WHERE id = \(id)")
        try changed(connection, at: now)
        // Features that only this journey asked for are no longer kept.
        try KeptFeatures.settle(at: now, connection)
        try SegmentCache.invalidate(connection, at: now)
        try note("delete", id, journey.name, actor, now, connection)
    }

    /// Throws: `JourneyError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> Journey {
        let row = try connection.first(
            "SELECT \(raw: Journey.columns) FROM journeys WHERE id = \(id) AND deleted_ms IS NULL")
        guard let row else { throw JourneyError.notFound(id) }
        return try Journey(row)
    }

    /// By name. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [Journey] {
        try connection.query(
            "SELECT \(raw: Journey.columns) FROM journeys WHERE deleted_ms IS NULL ORDER BY name, id"
        ).map(Journey.init)
    }

    /// Of the messages of these journeys. Throws: `StorageError`.
    static func priorities(of ids: [Int64], _ connection: any SQLConnection) throws -> [Int64: Int64] {
        let rows = try connection.query("SELECT id, priority FROM journeys WHERE id IN (\(list: Set(ids).sorted()))")
        return try Dictionary(rows.map { (try $0.int(0), try $0.int(1)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The draft; nil when everything is published. Throws: `StorageError`.
    package static func draft(_ id: Int64, _ connection: any SQLConnection) throws -> JourneyVersion? {
        try version("journey_id = \(id) AND status = 'draft'", connection)
    }

    /// What is live; nil before the first publishing. Throws: `StorageError`.
    package static func published(_ id: Int64, _ connection: any SQLConnection) throws -> JourneyVersion? {
        try version("journey_id = \(id) AND status = 'published'", connection)
    }

    /// The draft, or else what is published. Throws: `StorageError`.
    package static func current(_ id: Int64, _ connection: any SQLConnection) throws -> JourneyVersion? {
        try draft(id, connection) ?? published(id, connection)
    }

    /// Throws: `JourneyError.versionNotFound`, `StorageError`.
    package static func version(_ id: Int64, _ connection: any SQLConnection) throws -> JourneyVersion {
        guard let found = try version("id = \(id)", connection) else { throw JourneyError.versionNotFound(id) }
        return found
    }

    /// The newest first. Throws: `StorageError`.
    package static func versions(_ id: Int64, _ connection: any SQLConnection) throws -> [JourneyVersion] {
        try connection.query(
            """
            SELECT \(raw: JourneyVersion.columns) FROM journey_versions WHERE journey_id = \(id)
            ORDER BY number DESC LIMIT \(JourneyLimits.pageRows)
            """
        ).map(JourneyVersion.init)
    }

    private static func version(_ condition: SQL, _ connection: any SQLConnection) throws -> JourneyVersion? {
        try connection.first("SELECT \(raw: JourneyVersion.columns) FROM journey_versions WHERE \(condition)")
            .map(JourneyVersion.init)
    }

    static func note(
        _ verb: String, _ id: Int64, _ detail: String, _ actor: String, _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try AuditLog.append(
            actor: actor, action: "journey.\(verb)", subject: "journey:\(id)", detail: detail, connection, at: now)
    }

    /// Conditions of everything that is published, for what is kept of people's events.
    static func criteria(_ connection: any SQLConnection) throws -> [Criteria] {
        try connection.query(
            """
            SELECT v.definition FROM journey_versions v JOIN journeys j ON j.id = v.journey_id
            WHERE v.status = 'published' AND j.deleted_ms IS NULL
            """
        ).flatMap { row in
            JourneyDefinition.readable(try row.text(0))?.conditions.map(\.criteria) ?? []
        }
    }
}
