import Engine
import Hummingbird
import NIOCore
import Storage

/// The files that a person asked for.
struct ExportsModel: PageModel {
    var table: TableModel?
    var isEmpty: Bool
    var isRunning: Bool
    var keepDays: String
}

enum ExportsPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        .page(Page("exports/page", title: request.text("exports.title"), model: try await model(request)))
    }

    /// The list by itself, while something runs.
    static func list(_ request: PageRequest) async throws -> Reply {
        .panel(template: "exports/list", model: try await model(request))
    }

    /// Asks for a file of what a list shows, or of the rows that are selected.
    static func ask(_ request: PageRequest) async throws -> Reply {
        let form = request.form
        guard let list = ListName(rawValue: form.text("list")), list != .reports,
            request.user.role.may(permission(of: list))
        else { throw PageFailure.notFound }
        var words = Fields(encoded: form.text("query")).pairs.filter { $0.name != "columns" }
        let ids = form.all("id").filter { Int64($0) != nil }.prefix(selectedMax)
        if !ids.isEmpty { words = [("ids", ids.joined(separator: " "))] }
        let known = ExportColumns.all(of: list)
        let chosen = form.all("column").filter(known.contains)
        let wanted = ExportRequest(list: list, query: words, columns: chosen.isEmpty ? known : chosen)
        let (user, actor, effects) = (request.user.id, request.actor, request.platform.effects)
        let name = request.text(
            "exports.name_\(list.rawValue)", ["time": request.wording.dateTime(request.now)])
        let back = form.text("back")
        let place = back.hasPrefix(list == .audit ? "/settings/audit" : "/\(list.rawValue)") ? back : "/exports"
        do {
            _ = try await request.platform.store.write {
                try Exports.ask(wanted, name: name, by: user, actor: actor, $0, effects)
            }
            return .redirect(to: place, notice: "exports.started")
        } catch ExportError.tooMany {
            return .redirect(to: place, notice: "exports.too_many")
        }
    }

    /// To read a list is to be allowed its file.
    private static func permission(of list: ListName) -> Permission {
        switch list {
        case .people: .readPeople
        case .orders: .readOrders
        case .audit: .readAudit
        case .reports: .readInsights
        }
    }

    /// Stops one that waits or runs; what was written of it is not handed out.
    static func cancel(_ request: PageRequest) async throws -> Reply {
        let (export, now, actor) = (try await export(request), request.now, request.actor)
        try await request.platform.store.write { connection in
            guard try Exports.get(export.id, connection).status.isLiving else { return }
            _ = try JobQueue.cancel(connection, id: export.jobID, at: now)
            try AuditLog.append(
                actor: actor, action: "export.cancel", subject: "export:\(export.id)", detail: export.name, connection,
                at: now)
        }
        return .redirect(to: "/exports", notice: "exports.cancelled")
    }

    /// Hands the file out, part by part as it lies in the store.
    static func file(_ request: PageRequest) async throws -> Reply {
        let (export, actor, now) = (try await export(request), request.actor, request.now)
        guard export.finishedAt != nil, export.expiresAt > now else { throw PageFailure.notFound }
        try await request.platform.store.write {
            try Exports.noteDownload(of: export, actor: actor, $0, at: now)
        }
        let platform = request.platform
        let body = ResponseBody { writer in
            for number in 0..<export.parts {
                let part = try await platform.store.read { try Exports.part(number, of: export.id, $0) }
                try await writer.write(ByteBuffer(bytes: part))
            }
            try await writer.finish(nil)
        }
        return .download(name: export.name + ".csv", type: "text/csv; charset=utf-8", body)
    }

    /// One's own file. Throws: `PageFailure.notFound` also for somebody else's.
    private static func export(_ request: PageRequest) async throws -> Export {
        let id = try request.id("export")
        do {
            let export = try await request.platform.store.read { try Exports.get(id, $0) }
            guard export.createdBy == request.user.id else { throw PageFailure.notFound }
            return export
        } catch ExportError.notFound {
            throw PageFailure.notFound
        }
    }

    private static func model(_ request: PageRequest) async throws -> ExportsModel {
        let user = request.user.id
        let exports = try await request.platform.store.read {
            try Exports.list(by: user, limit: rows, $0)
        }
        let isRunning = exports.contains { $0.status.isLiving }
        var columns = [
            TableModel.Column(key: "name", title: request.text("exports.file")),
            TableModel.Column(key: "state", title: request.text("imports.status")),
            TableModel.Column(key: "rows", title: request.text("imports.rows"), style: "num"),
            TableModel.Column(key: "size", title: request.text("imports.size"), style: "num"),
            TableModel.Column(key: "until", title: request.text("exports.until")),
        ]
        if isRunning { columns.append(TableModel.Column(key: "cancel", title: request.text("settings.actions"))) }
        let table = TableModel(
            "exports", title: request.text("exports.title"), columns: columns,
            rows: exports.map { row($0, canStop: isRunning, request) })
        return ExportsModel(
            table: exports.isEmpty ? nil : table.finished(), isEmpty: exports.isEmpty,
            isRunning: isRunning,
            keepDays: request.text("exports.kept", count: Int64(ExportLimits.keepDays)))
    }

    private static func row(_ export: Export, canStop: Bool, _ request: PageRequest) -> TableModel.Row {
        let wording = request.wording
        let isReady = export.finishedAt != nil && export.expiresAt > request.now
        let share = export.progress.total.flatMap { $0 > 0 ? Double(export.progress.done) / Double($0) : nil }
        let state = wording.text("work.status_\(export.status.rawValue)")
        let tone = export.status == .done ? "chip-good" : export.status == .failed ? "chip-bad" : "chip-info"
        return TableModel.Row(
            id: String(export.id), name: export.name,
            cells: [
                TableModel.Cell(
                    "name", export.name, style: "strong", href: isReady ? "/exports/\(export.id)/file" : nil,
                    note: export.error ?? describe(export.request, wording)),
                TableModel.Cell(
                    "state",
                    export.status.isLiving
                        ? [state, share.map { wording.percent(min($0, 1), digits: 0) }].compactMap { $0 }
                            .joined(separator: " · ") : state, chip: tone),
                TableModel.Cell("rows", wording.number(export.rows)),
                TableModel.Cell("size", wording.bytes(export.bytes)),
                TableModel.Cell("until", wording.dateTime(export.expiresAt), style: "soft nowrap"),
            ] + (canStop ? [stop(export, request)] : []))
    }

    /// A button while it waits or runs.
    private static func stop(_ export: Export, _ request: PageRequest) -> TableModel.Cell {
        guard export.status.isLiving else { return TableModel.Cell("cancel", "") }
        return TableModel.Cell("cancel", request.text("exports.cancel"), post: "/exports/\(export.id)/cancel")
    }

    /// The filters it was asked with.
    private static func describe(_ request: ExportRequest, _ wording: Wording) -> String {
        let words = request.words.filter { $0.name != "sort" }.map { word in
            word.name == "ids"
                ? wording.text("exports.selected", count: Int64(word.value.split(separator: " ").count))
                : FilterWords.say(word.name, word.value, wording)
        }
        return words.isEmpty ? wording.text("exports.everything") : words.joined(separator: " · ")
    }

    private static let selectedMax = 1_000
}
