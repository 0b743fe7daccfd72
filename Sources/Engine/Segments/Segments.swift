import Storage

/// Groups of people: dynamic (whoever matches a definition, in real time), static (a list), snapshot (whoever matched
/// once).
///
/// Invariants: a published definition is valid and refers only to segments that are there; nothing that is used can be
/// deleted. Membership of dynamic segments changes in the transaction of what causes it (the processor's, a sweep's,
/// a review's), together with its system event.
package enum Segments {
    package static let limit = 500
    static let nameCharacters = 80
    static let descriptionCharacters = 500

    /// Throws: `SegmentError`, `StorageError`.
    package static func create(
        _ draft: SegmentDraft, effects: Effects, _ connection: any SQLConnection
    ) throws -> Segment {
        let now = effects.now()
        try connection.lock("segments")
        let count = try connection.first("SELECT count(*) FROM segments WHERE deleted_ms IS NULL")?.int(0) ?? 0
        guard count < limit else { throw SegmentError.tooMany(limit: limit) }
        let (name, description) = try checkedName(draft, except: nil, connection)
        let id = effects.newID()
        let criteria = try checkedCriteria(draft, id: id, connection)
        var cut = draft.cut
        if draft.kind == .snapshot, cut.seed.isEmpty { cut.seed = String(id) }
        let status = draft.kind == .list ? "live" : "building"
        try connection.execute(
            """
            INSERT INTO segments (id, name, description, kind, criteria, version, status, cut, created_ms, updated_ms)
            VALUES (\(id), \(name), \(description), \(draft.kind.rawValue), \(criteria), 1, \(status),
                \(try StoredDocument.text(cut)), \(now.milliseconds), \(now.milliseconds))
            """)
        try publish(id, draft.kind, effects: effects, connection)
        return try get(id, connection)
    }

    /// Changes name and description, and of a dynamic segment the definition. Throws: `SegmentError`, `StorageError`.
    package static func update(
        _ id: Int64, _ draft: SegmentDraft, effects: Effects, _ connection: any SQLConnection
    ) throws -> Segment {
        let now = effects.now()
        try connection.lock("segments")
        let before = try get(id, connection)
        guard before.kind == draft.kind else { throw SegmentError.wrongKind(before.kind) }
        let (name, description) = try checkedName(draft, except: id, connection)
        var criteria = before.criteria
        if before.kind == .dynamic { criteria = try checkedCriteria(draft, id: id, connection) }
        let isNew = criteria != before.criteria
        try connection.execute(
            """
            UPDATE segments SET name = \(name), description = \(description), criteria = \(criteria),
                version = \(before.version + (isNew ? 1 : 0)), updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        if isNew {
            try connection.execute("UPDATE segments SET status = 'building' WHERE id = \(id)")
            try publish(id, .dynamic, effects: effects, connection)
        } else {
            try SegmentCache.invalidate(connection, at: now)
        }
        return try get(id, connection)
    }

    /// Throws: `SegmentError.usedBy` while somebody uses it, `.notFound`, `StorageError`.
    package static func delete(_ id: Int64, effects: Effects, _ connection: any SQLConnection) throws {
        try connection.lock("segments")
        _ = try get(id, connection)
        let uses = try usedBy(id, connection)
        guard uses.isEmpty else { throw SegmentError.usedBy(uses) }
        try connection.execute("UPDATE segments SET deleted_ms = \(effects.now().milliseconds) WHERE id = \(id)")
        try connection.execute("DELETE FROM segment_members WHERE segment_id = \(id)")
        try connection.execute("DELETE FROM segment_days WHERE segment_id = \(id)")
        try KeptFeatures.settle(at: effects.now(), connection)
        try SegmentCache.invalidate(connection, at: effects.now())
    }

    private static func publish(
        _ id: Int64, _ kind: SegmentKind, effects: Effects, _ connection: any SQLConnection
    ) throws {
        if kind == .dynamic {
            try KeptFeatures.settle(at: effects.now(), connection)
        }
        try SegmentCache.invalidate(connection, at: effects.now())
        if kind != .list { try SegmentBuild.enqueue(id, effects: effects, connection) }
    }

    private static func checkedName(
        _ draft: SegmentDraft, except id: Int64?, _ connection: any SQLConnection
    ) throws -> (String, String) {
        let name = Whitespace.trim(draft.name)
        guard !name.isEmpty else { throw SegmentError.nameMissing }
        guard name.count <= nameCharacters, draft.description.count <= descriptionCharacters else {
            throw SegmentError.nameTooLong(limit: name.count > nameCharacters ? nameCharacters : descriptionCharacters)
        }
        let other = try connection.first(
            "SELECT id FROM segments WHERE deleted_ms IS NULL AND name = \(name) AND id <> \(id ?? 0)")
        guard other == nil else { throw SegmentError.nameTaken(name) }
        return (name, Whitespace.trim(draft.description))
    }

    private static func checkedCriteria(
        _ draft: SegmentDraft, id: Int64, _ connection: any SQLConnection
    ) throws -> String {
        guard draft.kind != .list else { return "" }
        do {
            let criteria = try Criteria(parsing: draft.criteria)
            let issues = criteria.issues(try CriteriaWorld.load(connection), segment: id)
            guard issues.isEmpty else { throw CriteriaError(issues: issues) }
            return criteria.text
        } catch let error as CriteriaError {
            throw SegmentError.invalid(error)
        }
    }

    /// Throws: `SegmentError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> Segment {
        guard let segment = try stored(id, connection) else { throw SegmentError.notFound(id) }
        return segment
    }

    static func stored(_ id: Int64, _ connection: any SQLConnection) throws -> Segment? {
        try connection.first(
            "SELECT \(raw: Segment.columns) FROM segments WHERE id = \(id) AND deleted_ms IS NULL"
        ).map(Segment.init)
    }

    /// All of them, by name. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [Segment] {
        try connection.query(
            "SELECT \(raw: Segment.columns) FROM segments WHERE deleted_ms IS NULL ORDER BY name, id"
        ).map(Segment.init)
    }

    /// Who would break without it. Throws: `StorageError`.
    package static func usedBy(_ id: Int64, _ connection: any SQLConnection) throws -> [SegmentUse] {
        try DefinitionUses.find(connection) { $0.segments.contains(id) } + WebhookPushes.uses(of: id, connection)
            + Dashboards.uses(of: id, connection) + Journeys.uses(of: .segment(id), connection)
            + Broadcasts.uses(ofSegment: id, connection)
    }

    /// The segments of one person, with when they entered. Throws: `StorageError`.
    package static func of(
        _ profileID: Int64, _ connection: any SQLConnection
    ) throws -> [(segment: Segment, enteredMS: Int64)] {
        let rows = try connection.query(
            "SELECT segment_id, entered_ms FROM segment_members WHERE profile_id = \(profileID) ORDER BY segment_id")
        return try rows.compactMap { row in
            try stored(row.int(0), connection).map { ($0, try row.int(1)) }
        }.sorted { $0.segment.name < $1.segment.name }
    }

    /// Sizes by day, oldest first. Throws: `StorageError`.
    package static func sizes(
        _ id: Int64, days: Int64, _ connection: any SQLConnection
    ) throws -> [(day: Int64, size: Int64)] {
        try connection.query(
            "SELECT day, size FROM segment_days WHERE segment_id = \(id) ORDER BY day DESC LIMIT \(days)"
        ).map { (try $0.int(0), try $0.int(1)) }.reversed()
    }

    /// Members after an id, ascending. Throws: `StorageError`.
    package static func members(
        _ id: Int64, after: Int64 = 0, limit: Int, _ connection: any SQLConnection
    ) throws -> [(profileID: Int64, enteredMS: Int64)] {
        try connection.query(
            """
            SELECT profile_id, entered_ms FROM segment_members WHERE segment_id = \(id) AND profile_id > \(after)
            ORDER BY profile_id LIMIT \(limit)
            """
        ).map { (try $0.int(0), try $0.int(1)) }
    }
}
