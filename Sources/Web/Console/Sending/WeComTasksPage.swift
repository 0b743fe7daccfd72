import Engine
import Storage

/// Group sends that employees confirm, and how far each is.
struct WeComTasksModel: PageModel {
    struct Row: Encodable, Sendable {
        var words: String
        var state: String
        var tone: String
        var detail: String?
        var people: String
        var sent: String
        var waiting: String
        var refused: String
        var when: String
    }

    /// What became of words of welcome; none before the first.
    var welcomes: [FigureModel]
    var hasWelcomes: Bool
    var rows: [Row]
    var isEmpty: Bool
    var next: String?
}

enum WeComTasksPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        let before = request.query.int("before")
        let (found, welcomes) = try await request.platform.store.read { connection in
            (
                try WeComTask.list(before: before, limit: rows + 1, connection),
                try WeComWelcomes.counts(connection)
            )
        }
        let shown = found.prefix(rows)
        let wording = request.wording
        let model = WeComTasksModel(
            welcomes: WeComWelcomes.states.compactMap { state in
                welcomes[state].map { FigureModel(request.text("wechat.welcome_\(state)"), wording.number($0)) }
            }, hasWelcomes: !welcomes.isEmpty,
            rows: shown.map { task, progress in
                WeComTasksModel.Row(
                    words: String(task.words.prefix(120)), state: request.text("wechat.task_\(task.state.rawValue)"),
                    tone: tone(task.state), detail: task.detail.isEmpty ? nil : task.detail,
                    people: wording.number(task.people), sent: wording.number(progress.sent),
                    waiting: wording.number(progress.waiting), refused: wording.number(progress.refused),
                    when: wording.dateTime(task.handedAt ?? task.openedAt))
            }, isEmpty: shown.isEmpty,
            next: found.count > rows ? shown.last.map { "/sending/wecom-tasks?before=\($0.task.id)" } : nil)
        return .page(
            Page(
                "sending/wecom-tasks", title: request.text("wechat.tasks"),
                crumbs: [
                    Crumb(request.text("sending.title"), "/sending"),
                    Crumb(request.text("provider.title"), "/sending/providers"),
                    Crumb(request.text("provider.name_wecom"), "/sending/providers/wecom"),
                ], model: model))
    }

    private static func tone(_ state: WeComTask.State) -> String {
        switch state {
        case .gathering, .handing, .waiting: "chip-info"
        case .done: "chip-good"
        case .refused: "chip-bad"
        case .unknown: "chip-warn"
        }
    }
}
