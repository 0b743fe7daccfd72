import Engine
import Foundation
import Storage

/// Bringing in a file: where to drop it, and what was brought in before.
struct ImportsModel: PageModel {
    struct Kind: Encodable, Sendable {
        var value: String
        var title: String
        var explanation: String
        var checked: String?
    }

    var kinds: [Kind]
    var table: TableModel?
    var limit: String
    /// The import whose choices the next file takes over.
    var like: Like?

    struct Like: Encodable, Sendable {
        var id: String
        var text: String
    }
}

enum ImportsPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        let (query, user) = (request.query, request.user.id)
        let (before, likeID) = (query.int("before") ?? .max, query.int("like"))
        let (records, like, columns) = try await request.platform.store.read { connection in
            (
                try Imports.list(connection, before: before, limit: rows),
                try likeID.flatMap { try ImportsPage.record($0, connection) },
                try ListColumns.load("imports", of: user, connection)
            )
        }
        let chosen = like?.kind ?? .orders
        let model = ImportsModel(
            kinds: ImportKind.allCases.map { kind in
                ImportsModel.Kind(
                    value: kind.rawValue, title: request.text("imports.kind_\(kind.rawValue)"),
                    explanation: request.text("imports.explain_\(kind.rawValue)"),
                    checked: kind == chosen ? "checked" : nil)
            },
            table: records.isEmpty ? nil : table(records, columns, request),
            limit: request.wording.bytes(ImportLimits.uploadBytes),
            like: like.map {
                ImportsModel.Like(
                    id: String($0.id), text: request.text("imports.like", ["file": $0.fileName]))
            })
        return .page(Page("imports/page", title: request.text("imports.title"), model: model))
    }

    static func record(_ id: Int64, _ connection: any SQLConnection) throws -> ImportRecord? {
        do { return try Imports.get(id, connection) } catch ImportError.notFound { return nil }
    }

    /// Takes the file as it arrives; answers where to go on, or a sentence for the form.
    static func upload(_ request: PageRequest) async throws -> Reply {
        let kind = ImportKind(rawValue: request.query.text("kind")) ?? .orders
        let name = String(request.query.text("name").prefix(200))
        let (effects, user, workspace) = (request.platform.effects, request.user.id, request.workspace)
        let likeID = request.query.int("like")
        do {
            let upload = try ImportUpload(folder: request.console.configuration.uploadFolder, id: effects.newID())
            for try await piece in request.body {
                try upload.write(piece.readableBytesView)
            }
            try upload.finish()
            let (id, path) = (upload.id, upload.path)
            let fresh = ImportOptions(kind: kind, timeZone: workspace.timeZone, currency: workspace.currency)
            try await request.platform.store.write { connection in
                let like = try likeID.flatMap { try ImportsPage.record($0, connection) }
                let options = like.flatMap { $0.kind == kind ? $0.decidedOptions : nil } ?? fresh
                _ = try Imports.register(
                    path: path, name: name.isEmpty ? "file" : name, isUpload: true, options: options, by: user, id: id,
                    connection, effects)
            }
            return .json(JSONValue.object(["location": .string("/imports/\(id)")]).text())
        } catch let error as ImportError {
            let message = ImportText.say(error.code, error.description, request)
            return .json(
                JSONValue.object(["message": .string(message)]).text(), status: .unprocessableContent)
        }
    }

    private static func table(
        _ records: [ImportRecord], _ columns: [String]?, _ request: PageRequest
    ) -> TableModel {
        func column(_ key: String, _ title: String, _ style: String = "") -> TableModel.Column {
            TableModel.Column(key: key, title: request.text(title), style: style)
        }
        var table = TableModel(
            "imports", title: request.text("imports.history"),
            columns: [
                column("file", "imports.file"), column("kind", "imports.kind"), column("status", "imports.status"),
                column("rows", "imports.rows", "num"), column("stored", "imports.stored", "num"),
                column("refused", "imports.refused", "num"), column("size", "imports.size", "num"),
                column("when", "imports.when"), column("again", "imports.repeat"),
            ],
            rows: records.map { row($0, request) })
        table.savesShown = true
        table.next =
            records.count == rows
            ? records.last.map { "/imports?" + request.query.query(changing: ["before": String($0.id)]) } : nil
        table.first = request.query["before"] == nil ? nil : "/imports"
        table.choose(
            columns, usual: ["file", "kind", "status", "rows", "refused", "size", "when", "again"], always: "file",
            request)
        return table.finished()
    }

    private static func row(_ record: ImportRecord, _ request: PageRequest) -> TableModel.Row {
        let wording = request.wording
        let href = "/imports/\(record.id)"
        let status = wording.text("imports.status_\(record.status.rawValue)")
        let share = record.status == .running ? " · " + wording.percent(record.progress.fraction, digits: 0) : ""
        return TableModel.Row(
            id: String(record.id), href: href, name: record.fileName,
            cells: [
                TableModel.Cell("file", record.fileName, style: "strong", href: href),
                TableModel.Cell("kind", wording.text("imports.kind_\(record.kind.rawValue)")),
                TableModel.Cell("status", status + share, chip: ImportText.tone(record.status)),
                TableModel.Cell("rows", wording.number(record.progress.rows)),
                TableModel.Cell("stored", wording.number(record.progress.events)),
                TableModel.Cell(
                    "refused", wording.number(record.progress.refused),
                    href: record.progress.refused > 0 ? href + "/errors" : nil),
                TableModel.Cell("size", wording.bytes(record.fileBytes)),
                TableModel.Cell("when", wording.ago(record.createdAt, now: request.now), style: "nowrap soft"),
                TableModel.Cell(
                    "again", record.plan == nil ? "" : wording.text("imports.repeat_short"), style: "nowrap",
                    href: record.plan == nil ? nil : "/imports?like=\(record.id)"),
            ])
    }
}

/// How imports are spoken of.
enum ImportText {
    static func tone(_ status: ImportStatus) -> String {
        switch status {
        case .uploaded: "chip-warn"
        case .waiting, .running: "chip-info"
        case .done: "chip-good"
        case .failed: "chip-bad"
        case .cancelled: ""
        }
    }

    /// The sentence for a fault: in the visitor's language when the catalogue has its code, with the engine's own
    /// words, which name columns and values, behind it.
    static func say(_ code: String, _ detail: String, _ request: PageRequest) -> String {
        guard let text = request.wording.known("imports.fault_\(code)") else { return detail }
        return request.wording.isChinese ? text + "（" + detail + "）" : detail
    }
}
