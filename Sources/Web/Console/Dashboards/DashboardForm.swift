import Engine
import Storage

/// A dashboard being put together.
struct DashboardFormModel: PageModel {
    struct Row: Encodable, Sendable {
        var place: String
        var title: String
        var usual: String
        var panel: String
        var query: String
        var widths: [Choice]
        var up: String
        var down: String
        var remove: String
    }

    struct Group: Encodable, Sendable {
        var title: String
        var choices: [Choice]
    }

    var path: String
    var name: String
    var shared: String?
    var mayShare: Bool
    var days: String
    var segments: [Choice]
    var rows: [Row]
    var isEmpty: Bool
    var offers: [Group]
    var cadences: [Choice]
    var hours: [Choice]
    var weekdays: [Choice]
    var monthDays: [Choice]
    var recipients: String
    var known: [String]
    var problem: String?
    var revision: String
}

/// Making, changing, copying and removing dashboards.
enum DashboardForm {
    static func mayChange(_ board: Dashboard, _ request: PageRequest) -> Bool {
        board.isShared ? request.user.role.may(.exportPeople) : board.ownerID == request.user.id
    }

    static func segments(
        _ segments: [Segment], _ chosen: Int64?, _ nobody: String, _ request: PageRequest
    ) -> [Choice] {
        let chosen = chosen.map { String($0) } ?? ""
        return [Choice("", request.text(nobody), chosen: chosen)]
            + segments.map { Choice(String($0.id), $0.name, chosen: chosen) }
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let name = request.form.text("name")
        do {
            let made = try await write(request, "create") { user, effects, connection in
                try Dashboards.create(
                    name: name, isShared: false, DashboardLayout(), by: user, connection, effects)
            }
            return .redirect(to: "/dashboards/\(made.id)/edit")
        } catch let error as DashboardError {
            return try await DashboardPage.answer(request, problem: words(error, request))
        }
    }

    /// A panel of a report, from the report's page.
    static func add(_ request: PageRequest) async throws -> Reply {
        let form = request.form
        let query = ViewBar.query(of: Fields(encoded: form.text("query")))
        let panel = DashboardPanel(title: form.text("title"), panel: form.text("panel"), query: query)
        let layout = DashboardLayout(panels: [panel])
        let target = form.int("dashboard")
        let may = request.user.role.may(.exportPeople)
        do {
            try await Dashboards.check(layout, request.platform)
            let name = form.text("name").isEmpty ? request.text("dashboard.new_name") : form.text("name")
            let board = try await write(request, target == nil ? "create" : "update") { user, effects, connection in
                guard let target else {
                    return try Dashboards.create(name: name, isShared: false, layout, by: user, connection, effects)
                }
                let before = try Dashboards.get(target, for: user, connection)
                guard before.isShared ? may : before.ownerID == user else { throw PageFailure.forbidden }
                var layout = before.layout
                layout.panels.append(panel)
                return try Dashboards.update(
                    target, name: before.name, isShared: before.isShared, layout, by: user, connection,
                    at: effects.now())
            }
            return .redirect(to: "/dashboards/\(board.id)", notice: "dashboard.added")
        } catch DashboardError.notFound {
            throw PageFailure.notFound
        } catch let error as DashboardError {
            return try await DashboardPage.answer(request, problem: words(error, request))
        }
    }

    static func edit(_ request: PageRequest) async throws -> Reply {
        let board = try await BoardPage.found(request)
        guard mayChange(board, request) else { throw PageFailure.forbidden }
        return try await answer(request, board)
    }

    /// Saves all of the form; a button of a row changes the order first and comes back to it.
    static func save(_ request: PageRequest) async throws -> Reply {
        let stored = try await BoardPage.found(request)
        guard mayChange(stored, request) else { throw PageFailure.forbidden }
        let form = request.form
        var asked = stored
        asked.name = form.text("name")
        asked.isShared = form["shared"] != nil && request.user.role.may(.exportPeople)
        asked.layout = DashboardFields.layout(form)
        let (wanted, seen) = (asked, form["revision"])
        do {
            try await Dashboards.check(wanted.layout, request.platform)
            _ = try await write(request, "update") { user, effects, connection in
                let before = try Dashboards.get(stored.id, for: user, connection)
                try Revision.check(seen, at: try before.revision)
                return try Dashboards.update(
                    stored.id, name: wanted.name, isShared: wanted.isShared, wanted.layout, by: user, connection,
                    at: effects.now())
            }
        } catch let conflict as EditConflict {
            let theirs = try await BoardPage.found(request)
            return EditConflictPage.answer(
                request, conflict,
                rows: zip(lines(wanted, request), lines(theirs, request)).map { ($0.0, $0.1, $1.1) },
                back: "/dashboards/\(stored.id)/edit")
        } catch let error as DashboardError {
            return try await answer(request, wanted, seen: seen, problem: words(error, request))
        }
        let stays = form["step"] != nil
        return .redirect(
            to: "/dashboards/\(stored.id)" + (stays ? "/edit" : ""), notice: stays ? nil : "dashboard.saved_notice")
    }

