import Engine

/// Who did what and when: searched, sorted by time, a page at a time, and asked for as a file.
struct AuditModel: PageModel {
    var search: String
    var actors: [Choice]
    var actions: [Choice]
    var from: String
    var to: String
    /// Filters without a field of their own: kept when another one changes.
    var hidden: [DateRange.Hidden]
    var chips: [FilterChip]
    var hasChips: Bool
    var ignored: String?
    var table: TableModel?
    var export: ExportForm
    /// Nothing matches, or nothing on this page of a long log.
    var isNothingFound: Bool
    var next: String?
    var isWhole: Bool
    /// Up to when the chain was walked, or where it breaks.
    var verified: String
}

enum AuditPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (query, user, now) = (request.query, request.user.id, request.now)
        let asked = AuditQuery(query.pairs, workspace: request.workspace)
        let (place, isOldestFirst) = (query.int("cursor"), query["sort"] == "oldest")
        let found = try await request.platform.store.read { connection in
            (
                page: isOldestFirst
                    ? try AuditLog.page(asked.filter, after: place ?? 0, connection)
                    : try AuditLog.page(asked.filter, before: place, connection),
                users: try Users.list(connection), keys: try APIKeys.list(connection),
                sources: try Sources.list(connection), chain: try AuditVerification.quick(connection, at: now),
                actors: try AuditLog.actors(connection), actions: try AuditLog.actions(connection),
                columns: try ListColumns.load("audit", of: user, connection)
            )
        }
        let names = Dictionary(
            found.users.map { ("user:\($0.id)", $0.name) } + found.keys.map { ($0.actor, $0.name) }
                + found.sources.map { ("source:\($0.id)", $0.name) }, uniquingKeysWith: { first, _ in first })
        let words = AuditWords(names: names, wording: request.wording)
        let page = found.page
        let next = page.next.map { "/settings/audit?" + query.query(changing: ["cursor": String($0)]) }
        var table: TableModel?
        if !page.entries.isEmpty {
            var list = AuditPage.table(page.entries, words, isOldestFirst, request)
            list.next = next
            list.choose(found.columns, usual: usual, always: "when", request)
            table = list.finished()
        }
        let chips = FilterChip.all(request, sources: []).filter { _ in query["subject"] != nil }
        let model = AuditModel(
            search: asked.filter.search,
            actors: [Choice("", request.text("settings.all_actors"), chosen: asked.filter.actor)]
                + found.actors.map { Choice($0, words.who($0), chosen: asked.filter.actor) },
            actions: [Choice("", request.text("settings.all_actions"), chosen: asked.filter.action)]
                + found.actions.map { Choice($0, words.what($0), chosen: asked.filter.action) },
            from: query.text("from"), to: query.text("to"),
            hidden: ["subject", "sort"].compactMap { name in
                query[name].map { DateRange.Hidden(name: name, value: $0) }
            },
            chips: chips, hasChips: !chips.isEmpty, ignored: PeoplePage.ignored(asked.ignored, request),
            table: table, export: ExportForm(.audit, request), isNothingFound: page.entries.isEmpty, next: next,
            isWhole: found.chain.brokenID == nil, verified: verified(found.chain, request))
        return .page(
            Page(
                "settings/audit", title: request.text("settings.audit"),
                crumbs: [Crumb(request.text("settings.title"), "/settings")], model: model))
    }

    private static let usual = ["when", "who", "what", "whom", "detail"]

    private static func table(
        _ entries: [AuditLog.Entry], _ words: AuditWords, _ isOldestFirst: Bool, _ request: PageRequest
    ) -> TableModel {
        let query = request.query
        let sort = TableModel.Sort(
            href: "/settings/audit?" + query.query(changing: ["sort": isOldestFirst ? nil : "oldest", "cursor": nil]),
            direction: isOldestFirst ? "ascending" : "descending")
        var table = TableModel(
            "audit", title: request.text("settings.audit"),
            columns: [
                TableModel.Column(key: "when", title: request.text("settings.when"), sort: sort),
                TableModel.Column(key: "who", title: request.text("settings.who")),
                TableModel.Column(key: "what", title: request.text("settings.what")),
                TableModel.Column(key: "whom", title: request.text("settings.whom")),
                TableModel.Column(key: "detail", title: request.text("settings.detail")),
                TableModel.Column(key: "number", title: request.text("settings.entry"), style: "num"),
            ],
            rows: entries.map { entry in
                TableModel.Row(
                    id: String(entry.id), name: words.what(entry.action),
                    cells: [
                        TableModel.Cell("when", request.wording.dateTime(entry.at), style: "nowrap"),
                        TableModel.Cell("who", words.who(entry.actor)),
                        TableModel.Cell("what", words.what(entry.action), style: "nowrap"),
                        TableModel.Cell(
                            "whom", words.who(entry.subject),
                            href: "/settings/audit?" + Fields([("subject", entry.subject)]).query()),
                        TableModel.Cell("detail", entry.detail, style: "soft wide"),
                        TableModel.Cell("number", request.wording.number(entry.id)),
                    ])
            })
        table.summary = request.text("settings.entries", count: Int64(entries.count))
        table.savesShown = true
        table.first = query["cursor"] == nil ? nil : "/settings/audit?" + query.query(changing: ["cursor": nil])
        return table
    }

    private static func verified(_ chain: AuditVerification, _ request: PageRequest) -> String {
        if let broken = chain.brokenID { return request.text("settings.chain_broken_at", ["entry": String(broken)]) }
        return request.text(
            chain.isComplete ? "settings.chain_whole_through" : "settings.chain_whole_partly",
            ["entry": request.wording.number(chain.through)])
    }
}

/// How the log's short words are spoken of.
private struct AuditWords {
    let names: [String: String]
    let wording: Wording

    /// The name of a user, a key or a source; anything else as the log has it.
    func who(_ actor: String) -> String {
        names[actor] ?? wording.known("audit.actor_\(actor)") ?? actor
    }

    func what(_ action: String) -> String {
        wording.known("audit.\(action.replacing(".", with: "_"))") ?? action
    }
}
