import Engine

/// Who did what and when.
struct AuditModel: PageModel {
    struct Row: Encodable, Sendable {
        var time: String
        var actor: String
        var action: String
        var subject: String
        var detail: String
    }

    var rows: [Row]
    var search: String
    var next: String?
    var isEmpty: Bool
    var isWhole: Bool
}

enum AuditPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let search = request.query.text("q")
        let before = request.query.int("before")
        let (entries, users, broken) = try await request.platform.store.read { connection in
            (
                try AuditLog.page(before: before, search: search, connection), try Users.list(connection),
                try AuditLog.firstBrokenEntry(connection)
            )
        }
        let names = Dictionary(users.map { ("user:\($0.id)", $0.name) }, uniquingKeysWith: { first, _ in first })
        let more = entries.count == AccountLimits.auditPageRows ? entries.last : nil
        let model = AuditModel(
            rows: entries.map { entry in
                AuditModel.Row(
                    time: request.wording.dateTime(entry.at), actor: names[entry.actor] ?? entry.actor,
                    action: request.wording.known("audit.\(entry.action.replacing(".", with: "_"))") ?? entry.action,
                    subject: names[entry.subject] ?? entry.subject, detail: entry.detail)
            },
            search: search, next: more.map { "?" + request.query.query(changing: ["before": String($0.id)]) },
            isEmpty: entries.isEmpty, isWhole: broken == nil)
        return .page(
            Page(
                "settings/audit", title: request.text("settings.audit"),
                crumbs: [Crumb(request.text("settings.title"), "/settings")], model: model))
    }
}
