import Storage

/// Writes exports part by part, and forgets those that have expired.
package enum ExportJob {
    package static let handler = JobHandler(kind: Exports.jobKind) { context in
        let id = try exportID(context.job.request)
        let export = try await context.platform.store.read { try Exports.get(id, $0) }
        guard export.finishedAt == nil else { return try StoredDocument.text(["rows": export.rows]) }
        var place = Place(rows: export.rows, bytes: export.bytes, parts: export.parts, checkpoint: export.checkpoint)
        let writer = try await writer(export, context)
        if place.parts == 0 {
            let header = "\u{FEFF}" + CSVText.row(export.request.columns) + "\r\n"
            place = try await save(
                Piece(text: header, rows: 0, seen: 0, next: ""), of: id, after: place, context, writer)
        }
        while true {
            let from = place.checkpoint
            let piece = try await context.platform.store.read { try writer.piece(after: from, $0) }
            place = try await save(piece, of: id, after: place, context, writer)
            if piece.next == nil { break }
        }
        return try StoredDocument.text(["rows": place.rows])
    }

    package static let retention = JobHandler(kind: "export_retention", schedule: .every(seconds: 3_600)) { context in
        let now = context.platform.effects.now()
        let forgotten = try await context.write { connection in
            let ids = try connection.query(
                """
                SELECT id FROM exports WHERE expires_ms <= \(now.milliseconds) ORDER BY expires_ms
                LIMIT \(ExportLimits.forgottenRound)
                """
            ).map { try $0.int(0) }
            try connection.execute("DELETE FROM export_parts WHERE export_id IN (\(list: ids))")
            try connection.execute("DELETE FROM exports WHERE id IN (\(list: ids))")
            return ids.count
        }
        return try StoredDocument.text(["exports": forgotten])
    }

    /// How far a file has come.
    private struct Place: Sendable {
        var rows: Int64
        var bytes: Int64
        var parts: Int64
        var checkpoint: String
    }

    /// The next piece of text; `next` is where the one after begins, nil at the end.
    struct Piece: Sendable {
        var text: String
        var rows: Int64
        /// Rows looked at, for the progress.
        var seen: Int64
        var next: String?
    }

    private static func save(
        _ piece: Piece, of id: Int64, after place: Place, _ context: JobContext, _ writer: any ExportWriter
    ) async throws -> Place {
        let raw = Array(piece.text.utf8)
        var next = place
        next.rows += piece.rows
        next.bytes += Int64(raw.count)
        next.checkpoint = piece.next ?? place.checkpoint
        var content: [UInt8] = []
        if !raw.isEmpty {
            guard let compressed = PartCompression.compressed(raw) else {
                throw JobFailure(code: "no_memory", message: "The server has no memory left to write the file.")
            }
            content = compressed
            next.parts += 1
        }
        let (saved, part) = (next, content)
        let done = (context.job.progress.done, piece.seen)
        // The last piece and the end are one transaction: a crash between them would write the piece twice.
        let finished = piece.next == nil ? context.platform.effects.now().milliseconds : nil
        try await context.write { connection in
            if !part.isEmpty {
                try connection.execute(
                    """
                    INSERT INTO export_parts (export_id, number, raw_bytes, content)
                    VALUES (\(id), \(place.parts), \(Int64(raw.count)), \(part))
                    """)
            }
            try connection.execute(
                """
                UPDATE exports SET rows_written = \(saved.rows), bytes = \(saved.bytes), parts = \(saved.parts),
                    checkpoint = \(saved.checkpoint), finished_ms = \(finished.sqlValue) WHERE id = \(id)
                """)
            let before = try JobQueue.get(connection, id: context.job.id).progress.done
            try context.report(
                JobProgress(
                    done: max(before, done.0) + done.1, total: writer.total, unit: "rows", phase: "writing"),
                in: connection)
        }
        return next
    }

    private static func writer(_ export: Export, _ context: JobContext) async throws -> any ExportWriter {
        let request = export.request
        return try await context.platform.store.read { connection in
            switch request.list {
            case .people: try PeopleExport(request, at: export.createdAt, connection)
            case .orders: try OrdersExport(request, connection)
            case .audit: try AuditExport(request, connection)
            case .reports: throw JobFailure(code: "bad_request", message: "Reports are not exported as lists.")
            }
        }
    }

    private static func exportID(_ request: String) throws -> Int64 {
        let asked = try StoredDocument.value([String: String].self, from: request)
        guard let id = asked["export"].flatMap({ Int64($0) }) else {
            throw JobFailure(code: "bad_request", message: "The job names no export: \(request)")
        }
        return id
    }
}

/// Reads one list piece by piece as CSV.
protocol ExportWriter: Sendable {
    /// Rows to look at, as far as known when it began.
    var total: Int64? { get }
    /// `place` is empty at the beginning.
    func piece(after place: String, _ connection: any SQLConnection) throws -> ExportJob.Piece
}

/// How values are written into files.
enum ExportText {
    /// A name that a spreadsheet would take for a formula is set in front of with an apostrophe; numbers and phone
    /// numbers stay. Source: OWASP, "CSV Injection".
    static func safe(_ text: String) -> String {
        guard let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) else { return text }
        let isNumber = text.utf8.dropFirst().allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2E || $0 == 0x20 }
        return isNumber && text.utf8.count > 1 ? text : "'" + text
    }

    /// `61300.05`, in the digits of the currency.
    static func money(_ minorUnits: Int64, _ currency: String) -> String {
        let digits = CurrencyScale.digits(currency)
        guard digits > 0 else { return String(minorUnits) }
        let text = String(minorUnits.magnitude)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return (minorUnits < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    static func time(_ milliseconds: Int64?) -> String {
        milliseconds.map { Timestamp(milliseconds: $0).iso8601 } ?? ""
    }
}
