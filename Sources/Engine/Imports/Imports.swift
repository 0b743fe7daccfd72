import Storage

/// The front door of the room: a file is registered, planned, started, watched, and listed.
///
/// ```swift
/// let record = try Imports.register(…)                       // the file is known: `uploaded`
/// let plan = try Imports.plan(record, options, now: now)     // what would happen, as often as one likes
/// try Imports.start(id, plan: resolved, …)                   // `waiting`; the job `import` runs it
/// try Imports.get(id, connection).progress                   // until `done`, `failed` or `cancelled`
/// ```
package enum Imports {
    package static let jobKind = "import"
    package static let pageRows = 200

    /// Notes a file that lies on this machine. Throws: `ImportError` for a file that cannot be read, `StorageError`.
    package static func register(
        path: String, name: String, isUpload: Bool, options: ImportOptions, errorsPath: String? = nil,
        by user: Int64? = nil, id: Int64? = nil, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> ImportRecord {
        let print = try FileFingerprint.of(path)
        let id = id ?? effects.newID()
        let now = effects.now().milliseconds
        try connection.execute(
            """
            INSERT INTO imports (id, kind, source_id, file_name, file_path, is_upload, file_bytes, fingerprint, status,
                options, errors_path, created_ms, updated_ms, created_by)
            VALUES (\(id), \(options.kind.rawValue), 0, \(name), \(path), \(isUpload), \(print.bytes), \(print.text),
                \(ImportStatus.uploaded.rawValue), \(try StoredDocument.text(options)),
                \(errorsPath ?? path + ".errors.csv"), \(now), \(now), \(user.sqlValue))
            """)
        return try get(id, connection)
    }

    /// What importing the file with these options would do; reads the file, stores nothing. Throws: `ImportError`.
    package static func plan(
        _ record: ImportRecord, options: ImportOptions, now: Timestamp
    ) throws(ImportError) -> ImportPlan {
        try ImportPlanner.plan(path: record.filePath, options: options, now: now)
    }

    /// Decides on a plan and a source by name (made when there is none of this name) and marks the import as waiting.
    /// Throws: `ImportError.wrongStatus` when it was started before, `.notFound`; `SourceError`, `StorageError`.
    package static func decide(
        _ id: Int64, plan: ResolvedImport, sourceName: String, by actor: String, _ connection: any SQLConnection,
        _ effects: Effects
    ) throws -> ImportRecord {
        let record = try get(id, connection)
        guard record.status == .uploaded else {
            throw ImportError.wrongStatus(status: record.status.rawValue, wanted: ImportStatus.uploaded.rawValue)
        }
        let source =
            try Sources.find(name: sourceName, connection)?.id
            ?? Sources.create(name: sourceName, kind: .import, by: actor, connection, effects).source.id
        try connection.execute(
            """
            UPDATE imports SET status = \(ImportStatus.waiting.rawValue), kind = \(plan.kind.rawValue),
                source_id = \(source), plan = \(try StoredDocument.text(plan)),
                updated_ms = \(effects.now().milliseconds)
            WHERE id = \(id)
            """)
        return try get(id, connection)
    }

    /// As `decide`, and asks the queue to run it. Throws: as `decide`.
    @discardableResult
    package static func start(
        _ id: Int64, plan: ResolvedImport, sourceName: String = "Import", by actor: String, user: Int64? = nil,
        _ connection: any SQLConnection, _ effects: Effects
    ) throws -> ImportRecord {
        let record = try decide(id, plan: plan, sourceName: sourceName, by: actor, connection, effects)
        try JobQueue.enqueue(
            connection, kind: jobKind, key: jobKey(id), request: "{\"import\":\"\(id)\"}", dueAt: effects.now(),
            createdBy: user, effects: effects)
        return record
    }

    /// Stops an import that waits or runs; what is stored stays. Throws: `ImportError.notFound`, `StorageError`.
    @discardableResult
    package static func cancel(
        _ id: Int64, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> ImportRecord {
        let record = try get(id, connection)
        guard !record.status.isFinished else { return record }
        let now = effects.now()
        if let job = try JobQueue.living(connection, key: jobKey(id)),
            try JobQueue.cancel(connection, id: job.id, at: now) == .cancelling
        {
            // Its process notices within seconds and closes the record itself.
            return record
        }
        try finish(id, as: .cancelled, error: nil, connection, at: now)
        return try get(id, connection)
    }

    /// Throws: `ImportError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> ImportRecord {
        guard let row = try connection.first("SELECT \(raw: ImportRecord.columns) FROM imports WHERE id = \(id)") else {
            throw ImportError.notFound(id: id)
        }
        var record = try ImportRecord(row: row)
        record.options.loyalty = try ImportLoyalty.load(connection)
        return record
    }

    /// Newest first: at most `limit` with an id below `before`. Throws: `StorageError`.
    package static func list(
        _ connection: any SQLConnection, before: Int64 = .max, limit: Int = 50
    ) throws -> [ImportRecord] {
        try connection.query(
            """
            SELECT \(raw: ImportRecord.columns) FROM imports WHERE id < \(before)
            ORDER BY id DESC LIMIT \(min(limit, pageRows))
            """
        ).map(ImportRecord.init(row:))
    }

    /// An import of the same file with the same plan that has not finished: after a kill it goes on from there.
    /// Throws: `StorageError`.
    package static func unfinished(
        fingerprint: String, plan: ResolvedImport, _ connection: any SQLConnection
    ) throws -> ImportRecord? {
        try connection.query(
            """
            SELECT \(raw: ImportRecord.columns) FROM imports
            WHERE fingerprint = \(fingerprint) AND status = \(ImportStatus.running.rawValue) ORDER BY id DESC
            """
        ).map(ImportRecord.init(row:)).first { $0.plan == plan }
    }

    static func jobKey(_ id: Int64) -> String { "import:\(id)" }
}

extension Imports {
    /// Marks an import as running and says when it was first started. Throws: `StorageError`.
    package static func begin(_ id: Int64, _ connection: any SQLConnection, at now: Timestamp) throws -> ImportRecord {
        try connection.execute(
            """
            UPDATE imports SET status = \(ImportStatus.running.rawValue),
                started_ms = coalesce(started_ms, \(now.milliseconds)), updated_ms = \(now.milliseconds)
            WHERE id = \(id)
            """)
        return try get(id, connection)
    }

    /// Notes how far an import has come. Throws: `StorageError`.
    package static func note(
        _ progress: ImportProgress, of id: Int64, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        try connection.execute(
            """
            UPDATE imports SET progress = \(try StoredDocument.text(progress)), updated_ms = \(now.milliseconds)
            WHERE id = \(id)
            """)
    }

    /// Closes an import. Throws: `StorageError`.
    package static func finish(
        _ id: Int64, as status: ImportStatus, error: ImportError?, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        let failure = error.map { ImportRecord.Failure(code: $0.code, message: $0.description) }
        try connection.execute(
            """
            UPDATE imports SET status = \(status.rawValue), error = \(try failure.map(StoredDocument.text).sqlValue),
                finished_ms = \(now.milliseconds), updated_ms = \(now.milliseconds)
            WHERE id = \(id)
            """)
    }

    /// Asks for fresh lifecycle and RFM models: orders with a past change what the base's own rhythm is.
    /// Throws: `StorageError`.
    package static func askForModels(_ connection: any SQLConnection, _ effects: Effects) throws {
        let now = effects.now()
        for kind in [LifecycleRefresh.kind, RFMRefresh.kind] {
            let job = try JobQueue.enqueue(connection, kind: kind, key: kind, dueAt: now, effects: effects)
            if !job.isNew { try JobQueue.hasten(connection, key: kind, at: now) }
        }
    }
}
