import Engine
import Storage

/// People on their way, or who were.
struct JourneyRunsModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var person: String
        var initial: String
        var node: String
        var state: String
        var tone: String
        var entered: String
        var next: String
    }

    struct Filter: Encodable, Sendable {
        var href: String
        var title: String
        var current: String?
    }

    var filters: [Filter]
    /// Who is listed, where it is not everybody.
    var about: String?
    var rows: [Row]
    var isEmpty: Bool
    var next: String?
}

/// One person's way.
struct JourneyRunModel: PageModel {
    struct Line: Encodable, Sendable {
        var words: String
        var path: String?
        var note: String?
        var at: String
    }

    var id: String
    var journey: String
    var person: String
    var personHref: String?
    var state: String
    var tone: String
    var entered: String
    var standsAt: String?
    var next: String?
    var error: String?
    var mayRetry: Bool
    var mayRemove: Bool
    var lines: [Line]
    var hasLines: Bool
}

/// The journeys of one person, on the person's page.
struct PersonJourneysModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var state: String
        var since: String
    }

    var rows: [Row]
    var isEmpty: Bool
}

enum JourneyRunsPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("journey")
        let status = JourneyRun.Status(rawValue: request.query.text("status"))
        let node = request.query.text("node")
        var asked = JourneyRunFilter(
            journey: id, node: node.isEmpty ? nil : node, status: status, before: request.query.int("before"))
        func given(_ name: String) -> String? {
            let text = request.query.text(name)
            return text.isEmpty ? nil : text
        }
        (asked.passed, asked.way, asked.note) = (given("passed"), given("way"), given("note"))
        asked.reachedGoal = request.query.text("goal") == "1"
        asked.ending = JourneyRun.Ending(rawValue: request.query.text("ending"))
        let filter = asked
        let (journey, runs, names, drawing) = try await JourneyPages.found {
            try await request.platform.store.read { connection in
                let runs = try JourneyRuns.list(filter, limit: rows + 1, connection)
                return (
                    try Journeys.get(id, connection), runs,
                    try PeopleByID.load(runs.map(\.profileID).filter { $0 != 0 }, connection),
                    try labels(id, request, connection)
                )
            }
        }
        let people = Dictionary(names.map { ($0.id, PersonName($0, request.wording)) }) { first, _ in first }
        let shown = runs.prefix(rows).map { run in
            let name = people[run.profileID]
            return JourneyRunsModel.Row(
                href: "/journeys/\(id)/runs/\(run.id)", person: name?.text ?? request.text("journey.somebody"),
                initial: name?.initial ?? "·", node: drawing.phrases.labels[run.node] ?? run.node,
                state: state(run, request), tone: tone(run),
                entered: request.wording.dateTime(run.enteredAt),
                next: run.due.map { request.wording.dateTime($0) } ?? "–")
        }
        let filters = [nil, JourneyRun.Status.active, .failed, .ended].map { one in
            JourneyRunsModel.Filter(
                href: "/journeys/\(id)/runs" + (one.map { "?status=\($0.rawValue)" } ?? ""),
                title: request.text("journey.runs_\(one?.rawValue ?? "all")"), current: one == status ? "page" : nil)
        }
        let model = JourneyRunsModel(
            filters: filters, about: about(filter, drawing, request), rows: Array(shown),
            isEmpty: shown.isEmpty,
            next: runs.count > rows ? further(id, runs[rows - 1].id, request) : nil)
        return .page(
            Page(
                "journeys/runs", title: request.text("journey.runs"),
                crumbs: [Crumb(request.text("journey.title"), "/journeys"), Crumb(journey.name, "/journeys/\(id)")],
                model: model))
    }

    private static func about(
        _ filter: JourneyRunFilter, _ drawing: JourneyDrawing, _ request: PageRequest
    ) -> String? {
        func label(_ node: String) -> String { drawing.phrases.labels[node] ?? node }
        var parts: [String] = []
        if let node = filter.node { parts.append("\(request.text("journey.standing_at")) \(label(node))") }
        if let passed = filter.passed {
            parts.append(request.text("journey.have_passed", ["node": label(passed)]))
        }
        if let way = filter.way { parts.append(JourneyTrialPanels.way(way, request)) }
        if let note = filter.note { parts.append(JourneyTrialPanels.note(note, request)) }
        if filter.reachedGoal { parts.append(request.text("journey.ending_goal")) }
        if let ending = filter.ending { parts.append(request.text("journey.ending_\(ending.rawValue)")) }
        return parts.isEmpty ? nil : parts.joined(separator: " · ")
    }

    private static func further(_ id: Int64, _ last: Int64, _ request: PageRequest) -> String {
        "/journeys/\(id)/runs?" + request.query.query(changing: ["before": String(last)])
    }

    private static func labels(
        _ id: Int64, _ request: PageRequest, _ connection: any SQLConnection
    ) throws -> JourneyDrawing {
        let version = try Journeys.published(id, connection) ?? Journeys.draft(id, connection)
        return JourneyDrawing(
            request, try JourneyWorld.load(connection, .current),
            version.flatMap { JourneyPages.readable($0.definition) })
    }

    static func state(_ run: JourneyRun, _ request: PageRequest) -> String {
        if let ending = run.ending { return request.text("journey.ending_\(ending.rawValue)") }
        return request.text("journey.run_\(run.status.rawValue)")
    }

    private static func tone(_ run: JourneyRun) -> String {
        switch run.status {
        case .active: "chip-info"
        case .failed: "chip-bad"
        case .ended: run.goalAt == nil ? "" : "chip-good"
        }
    }

    static func one(_ request: PageRequest) async throws -> Reply {
        let (id, runID) = (try request.id("journey"), try request.id("run"))
        let (journey, found, people, drawing) = try await JourneyPages.found {
            try await request.platform.store.read { connection in
                let found = try JourneyRuns.get(runID, of: id, connection)
                let people = found.run.profileID == 0 ? [] : [found.run.profileID]
                let version = try Journeys.version(found.run.versionID, connection)
                return (
                    try Journeys.get(id, connection), found, try PeopleByID.load(people, connection),
                    JourneyDrawing(
                        request, try JourneyWorld.load(connection, .current), JourneyPages.readable(version.definition))
                )
            }
        }
        let (run, wording) = (found.run, request.wording)
        let mayManage = request.user.role.may(.manageJourneys)
        let lines = found.visits.map { visit in
            JourneyRunModel.Line(
                words: drawing.phrases.labels[visit.node] ?? visit.node,
                path: visit.path.isEmpty ? nil : JourneyTrialPanels.way(visit.path, request),
                note: visit.note.isEmpty ? nil : JourneyTrialPanels.note(visit.note, request),
                at: wording.dateTime(visit.leftAt))
        }
        let model = JourneyRunModel(
            id: String(run.id), journey: String(id),
            person: people.first.map { PersonName($0, wording).text } ?? request.text("journey.somebody"),
            personHref: people.first.map { "/people/\($0.id)" }, state: state(run, request), tone: tone(run),
            entered: wording.dateTime(run.enteredAt),
            standsAt: run.status == .ended ? nil : drawing.phrases.labels[run.node] ?? run.node,
            next: run.due.map { wording.dateTime($0) }, error: run.error.isEmpty ? nil : run.error,
            mayRetry: mayManage && run.status == .failed, mayRemove: mayManage && run.status != .ended, lines: lines,
            hasLines: !lines.isEmpty)
        return .page(
            Page(
                "journeys/run", title: model.person,
                crumbs: [
                    Crumb(request.text("journey.title"), "/journeys"), Crumb(journey.name, "/journeys/\(id)"),
                    Crumb(request.text("journey.runs"), "/journeys/\(id)/runs"),
                ], model: model))
    }

    static func retry(_ request: PageRequest) async throws -> Reply {
        let (id, run, actor, now) = (try request.id("journey"), try request.id("run"), request.actor, request.now)
        return try await act(request) { _ = try JourneyRuns.retry(run, of: id, by: actor, $0, at: now) }
    }

    static func remove(_ request: PageRequest) async throws -> Reply {
        let (id, run, actor) = (try request.id("journey"), try request.id("run"), request.actor)
        let effects = request.platform.effects
        return try await act(request) { _ = try JourneyRuns.remove(run, of: id, by: actor, effects: effects, $0) }
    }

    private static func act(
        _ request: PageRequest, _ body: @escaping @Sendable (any SQLConnection) throws -> Void
    ) async throws -> Reply {
        let path = "/journeys/\(try request.id("journey"))/runs/\(try request.id("run"))"
        do {
            try await JourneyPages.found { try await request.platform.store.write(body) }
            return .redirect(to: path, notice: "journey.done")
        } catch is JourneyError {
            return .redirect(to: path, notice: "journey.not_now")
        }
    }

    static func ofPerson(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let (runs, names) = try await request.platform.store.read { connection in
            let runs = try JourneyRuns.list(JourneyRunFilter(profile: id), limit: 20, connection)
            let names = Dictionary(uniqueKeysWithValues: try Journeys.list(connection).map { ($0.id, $0.name) })
            return (runs.filter { names[$0.journeyID] != nil }, names)
        }
        let rows = runs.map { run in
            PersonJourneysModel.Row(
                href: "/journeys/\(run.journeyID)/runs/\(run.id)", name: names[run.journeyID] ?? "",
                state: state(run, request), since: request.wording.shortDate(run.enteredAt, now: request.now))
        }
        return .panel(
            template: "journeys/person", model: PersonJourneysModel(rows: rows, isEmpty: rows.isEmpty))
    }
}
