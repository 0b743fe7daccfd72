import Engine
import Storage

/// The views of a list: which there are, which one is open, and what can be done with it. Drawn by `parts/views`.
struct ViewBar: Encodable, Sendable {
    struct Tab: Encodable, Sendable {
        var title: String
        var href: String
        var current: String?
        var isShared: Bool
    }

    /// The view that is open.
    struct Open: Encodable, Sendable {
        var id: String
        var name: String
        var version: String
        var shared: String?
        /// Its filters are not those that are shown.
        var isChanged: Bool
        var mayChange: Bool
    }

    /// Somebody else changed the open view meanwhile.
    struct Conflict: Encodable, Sendable {
        var text: String
        var theirs: String
    }

    var list: String
    var tabs: [Tab]
    var open: Open?
    var conflict: Conflict?
    /// The filters shown, as a view would keep them.
    var query: String
    var mayShare: Bool
    var problem: String?
}

extension ViewBar {
    /// Words of an address that belong to no view.
    private static let passing: Set<String> = ["cursor", "view", "conflict", "problem"]

    /// - Parameter everything: what the list is called without a view.
    /// - Parameter fixed: what every view of it has in its query without saying so in the address.
    init(
        _ list: ListName, views: [SavedView], everything: String, fixed: [(name: String, value: String)] = [],
        _ request: PageRequest
    ) {
        let own = request.query.pairs.filter { pair in !fixed.contains { $0.name == pair.name } }
        let shown = ViewBar.query(of: Fields(own + fixed))
        let openID = request.query.int("view")
        let opened = views.first { $0.id == openID }
        let mayShare = request.user.role.may(.exportPeople)
        self.list = list.rawValue
        query = shown
        self.mayShare = mayShare
        tabs =
            [Tab(title: everything, href: request.path, current: opened == nil ? "page" : nil, isShared: false)]
            + views.map { view in
                Tab(
                    title: view.name, href: request.path + "?" + ViewBar.address(view),
                    current: view.id == openID ? "page" : nil, isShared: view.isShared)
            }
        open = opened.map { view in
            Open(
                id: String(view.id), name: view.name, version: String(view.version),
                shared: view.isShared ? "checked" : nil, isChanged: view.query != shown,
                mayChange: !view.isShared || mayShare)
        }
        if let opened, request.query["conflict"] != nil {
            conflict = Conflict(
                text: request.text(
                    "lists.conflict",
                    ["name": opened.name, "time": request.wording.dateTime(opened.updatedAt)]),
                theirs: request.path + "?" + ViewBar.address(opened))
        }
        problem = request.query["problem"].flatMap { request.wording.known("lists.problem_\($0)") }
    }

    static func address(_ view: SavedView) -> String {
        "view=\(view.id)" + (view.query.isEmpty ? "" : "&" + view.query)
    }

    /// The filters of an address in one order, so that equal filters are equal text.
    static func query(of fields: Fields) -> String {
        let kept = fields.pairs.filter { !passing.contains($0.name) && !$0.value.isEmpty }
        return Fields(kept.sorted { ($0.name, $0.value) < ($1.name, $1.value) }).query()
    }
}

/// Keeping, changing and removing views, and choosing columns.
enum ListPages {
    static func saveView(_ request: PageRequest) async throws -> Reply {
        let (list, form) = (try list(request), request.form)
        let (user, effects, now) = (request.user.id, request.platform.effects, request.now)
        let query = ViewBar.query(of: Fields(encoded: form.text("query")))
        let isShared = form["shared"] != nil && request.user.role.may(.exportPeople)
        let path = path(list, query)
        do {
            let view = try await request.platform.store.write { connection in
                guard let id = form.int("view"), let version = form.int("version"), form["as_new"] == nil else {
                    return try SavedViews.create(
                        list, name: form.text("name"), query: query, isShared: isShared, by: user, connection, effects)
                }
                return try SavedViews.update(
                    id, version: version, name: form.text("name"), query: query, isShared: isShared, by: user,
                    connection, at: now)
            }
            return .redirect(to: path + "?" + ViewBar.address(view), notice: "lists.view_saved")
        } catch ViewError.changed(let view) {
            let back = "view=\(view.id)&conflict=1" + (query.isEmpty ? "" : "&" + query)
            return .redirect(to: path + "?" + back)
        } catch ViewError.badName {
            return .redirect(to: path + "?" + query + "&problem=name")
        } catch ViewError.tooMany {
            return .redirect(to: path + "?" + query + "&problem=many")
        } catch is ViewError {
            throw PageFailure.notFound
        }
    }

    static func removeView(_ request: PageRequest) async throws -> Reply {
        let (list, id, user) = (try list(request), try request.id("view"), request.user.id)
        let version = request.form.int("version") ?? 0
        let mayShare = request.user.role.may(.exportPeople)
        do {
            let query = try await request.platform.store.write { connection in
                let view = try SavedViews.get(id, for: user, connection)
                guard mayShare || !view.isShared else { throw PageFailure.forbidden }
                try SavedViews.remove(id, version: version, by: user, connection)
                return view.query
            }
            return .redirect(to: path(list, query), notice: "lists.view_removed")
        } catch ViewError.changed(let view) {
            return .redirect(to: path(list, view.query) + "?conflict=1&" + ViewBar.address(view))
        } catch is ViewError {
            throw PageFailure.notFound
        }
    }

    /// Keeps which columns a person sees.
    static func saveColumns(_ request: PageRequest) async throws -> Reply {
        let (form, user) = (request.form, request.user.id)
        let name = request.parameters["list"] ?? ""
        guard name.utf8.count <= 40, name.utf8.allSatisfy({ $0 == 0x2D || ($0 >= 0x61 && $0 <= 0x7A) }) else {
            throw PageFailure.notFound
        }
        let columns = form["usual"] == nil ? form.all("column").filter { !$0.contains(" ") } : []
        try await request.platform.store.write { try ListColumns.save(columns, name, of: user, $0) }
        let back = form.text("back")
        let isOurs = back.hasPrefix("/") && !back.hasPrefix("//") && !back.contains("\\")
        return .redirect(to: isOurs ? back : "/")
    }

    /// Where a list is shown; of reports, the one that the query is about.
    static func path(_ list: ListName, _ query: String) -> String {
        guard list == .reports else { return "/" + list.rawValue }
        let name = Fields(encoded: query).text("report")
        return ReportCatalog.reports.contains { $0.name == name } ? "/insight/\(name)" : "/dashboard"
    }

    private static func list(_ request: PageRequest) throws -> ListName {
        guard let list = request.parameters["list"].flatMap(ListName.init(rawValue:)), ListName.withViews.contains(list)
        else {
            throw PageFailure.notFound
        }
        return list
    }
}
