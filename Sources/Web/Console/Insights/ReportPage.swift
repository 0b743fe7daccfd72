import Engine
import Storage

/// A report: what is asked, and its panels, which come by themselves.
struct ReportModel: PageModel {
    struct Panel: Encodable, Sendable {
        var id: String
        var title: String
        var hint: String?
        var span: String
        var href: String
        var isFigures: Bool
    }

    var lead: String
    var form: ReportFormModel
    var views: ViewBar
    var panels: [Panel]
    /// Shown instead of panels.
    var start: StartModel?
    /// What a report draws beside its panels.
    var map: String?
    /// Where a panel can be put, and which.
    var boards: [Choice]
    var boardPanels: [Choice]
    var problem: String?
}

/// One panel as it was counted.
struct ReportPanelModel: PageModel {
    struct Cell: Encodable, Sendable {
        var text: String
        var href: String?
    }

    struct Label: Encodable, Sendable {
        var text: String
        /// Long ones may break.
        var tone: String
    }

    struct Row: Encodable, Sendable {
        var labels: [Label]
        var cells: [Cell]
    }

    struct Head: Encodable, Sendable {
        var title: String
        var how: HowModel?
    }

    var title: String
    var figures: [FigureModel]
    var hasFigures: Bool
    var chart: ChartModel?
    var heads: [String]
    var columns: [Head]
    var rows: [Row]
    var hasTable: Bool
    /// On a phone rows of a few columns become cards; wide ones are moved sideways.
    var fold: String
    var isEmpty: Bool
    /// What is to be chosen above before this panel counts anything.
    var choose: String?
    var notes: [String]
    var problem: String?
}

enum ReportPage {
    /// Panels that need the whole width.
    private static let wide: Set<String> = [
        "trend", "hours", "matrix", "steps", "flows", "sources", "states", "groups", "sequences", "categories",
        "elements", "scenes", "regions",
    ]

    static func show(_ request: PageRequest) async throws -> Reply {
        let report = try report(request)
        let draft = ReportDraft(report, request.query)
        if let address = address(draft, request) { return .redirect(to: address) }
        return try await answer(report, draft, request.asking(draft.query))
    }

    /// - Parameter request: with the draft's query.
    private static func answer(
        _ report: any InsightReport.Type, _ draft: ReportDraft, _ request: PageRequest
    ) async throws -> Reply {
        let words = ReportWords(request.wording)
        let comparison = request.query.text("compare")
        var problem: String?
        var question: ReportQuestion?
        do {
            question = try await ReportQuestion(report, ReportFields.values(request.query), request.platform)
        } catch let error as ReportError {
            // What is not finished is not wrong yet.
            if !draft.isUnfinished { problem = words.problem(error) }
        }
        let (segments, names) = try await request.platform.store.read {
            (try Segments.list($0), try ReportNames.load(draft, $0))
        }
        let (user, role) = (request.user.id, request.user.role)
        let (saved, boards, start) = try await request.platform.store.read {
            (
                try SavedViews.list(.reports, for: user, $0), try Dashboards.list(for: user, $0),
                try StartModel.load(for: role, $0)
            )
        }
        let views = saved.filter { Fields(encoded: $0.query).text("report") == report.name }
        let query = question.map { ReportFields.query(ReportFields.pairs($0, comparison: comparison)) }
        let panels = query == nil ? [] : report.panels
        let model = ReportModel(
            lead: request.text("insight.lead_\(report.name)"),
            form: ReportFormModel(report, question, request, segments: segments, draft: draft, names: names),
            views: ViewBar(
                .reports, views: views, everything: request.text("insight.unsaved"),
                fixed: [("report", report.name)], request),
            panels: (start == nil ? panels : []).map { name in
                ReportModel.Panel(
                    id: "panel-" + name.replacing("_", with: "-"), title: words.panel(report.name, name),
                    hint: request.wording.known("insight.hint_\(report.name)_\(name)"),
                    span: wide.contains(name) || name == "figures" ? "span-12" : "span-6",
                    href: "/insight/\(report.name)/panel?list=\(name)&\(query ?? "")", isFigures: name == "figures")
            },
            start: start,
            map: report == HeatmapReport.self && query != nil && start == nil
                ? "/insight/heatmap/map?\(query ?? "")" : nil,
            boards: boards.filter { DashboardForm.mayChange($0, request) }.map {
                Choice(String($0.id), $0.name, chosen: "")
            } + [Choice("", request.text("dashboard.new"), chosen: "-")],
            boardPanels: panels.map { Choice($0, words.panel(report.name, $0), chosen: "") }, problem: problem)
        var page = Page(
            "insights/page", title: words.title(report.name), model: model,
            status: problem == nil ? .ok : .unprocessableContent, hasCharts: true)
        if model.map != nil { page.frames = try await HeatmapMap.origins(request) }
        return .page(page)
    }

    /// The address to keep, where it is not the one that was asked: the form's own fields are put into the report's words,
    /// and two dates that are the last 7, 30 … days are said as such, so that what is saved moves on with the days.
    private static func address(_ draft: ReportDraft, _ request: PageRequest) -> String? {
        guard !draft.isUnfinished else { return nil }
        let today = request.workspace.calendar.day(of: request.now)
        guard let first = request.day("from"), request.day("to") == today,
            let days = ReportRange.presets.first(where: { today - Int64($0) + 1 == first })
        else { return draft.isForm ? request.path + "?" + draft.query.query() : nil }
        return request.path + "?" + draft.query.query(changing: ["from": nil, "to": nil, "days": String(days)])
    }

    static func panel(_ request: PageRequest) async throws -> Reply {
        let report = try report(request)
        let values = ReportFields.values(request.query)
        let words = ReportWords(request.wording)
        let name = request.query.text("list")
        do {
            let question = try await ReportQuestion(report, values, request.platform)
            let panel = try await report.panel(name, question)
            let drawing = ReportDrawing(
                report: report.name, values: ReportFields.pairs(question, comparison: request.query.text("compare")),
                request: request)
            return .panel(template: "insights/panel", model: drawing.model(panel))
        } catch let error as ReportError {
            return .panel(
                template: "insights/panel",
                model: ReportPanelModel(
                    title: words.panel(report.name, name), figures: [], hasFigures: false, heads: [], columns: [],
                    rows: [], hasTable: false, fold: "", isEmpty: false, notes: [], problem: words.problem(error)))
        }
    }

    /// `/insight/traffic`, `/insight/traffic/panel`.
    private static func report(_ request: PageRequest) throws -> any InsightReport.Type {
        let parts = request.path.split(separator: "/")
        guard parts.count > 1, let report = try? ReportCatalog.report(String(parts[1])) else {
            throw PageFailure.notFound
        }
        return report
    }
}
