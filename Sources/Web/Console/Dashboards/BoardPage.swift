import Engine
import Hummingbird
import NIOCore
import Storage

/// One dashboard: its panels, for its own days and people or for those chosen above it.
struct BoardModel: PageModel {
    struct Range: Encodable, Sendable {
        var path: String
        var presets: [ReportFormModel.Preset]
        var from: String
        var to: String
        var latest: String
        var segments: [Choice]
    }

    var tabs: [ViewBar.Tab]
    var path: String
    var range: Range
    var tiles: [ReportTile]
    var isEmpty: Bool
    /// Shown instead of panels.
    var start: StartModel?
    var csv: String
    var isShared: Bool
    var mayChange: Bool
    var digest: String?
    var copyName: String
    var revision: String
}

enum BoardPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (user, role) = (request.user.id, request.user.role)
        let board = try await found(request)
        let (boards, segments, start) = try await request.platform.store.read {
            (try Dashboards.list(for: user, $0), try Segments.list($0), try StartModel.load(for: role, $0))
        }
        let asked = asked(request)
        let path = "/dashboards/\(board.id)"
        let tiles = tiles(board, DashboardOverride(asked, otherwise: board.layout), request)
        let mayChange = DashboardForm.mayChange(board, request)
        let model = BoardModel(
            tabs: tabs(boards, current: board.id, request), path: path,
            range: range(board, asked, segments, request), tiles: start == nil ? tiles : [],
            isEmpty: start == nil && tiles.isEmpty, start: start,
            csv: path + "/csv?" + request.query.query(), isShared: board.isShared, mayChange: mayChange,
            digest: board.layout.digest == nil ? nil : path + "/digest",
            copyName: String(request.text("dashboard.copy_of", ["name": board.name]).prefix(80)),
            revision: try board.revision.text)
        return .page(Page("dashboards/one", title: board.name, model: model, hasCharts: true))
    }

    /// The tables of one panel, or of all.
    static func csv(_ request: PageRequest) async throws -> Reply {
        let board = try await found(request)
        let place = request.query.int("panel").map { Int($0) }
        let reading = try await DashboardReading.make(board.layout, asked(request), only: place, request.platform)
        let words = ReportWords(request.wording)
        let text = try reading.csv { title($0, words) }
        let name = place == nil ? board.name : reading.parts.first.map { title($0.panel, words) } ?? board.name
        return .download(
            name: name + ".csv", type: "text/csv; charset=utf-8", ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// Throws: `PageFailure.notFound`.
    static func found(_ request: PageRequest) async throws -> Dashboard {
        let (id, user) = (try request.id("dashboard"), request.user.id)
        do {
            return try await request.platform.store.read { try Dashboards.get(id, for: user, $0) }
        } catch is DashboardError {
            throw PageFailure.notFound
        }
    }

    /// What the panel is called on a dashboard.
    static func title(_ panel: DashboardPanel, _ words: ReportWords) -> String {
        guard panel.title.isEmpty else { return panel.title }
        let report = Fields(encoded: panel.query).text("report")
        return words.title(report) + " · " + words.panel(report, panel.panel)
    }

    static func tabs(_ boards: [Dashboard], current: Int64?, _ request: PageRequest) -> [ViewBar.Tab] {
        [
            ViewBar.Tab(
                title: request.text("dashboard.saved"), href: "/dashboard", current: current == nil ? "page" : nil,
                isShared: false)
        ]
            + boards.map {
                ViewBar.Tab(
                    title: $0.name, href: "/dashboards/\($0.id)", current: $0.id == current ? "page" : nil,
                    isShared: $0.isShared)
            }
    }

    private static func asked(_ request: PageRequest) -> DashboardOverride {
        let query = request.query
        func day(_ name: String) -> String? {
            query[name].flatMap { LocalCalendar.day(fromText: $0) }.map { LocalCalendar.text(ofDay: $0) }
        }
        let days = query.int("days").flatMap { (1...Int64(ReportQuestion.daysMax)).contains($0) ? Int($0) : nil }
        return DashboardOverride(
            from: day("from"), to: day("to"), days: days, segment: query.int("segment"),
            comparison: query["compare"] == "year" ? "year" : nil)
    }

    private static func tiles(
        _ board: Dashboard, _ over: DashboardOverride, _ request: PageRequest
    ) -> [ReportTile] {
        let words = ReportWords(request.wording)
        return board.layout.panels.enumerated().map { index, panel in
            var tile = ReportTile(
                String(index), title: title(panel, words), panel: panel.panel,
                of: Fields(encoded: panel.query(over: over)), span: "span-\(panel.width * 4)", words)
            tile.csv =
                "/dashboards/\(board.id)/csv?" + request.query.query(changing: ["panel": String(index)])
            return tile
        }
    }

    private static func range(
        _ board: Dashboard, _ asked: DashboardOverride, _ segments: [Segment], _ request: PageRequest
    ) -> BoardModel.Range {
        let today = request.workspace.calendar.day(of: request.now)
        let over = DashboardOverride(asked, otherwise: board.layout)
        let path = "/dashboards/\(board.id)"
        func changing(_ days: Int?) -> String {
            let query = request.query.query(changing: ["from": nil, "to": nil, "days": days.map { String($0) }])
            return query.isEmpty ? path : path + "?" + query
        }
        let own = ReportFormModel.Preset(
            title: request.text("dashboard.own_days"), href: changing(nil), current: asked.hasDays ? nil : "page")
        return BoardModel.Range(
            path: path,
            presets: [own]
                + ReportRange.presets.map { days in
                    ReportFormModel.Preset(
                        title: request.text("overview.days", count: Int64(days)), href: changing(days),
                        current: asked.days == days ? "page" : nil)
                }, from: asked.from ?? "", to: asked.to ?? "", latest: LocalCalendar.text(ofDay: today),
            segments: DashboardForm.segments(segments, over.segment, "dashboard.own_people", request))
    }
}
