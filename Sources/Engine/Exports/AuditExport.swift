import Storage

/// The audit log as CSV, in the order it was written, with the hashes that chain it: the file can be verified by itself.
struct AuditExport: ExportWriter {
    let total: Int64?
    private let columns: [String]
    private let filter: AuditLog.Filter
    private let names: [String: String]
    /// Entries written later are not part of the file, so that asking for it does not make it endless.
    private let last: Int64

    init(_ request: ExportRequest, _ connection: any SQLConnection) throws {
        columns = request.columns
        filter = AuditQuery(request.words, workspace: try Workspace.load(connection)).filter
        names = Dictionary(
            try Users.list(connection).map { ("user:\($0.id)", $0.name) }, uniquingKeysWith: { first, _ in first })
        last = try AuditLog.lastID(connection)
        total = last
    }

    func piece(after place: String, _ connection: any SQLConnection) throws -> ExportJob.Piece {
        let from = Int64(place) ?? 0
        let page = try AuditLog.page(filter, after: from, limit: ExportLimits.partRows, connection)
        var text = ""
        let entries = page.entries.filter { $0.id <= last }
        for entry in entries { text += CSVText.row(columns.map { cell($0, entry) }) + "\r\n" }
        let next = page.next.flatMap { $0 < last ? $0 : nil }
        return ExportJob.Piece(
            text: text, rows: Int64(entries.count), seen: (next ?? last) - from, next: next.map { String($0) })
    }

    private func cell(_ column: String, _ entry: AuditLog.Entry) -> String {
        switch column {
        case "id": String(entry.id)
        case "at": ExportText.time(entry.at.milliseconds)
        case "actor": ExportText.safe(entry.actor)
        case "actor_name": ExportText.safe(names[entry.actor] ?? "")
        case "action": ExportText.safe(entry.action)
        case "subject": ExportText.safe(entry.subject)
        case "detail": ExportText.safe(entry.detail)
        default: entry.hash
        }
    }
}
