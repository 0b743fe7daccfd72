import Engine
import Storage

/// The saved reports that somebody sees, one beside the other.
struct DashboardModel: PageModel {
    struct Offer: Encodable, Sendable {
        var title: String
        var text: String
        var href: String
    }

    var tiles: [ReportTile]
    var isEmpty: Bool
    /// Shown instead of reports.
    var start: StartModel?
    var offers: [Offer]
    /// The dashboards that were put together.
    var tabs: [ViewBar.Tab]
    var problem: String?
}

enum DashboardPage {
    /// What a tile shows of its report.
    private static let shown = [
        "traffic": "trend", "funnel": "steps", "retention": "matrix", "paths": "flows", "purchases": "trend",
        "explore": "trend", "heatmap": "elements", "touchpoints": "channels", "scenes": "scenes",
    ]
    private static let tilesMax = 24

    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let (user, role) = (request.user.id, request.user.role)
        let words = ReportWords(request.wording)
        let (views, boards, start) = try await request.platform.store.read {
            (
                try SavedViews.list(.reports, for: user, $0), try Dashboards.list(for: user, $0),
                try StartModel.load(for: role, $0)
            )
        }
        let tiles = views.prefix(tilesMax).compactMap { view -> ReportTile? in
            let query = Fields(encoded: view.query)
            guard let panel = shown[query.text("report")] else { return nil }
            var tile = ReportTile(
                String(view.id), title: view.name, panel: panel, of: query,
                span: ["matrix", "flows"].contains(panel) ? "span-12" : "span-6", words)
            // The address that marks the saved report as the one looked at.
            tile.href = "/insight/\(query.text("report"))?" + ViewBar.address(view)
            tile.isShared = view.isShared
            return tile
        }
        let model = DashboardModel(
            tiles: start == nil ? tiles : [], isEmpty: start == nil && tiles.isEmpty, start: start,
            offers: ReportCatalog.reports.map {
                DashboardModel.Offer(
                    title: words.title($0.name), text: request.text("insight.lead_\($0.name)"),
                    href: "/insight/\($0.name)")
            }, tabs: BoardPage.tabs(boards, current: nil, request), problem: problem)
        return .page(
            Page(
                "insights/dashboard", title: request.text("insight.dashboard"), model: model,
                status: problem == nil ? .ok : .unprocessableContent, hasCharts: true))
    }
}
