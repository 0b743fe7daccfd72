import Engine
import Storage

/// One code, to be printed, and what came by it.
struct ChannelCodeModel: PageModel {
    var id: String
    var code: String
    var kind: String
    var owner: String?
    var link: String
    var target: String
    var since: String
    var side: Int
    var path: String
    var hasPicture: Bool
    var sizes: [Choice]
    var isArchived: Bool
    var mayManage: Bool
    var range: RangeModel
    /// Of the figures.
    var query: String
}

/// What came by one code on the chosen days.
struct ChannelFiguresModel: PageModel {
    var figures: [FigureModel]
    var hint: String
    var days: ChartModel?
    var revenue: ChartModel?
    var isEmpty: Bool
}

enum ChannelCodePage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let code = try await ChannelCodesPage.find(request)
        let link = ChannelCodesPage.link(code, request)
        let picture = QRCode(link)
        let range = ReportRange(request)
        let model = ChannelCodeModel(
            id: String(code.id), code: code.code, kind: request.text("channels.kind_\(code.kind.rawValue)"),
            owner: code.owner.isEmpty ? nil : code.owner, link: link, target: code.target,
            since: request.wording.date(code.createdAt), side: picture?.side ?? 0, path: picture?.path ?? "",
            hasPicture: picture != nil,
            sizes: ChannelCodePrint.millimetres.map {
                Choice(
                    String($0), request.text("channels.millimetres", ["size": String($0)]),
                    chosen: String(ChannelCodePrint.usualMillimetres))
            },
            isArchived: code.archivedAt != nil, mayManage: request.user.role.may(.manageChannels),
            range: RangeModel(range, path: "/channels/\(code.id)", compares: false, request), query: range.query)
        return .page(
            Page(
                "channels/one", title: code.name, crumbs: [Crumb(request.text("channels.title"), "/channels")],
                model: model, hasCharts: true))
    }

    /// Scans, people and their orders on the chosen days; loaded after the page.
    static func figures(_ request: PageRequest) async throws -> Reply {
        let code = try await ChannelCodesPage.find(request)
        let period = ReportRange(request).period
        let analytics = request.platform.analytics
        let report = try await ChannelCodeReport.load(period, analytics)
        let row = report.row(of: code.code)
        let days = try await ChannelCodeDays.load(code.code, period, analytics).days
        let cells = ChannelCells(row, period, request)
        let names = [
            "channels.scans", "channels.sessions", "channels.people", "channels.identified", "channels.orders",
            "channels.revenue",
        ]
        return .panel(
            template: "channels/figures",
            model: ChannelFiguresModel(
                figures: zip(names, cells.all).map { name, cell in
                    FigureModel(request.text(name), cell.text, href: cell.href)
                },
                hint: request.text("channels.orders_hint"), days: counts(code, days, period, request),
                revenue: revenue(code, days, period, request), isEmpty: row.people == 0))
    }

    private static func counts(
        _ code: ChannelCode, _ days: [ChannelCodeDays.Day], _ period: ReportPeriod, _ request: PageRequest
    ) -> ChartModel {
        func series(
            _ name: String, _ what: ChannelCodePeople.What, _ value: (ChannelCodeDays.Day) -> Int64
        ) -> ChartModel.Series {
            ChartModel.Series(
                name: request.text(name), values: days.map { Double(value($0)) },
                isOpen: days.last.map { LocalCalendar.text(ofDay: $0.day) == request.today } ?? false,
                links: days.map { day in
                    value(day) > 0 ? people(code, what, period, on: day.day, request) : nil
                })
        }
        return ChartModel(
            .line, title: request.text("channels.by_day"), axis: request.text("order.date"), unit: .count,
            categories: categories(days, request),
            series: [
                series("channels.scans", .scanned) { $0.scans }, series("channels.sessions", .visited) { $0.sessions },
                series("channels.orders", .ordered) { $0.orders },
            ])
    }

    private static func revenue(
        _ code: ChannelCode, _ days: [ChannelCodeDays.Day], _ period: ReportPeriod, _ request: PageRequest
    ) -> ChartModel {
        let links = days.map { day in
            day.orders > 0 ? people(code, .ordered, period, on: day.day, request) : nil
        }
        return ChartModel(
            .bar, title: request.text("channels.revenue_by_day"), axis: request.text("order.date"), unit: .money,
            categories: categories(days, request),
            series: [
                ChartModel.Series(
                    name: request.text("channels.revenue"), values: days.map { Double($0.revenue) }, links: links)
            ], currencyScale: OverviewPage.scale(request.workspace.currency))
    }

    private static func categories(_ days: [ChannelCodeDays.Day], _ request: PageRequest) -> [String] {
        request.wording.chartDays(days.map { LocalCalendar.text(ofDay: $0.day) }, today: request.today)
    }

    private static func people(
        _ code: ChannelCode, _ what: ChannelCodePeople.What, _ period: ReportPeriod, on day: Int64,
        _ request: PageRequest
    ) -> String? {
        guard request.user.role.may(.readPeople) else { return nil }
        return MarkAddress.href(.channel(ChannelCodePeople(code.code, what, period, day: day)))
    }
}

/// The figures of a code, each with the people behind it.
struct ChannelCells {
    let scans: ReportPanelModel.Cell
    let sessions: ReportPanelModel.Cell
    let people: ReportPanelModel.Cell
    let identified: ReportPanelModel.Cell
    let orders: ReportPanelModel.Cell
    let revenue: ReportPanelModel.Cell

    init(_ row: ChannelCodeReport.Row, _ period: ReportPeriod, _ request: PageRequest) {
        let wording = request.wording
        let opens = request.user.role.may(.readPeople)
        func cell(
            _ text: String, _ what: ChannelCodePeople.What, of number: Int64, count: Int64? = nil,
            _ counted: MarkAddress.Counted = .people
        ) -> ReportPanelModel.Cell {
            let mark = Mark.channel(ChannelCodePeople(row.code, what, period))
            return ReportPanelModel.Cell(
                text: text, href: opens && number > 0 ? MarkAddress.href(mark, count: count, of: counted) : nil)
        }
        scans = cell(wording.number(row.scans), .scanned, of: row.scans)
        sessions = cell(wording.number(row.sessions), .visited, of: row.sessions)
        people = cell(wording.number(row.people), .came, of: row.people, count: row.people)
        identified = cell(wording.number(row.identified), .identified, of: row.identified, count: row.identified)
        orders = cell(wording.number(row.orders), .ordered, of: row.orders, count: row.orders, .orders)
        revenue = cell(wording.money(row.revenue), .ordered, of: row.orders)
    }

    var all: [ReportPanelModel.Cell] { [scans, sessions, people, identified, orders, revenue] }
}
