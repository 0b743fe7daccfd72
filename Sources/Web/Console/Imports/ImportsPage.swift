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

    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var kind: String
        var status: String
        var tone: String
        var rows: String
        var refused: String?
        var size: String
        var time: String
    }

    var kinds: [Kind]
    var rows: [Row]
    var hasRows: Bool
    var limit: String
}

enum ImportsPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let records = try await request.platform.store.read { try Imports.list($0) }
        let model = ImportsModel(
            kinds: ImportKind.allCases.map { kind in
                ImportsModel.Kind(
                    value: kind.rawValue, title: request.text("imports.kind_\(kind.rawValue)"),
                    explanation: request.text("imports.explain_\(kind.rawValue)"),
                    checked: kind == .orders ? "checked" : nil)
            },
            rows: records.map { row($0, request) }, hasRows: !records.isEmpty,
            limit: request.wording.bytes(ImportLimits.uploadBytes))
        return .page(Page("imports/page", title: request.text("imports.title"), model: model))
    }

    /// Takes the file as it arrives; answers where to go on, or a sentence for the form.
    static func upload(_ request: PageRequest) async throws -> Reply {
        let kind = ImportKind(rawValue: request.query.text("kind")) ?? .orders
        let name = String(request.query.text("name").prefix(200))
        let (effects, user, workspace) = (request.platform.effects, request.user.id, request.workspace)
        do {
            let upload = try ImportUpload(folder: request.console.configuration.uploadFolder, id: effects.newID())
            for try await piece in request.body {
                try upload.write(piece.readableBytesView)
            }
            try upload.finish()
            let (id, path) = (upload.id, upload.path)
            let options = ImportOptions(kind: kind, timeZone: workspace.timeZone, currency: workspace.currency)
            try await request.platform.store.write { connection in
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

    private static func row(_ record: ImportRecord, _ request: PageRequest) -> ImportsModel.Row {
        let wording = request.wording
        return ImportsModel.Row(
            href: "/imports/\(record.id)", name: record.fileName,
            kind: wording.text("imports.kind_\(record.kind.rawValue)"),
            status: wording.text("imports.status_\(record.status.rawValue)"), tone: ImportText.tone(record.status),
            rows: wording.number(record.progress.rows),
            refused: record.progress.refused > 0
                ? wording.text("imports.refused_count", count: record.progress.refused) : nil,
            size: wording.bytes(record.fileBytes), time: wording.ago(record.createdAt, now: request.now))
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
