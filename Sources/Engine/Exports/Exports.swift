import Storage

/// The front door of the room: ask, look, cancel, hand out.
package enum Exports {
    package static let jobKind = "export"

    /// Asks for a file. Throws: `ExportError.unknownColumn`, `.tooMany`, `StorageError`.
    package static func ask(
        _ request: ExportRequest, name: String, by user: Int64, actor: String, _ connection: any SQLConnection,
        _ effects: Effects
    ) throws -> Export {
        let known = ExportColumns.all(of: request.list)
        if let unknown = request.columns.first(where: { !known.contains($0) }) {
            throw ExportError.unknownColumn(unknown)
        }
        let running = try list(by: user, before: .max, limit: ExportLimits.pageRows, connection)
        guard running.filter({ $0.status.isLiving }).count < ExportLimits.running else {
            throw ExportError.tooMany(limit: ExportLimits.running)
        }
        let (id, now) = (effects.newID(), effects.now())
        let job = try JobQueue.enqueue(
            connection, kind: jobKind, key: "export:\(id)", request: "{\"export\":\"\(id)\"}", dueAt: now,
            createdBy: user == 0 ? nil : user, effects: effects)
        let text = try StoredDocument.text(request)
        try connection.execute(
            """
            INSERT INTO exports (id, list, name, request, job_id, created_ms, created_by, expires_ms)
            VALUES (\(id), \(request.list.rawValue), \(name), \(text), \(job.id), \(now.milliseconds), \(user),
                \(now.adding(days: ExportLimits.keepDays).milliseconds))
            """)
        let words = request.words.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        try AuditLog.append(
            actor: actor, action: "export.ask", subject: "export:\(id)",
            detail: String("\(request.list.rawValue)?\(words)".prefix(500)), connection, at: now)
        return try get(id, connection)
    }

    /// Throws: `ExportError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> Export {
        let row = try connection.first(
            "SELECT \(raw: columns) FROM exports e LEFT JOIN jobs j ON j.id = e.job_id WHERE e.id = \(id)")
        guard let row else { throw ExportError.notFound(id: id) }
        return try export(row)
    }

    /// Newest first: those of one person, at most `limit` with an id below `before`. Throws: `StorageError`.
    package static func list(
        by user: Int64, before: Int64 = .max, limit: Int, _ connection: any SQLConnection
    ) throws -> [Export] {
        try connection.query(
            """
            SELECT \(raw: columns) FROM exports e LEFT JOIN jobs j ON j.id = e.job_id
            WHERE e.created_by = \(user) AND e.id < \(before)
            ORDER BY e.id DESC LIMIT \(min(limit, ExportLimits.pageRows))
            """
        ).map(export)
    }

    /// One part of a finished file as text. Throws: `ExportError.notFound` when it has expired, `.damaged`.
    package static func part(_ number: Int64, of id: Int64, _ connection: any SQLConnection) throws -> [UInt8] {
        let row = try connection.first(
            "SELECT content, raw_bytes FROM export_parts WHERE export_id = \(id) AND number = \(number)")
        guard let row else { throw ExportError.notFound(id: id) }
        guard let bytes = PartCompression.expanded(try row.blob(0), to: Int(try row.int(1))) else {
            throw ExportError.damaged(id: id)
        }
        return bytes
    }

    /// Notes that a file is handed out. Throws: `ExportError.notFinished`, `StorageError`.
    package static func noteDownload(
        of export: Export, actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        guard export.finishedAt != nil else { throw ExportError.notFinished(id: export.id) }
        try AuditLog.append(
            actor: actor, action: "export.download", subject: "export:\(export.id)", detail: export.name, connection,
            at: now)
    }

    private static let columns = """
        e.id, e.request, e.name, e.job_id, j.status, j.progress, j.result, e.rows_written, e.bytes, e.parts, \
        e.checkpoint, e.created_ms, e.created_by, e.finished_ms, e.expires_ms
        """

    private static func export(_ row: SQLRow) throws -> Export {
        let finished = try row.intOrNil(13).map(Timestamp.init(milliseconds:))
        let status = try row.textOrNil(4).flatMap(JobStatus.init(rawValue:)) ?? .failed
        return Export(
            id: try row.int(0), request: try StoredDocument.value(ExportRequest.self, from: try row.text(1)),
            name: try row.text(2), jobID: try row.int(3), status: finished == nil ? status : .done,
            progress: try row.textOrNil(5).map { try JobProgress(json: $0) } ?? JobProgress(),
            error: status == .failed ? try row.textOrNil(6).flatMap { failure($0) } : nil, rows: try row.int(7),
            bytes: try row.int(8), parts: try row.int(9), checkpoint: try row.text(10),
            createdAt: Timestamp(milliseconds: try row.int(11)), createdBy: try row.int(12), finishedAt: finished,
            expiresAt: Timestamp(milliseconds: try row.int(14)))
    }

    private static func failure(_ result: String) -> String? {
        do throws(JSONError) {
            return try JSONValue(parsing: result)["error"]?.stringValue
        } catch {
            return nil
        }
    }
}