    static func duplicate(_ request: PageRequest) async throws -> Reply {
        let board = try await BoardPage.found(request)
        let name = request.form.text("name")
        do {
            let copy = try await write(request, "create") { user, effects, connection in
                try Dashboards.duplicate(board.id, name: name, by: user, connection, effects)
            }
            return .redirect(to: "/dashboards/\(copy.id)", notice: "dashboard.duplicated")
        } catch let error as DashboardError {
            return try await DashboardPage.answer(request, problem: words(error, request))
        }
    }

    static func remove(_ request: PageRequest) async throws -> Reply {
        let board = try await BoardPage.found(request)
        guard mayChange(board, request) else { throw PageFailure.forbidden }
        _ = try await write(request, "delete") { user, _, connection in
            try Dashboards.remove(board.id, by: user, connection)
            return board
        }
        return .redirect(to: "/dashboard", notice: "dashboard.removed")
    }

    private static func write(
        _ request: PageRequest, _ action: String,
        _ body: @escaping @Sendable (Int64, Effects, any SQLConnection) throws -> Dashboard
    ) async throws -> Dashboard {
        let (user, actor, effects) = (request.user.id, request.actor, request.platform.effects)
        return try await request.platform.store.write { connection in
            let board = try body(user, effects, connection)
            try AuditLog.append(
                actor: actor, action: "dashboard.\(action)", subject: "dashboard:\(board.id)", detail: board.name,
                connection, at: effects.now())
            return board
        }
    }

    private static func lines(_ board: Dashboard, _ request: PageRequest) -> [(String, String)] {
        let words = ReportWords(request.wording)
        return [
            (request.text("dashboard.name"), board.name),
            (request.text("lists.share"), EditConflictPage.yesOrNo(board.isShared, request)),
            (request.text("dashboard.days"), board.layout.days.map { String($0) } ?? ""),
            (
                request.text("dashboard.panels"),
                board.layout.panels.map { BoardPage.title($0, words) }.joined(separator: "; ")
            ),
            (request.text("dashboard.digest"), DigestWords.schedule(board.layout.digest, request.wording)),
        ]
    }

    private static func answer(
        _ request: PageRequest, _ board: Dashboard, seen: String? = nil, problem: String? = nil
    ) async throws -> Reply {
        let user = request.user.id
        let (segments, views, users) = try await request.platform.store.read {
            (try Segments.list($0), try SavedViews.list(.reports, for: user, $0), try Users.list($0))
        }
        let model = DashboardFields.model(
            board, segments: segments, views: views, users: users, revision: try seen ?? board.revision.text,
            problem: problem, request)
        return .page(
            Page(
                "dashboards/form", title: request.text("dashboard.edit"),
                crumbs: [
                    Crumb(request.text("insight.dashboard"), "/dashboard"),
                    Crumb(board.name, "/dashboards/\(board.id)"),
                ], model: model, status: problem == nil ? .ok : .unprocessableContent))
    }

    static func words(_ error: DashboardError, _ request: PageRequest) -> String {
        func many(_ limit: Int) -> [String: String] { ["limit": request.wording.number(Int64(limit))] }
        switch error {
        case .notFound: return request.text("insight.error_unknown")
        case .badName: return request.text("dashboard.bad_name")
        case .tooMany(let limit): return request.text("dashboard.too_many", many(limit))
        case .tooManyPanels(let limit): return request.text("dashboard.too_many_panels", many(limit))
        case .badPanel(let place, let error):
            return request.text(
                "dashboard.bad_panel",
                ["place": request.wording.number(Int64(place)), "problem": ReportWords(request.wording).problem(error)])
        case .badWidth(let place), .badTitle(let place):
            return request.text("dashboard.bad_title", ["place": request.wording.number(Int64(place))])
        case .badDays(let limit): return request.text("dashboard.bad_days", many(limit))
        case .unknownSegment: return request.text("insight.error_segment")
        case .badSchedule(let flaw): return request.text("dashboard.bad_digest_\(flaw.rawValue)")
        }
    }
}
