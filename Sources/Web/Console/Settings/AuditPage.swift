import Engine

/// Who did what and when.
struct AuditModel: PageModel {
    struct Row: Encodable, Sendable {
        var time: String
        var actor: String
        var action: String
        var subject: String
        var subjectHref: String
        var detail: String
    }

    var rows: [Row]
    var search: String
    var actors: [Choice]
    var actions: [Choice]
    var subject: String?
    var from: String
    var to: String
    var next: String?
    var isEmpty: Bool
    var isWhole: Bool
    /// Up to when the chain was walked, or where it breaks.
    var verified: String
}

enum AuditPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let query = request.query
        let calendar = request.workspace.calendar
        var filter = AuditLog.Filter()
        filter.search = query.text("q")
        filter.actor = query.text("actor")
        filter.action = query.text("action")
        filter.subject = query.text("subject")
        filter.from = LocalCalendar.day(fromText: query.text("from")).map { calendar.start(ofDay: $0) }
        filter.to = LocalCalendar.day(fromText: query.text("to")).map { calendar.start(ofDay: $0 + 1) }
        let (wanted, before, now) = (filter, query.int("before"), request.now)
        let (page, users, chain, words) = try await request.platform.store.read { connection in
            (
                try AuditLog.page(wanted, before: before, connection), try Users.list(connection),
                try AuditVerification.quick(connection, at: now),
                (actors: try AuditLog.actors(connection), actions: try AuditLog.actions(connection))
            )
        }
        let names = Dictionary(users.map { ("user:\($0.id)", $0.name) }, uniquingKeysWith: { first, _ in first })
        func word(_ action: String) -> String {
            request.wording.known("audit.\(action.replacing(".", with: "_"))") ?? action
        }
        let model = AuditModel(
            rows: page.entries.map { entry in
                AuditModel.Row(
                    time: request.wording.dateTime(entry.at), actor: names[entry.actor] ?? entry.actor,
                    action: word(entry.action), subject: names[entry.subject] ?? entry.subject,
                    subjectHref: "?" + Fields([("subject", entry.subject)]).query(), detail: entry.detail)
            },
            search: filter.search,
            actors: [Choice("", request.text("settings.all_actors"), chosen: filter.actor)]
                + words.actors.map { Choice($0, names[$0] ?? $0, chosen: filter.actor) },
            actions: [Choice("", request.text("settings.all_actions"), chosen: filter.action)]
                + words.actions.map { Choice($0, word($0), chosen: filter.action) },
            subject: filter.subject.isEmpty ? nil : filter.subject, from: query.text("from"), to: query.text("to"),
            next: page.next.map { "?" + query.query(changing: ["before": String($0)]) },
            isEmpty: page.entries.isEmpty, isWhole: chain.brokenID == nil,
            verified: chain.brokenID.map { request.text("settings.chain_broken_at", ["entry": String($0)]) }
                ?? request.text(
                    chain.isComplete ? "settings.chain_whole_through" : "settings.chain_whole_partly",
                    ["entry": request.wording.number(chain.through)]))
        return .page(
            Page(
                "settings/audit", title: request.text("settings.audit"),
                crumbs: [Crumb(request.text("settings.title"), "/settings")], model: model))
    }
}
