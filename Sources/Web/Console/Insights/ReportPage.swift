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
        if let address = relative(request) { return .redirect(to: address) }
        let words = ReportWords(request.wording)
        let comparison = request.query.text("compare")
        var problem: String?
        var question: ReportQuestion?
        do {
            question = try await ReportQuestion(report, ReportFields.values(request.query), request.platform)
        } catch let error as ReportError {
            problem = words.problem(error)
        }
        let segments = try await request.platform.store.read { try Segments.list($0) }
        let events = try await request.platform.store.read { try CriteriaWorld.load($0).events.sorted() }
        let user = request.user.id
        let (saved, boards) = try await request.platform.store.read {
            (try SavedViews.list(.reports, for: user, $0), try Dashboards.list(for: user, $0))
        }
        let views = saved.filter { Fields(encoded: $0.query).text("report") == report.name }
        let query = question.map { ReportFields.query(ReportFields.pairs($0, comparison: comparison)) }
        let panels = query == nil ? [] : report.panels
        let model = ReportModel(
            lead: request.text("insight.lead_\(report.name)"),
            form: ReportFormModel(report, question, request, segments: segments, events: events),
            views: ViewBar(
                .reports, views: views, everything: request.text("insight.unsaved"),
                fixed: [("report", report.name)], request),
            panels: panels.map { name in
                ReportModel.Panel(
                    id: "panel-" + name.replacing("_", with: "-"), title: words.panel(report.name, name),
                    hint: request.wording.known("insight.hint_\(report.name)_\(name)"),
                    span: wide.contains(name) || name == "figures" ? "span-12" : "span-6",
                    href: "/insight/\(report.name)/panel?list=\(name)&\(query ?? "")", isFigures: name == "figures")
            },
            map: report == HeatmapReport.self && query != nil ? "/insight/heatmap/map?\(query ?? "")" : nil,
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

    /// Two dates that are the last 7, 30 … days, as such: what is saved then moves on with the days.
    private static func relative(_ request: PageRequest) -> String? {
        let today = request.workspace.calendar.day(of: request.now)
        guard let first = request.day("from"), request.day("to") == today,
            let days = ReportRange.presets.first(where: { today - Int64($0) + 1 == first })
        else { return nil }
        return request.path + "?" + request.query.query(changing: ["from": nil, "to": nil, "days": String(days)])
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
