import Engine
import Storage

/// What the team has to do about people.
struct TasksModel: PageModel {
    struct Row: Encodable, Sendable {
        var id: String
        var title: String
        var text: String?
        var person: String
        var personHref: String?
        var journey: Origin?
        var role: String
        var due: String
        var isLate: Bool
        var isOpen: Bool
        var state: String
        var tone: String
        var note: String?
        var closed: String?
    }

    struct Origin: Encodable, Sendable {
        var name: String
        var href: String
    }

    var filters: [JourneyRunsModel.Filter]
    /// What is looked at, kept while tasks are closed.
    var view: String
    /// Whether what is looked at is done with.
    var isClosed: Bool
    var rows: [Row]
    var isEmpty: Bool
    var next: String?
    var mayClose: Bool
    var problem: String?
}

enum TasksPage {
    private static let rows = 50
    private static let views = ["mine", "open", "done", "skipped", "withdrawn"]

    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func close(_ request: PageRequest) async throws -> Reply {
        let (id, form, actor) = (try request.id("task"), request.form, request.actor)
        let effects = request.platform.effects
        let state: StaffTask.State = form.text("state") == "skipped" ? .skipped : .done
        do {
            _ = try await request.platform.store.write {
                try StaffTasks.close(id, state, note: form.text("note"), by: actor, effects, $0)
            }
            let view = form.text("view")
            return .redirect(
                to: view == "open" ? "/tasks?view=open" : "/tasks", notice: "task.closed_\(state.rawValue)")
        } catch StaffTaskError.notFound {
            throw PageFailure.notFound
        } catch StaffTaskError.closed {
            return try await answer(request, problem: request.text("task.closed_before"))
        } catch StaffTaskError.noteTooLong(let limit) {
            return try await answer(request, problem: request.text("task.note_long", ["limit": String(limit)]))
        }
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let asked = problem == nil ? request.query.text("view") : request.form.text("view")
        let view = views.contains(asked) ? asked : views[0]
        var filter = StaffTasks.Filter(state: StaffTask.State(rawValue: view) ?? .open)
        if view == "mine" { filter.role = request.user.role }
        let place = request.query.text("after").split(separator: "-").compactMap { Int64($0) }
        let wanted = filter
        let (found, people, journeys) = try await request.platform.store.read { connection in
            let found = try StaffTasks.list(
                wanted, after: place.count == 2 ? (place[0], place[1]) : nil, limit: rows + 1, connection)
            return (
                found, try PeopleByID.load(found.map(\.profileID).filter { $0 != 0 }, connection),
                try Journeys.list(connection)
            )
        }
        let names = Dictionary(people.map { ($0.id, PersonName($0, request.wording).text) }) { first, _ in first }
        let titles = Dictionary(journeys.map { ($0.id, $0.name) }) { first, _ in first }
        let shown = Array(found.prefix(rows))
        let model = TasksModel(
            filters: views.map {
                JourneyRunsModel.Filter(
                    href: "/tasks?view=\($0)", title: request.text("task.view_\($0)"),
                    current: $0 == view ? "page" : nil)
            }, view: view, isClosed: !["mine", "open"].contains(view),
            rows: shown.map { row($0, names, titles, request) }, isEmpty: shown.isEmpty,
            next: found.count > rows
                ? shown.last.map { "/tasks?view=\(view)&after=\($0.due.milliseconds)-\($0.id)" } : nil,
            mayClose: request.user.role.may(.managePeople), problem: problem)
        return .page(
            Page(
                "tasks/page", title: request.text("task.title"), model: model,
                status: problem == nil ? .ok : .conflict))
    }

    private static func row(
        _ task: StaffTask, _ people: [Int64: String], _ journeys: [Int64: String], _ request: PageRequest
    ) -> TasksModel.Row {
        let wording = request.wording
        let tones: [StaffTask.State: String] = [.open: "chip-info", .done: "chip-good", .skipped: "chip-plain"]
        return TasksModel.Row(
            id: String(task.id), title: task.title.isEmpty ? request.text("task.erased") : task.title,
            text: task.text.isEmpty ? nil : task.text,
            person: people[task.profileID] ?? request.text("journey.somebody"),
            personHref: task.profileID == 0 ? nil : "/people/\(task.profileID)",
            journey: journeys[task.journeyID].map {
                TasksModel.Origin(name: $0, href: "/journeys/\(task.journeyID)")
            },
            role: task.role.map { request.text("roles.\($0.rawValue)") } ?? request.text("task.everybody"),
            due: wording.dateTime(task.due), isLate: task.state == .open && task.due < request.now,
            isOpen: task.state == .open, state: request.text("task.state_\(task.state.rawValue)"),
            tone: tones[task.state] ?? "", note: task.note.isEmpty ? nil : task.note,
            closed: task.closedAt.map { wording.dateTime($0) })
    }
}
