import Engine
import Storage

/// Orders, newest first, filtered, with the revenue of each day.
struct OrdersModel: PageModel {
    var views: ViewBar
    var statuses: [Choice]
    var sources: [Choice]
    var netFrom: String
    var netTo: String
    var hidden: [DateRange.Hidden]
    var dates: DateRange
    var chips: [FilterChip]
    var hasChips: Bool
    var ignored: String?
    var table: TableModel?
    var export: ExportForm?
    var mayExport: Bool
    /// The query of the panel with the chart.
    var revenue: String
    var isEmpty: Bool
    var isNothingFound: Bool
}

/// Figures and revenue by day beside the period before.
struct RevenueModel: PageModel {
    var figures: [FigureModel]
    var chart: ChartModel
    /// The same days as a calendar, where they are so many that weekdays and seasons show.
    var calendar: ChartModel?
}

enum OrdersPage {
    private static let rows = 50
    /// Days of which a calendar is drawn.
    private static let calendarDays = 60...400
    private static let usual = ["order", "date", "status", "place", "pieces", "net"]

    static func show(_ request: PageRequest) async throws -> Reply {
        let (query, user) = (request.query, request.user.id)
        let asked = OrderQuery(query.pairs, workspace: request.workspace)
        let found: (OrderList, [Source], [SavedView], [String]?)
        do {
            found = try await request.platform.store.read { connection in
                (
                    try OrderList.load(asked.filter, cursor: query["cursor"], limit: rows, connection),
                    try Sources.list(connection), try SavedViews.list(.orders, for: user, connection),
                    try ListColumns.load("orders", of: user, connection)
                )
            }
        } catch OrderError.badCursor {
            return .redirect(to: "/orders?" + query.query(changing: ["cursor": nil]))
        }
        let (list, sources) = (found.0, found.1)
        let isFiltered = asked.filter != OrderFilter() || query["cursor"] != nil
        let period = DateRange.asked(query, today: request.workspace.calendar.day(of: request.now))
        let chips = FilterChip.all(request, sources: sources).filter { !$0.text.isEmpty }
        let mayExport = request.user.role.may(.exportPeople)
        let model = OrdersModel(
            views: ViewBar(.orders, views: found.2, everything: request.text("order.all"), request),
            statuses: PeoplePage.choices(request, "status", "order.any_status", OrderStatus.allCases.map(\.rawValue)) {
                request.text("order.status_\($0)")
            },
            sources: PeoplePage.choices(request, "source", "people.any_source", sources.map { String($0.id) }) { id in
                sources.first { String($0.id) == id }?.name ?? id
            },
            netFrom: query.text("net_from"), netTo: query.text("net_to"),
            hidden: ["from", "to", "compare", "view"].compactMap { name in
                query[name].map { DateRange.Hidden(name: name, value: $0) }
            },
            dates: DateRange(period, request), chips: chips, hasChips: !chips.isEmpty,
            ignored: PeoplePage.ignored(asked.ignored, request),
            table: list.orders.isEmpty ? nil : table(list, sources, found.3, request),
            export: mayExport ? ExportForm(.orders, request) : nil, mayExport: mayExport,
            revenue: Fields(query.pairs.filter { ["from", "to", "compare"].contains($0.name) }).query(),
            isEmpty: list.orders.isEmpty && !isFiltered, isNothingFound: list.orders.isEmpty && isFiltered)
        return .page(Page("orders/page", title: request.text("order.title"), model: model, hasCharts: true))
    }

    /// Revenue of the days asked for, of the last 30 unless told; a panel.
    static func revenue(_ request: PageRequest) async throws -> Reply {
        let wording = request.wording
        let today = request.workspace.calendar.day(of: request.now)
        let period = DateRange.asked(request.query, today: today) ?? ReportPeriod(days: 30, through: today)
        let found = try await DailyRevenue.load(period, request.platform)
        let (now, before) = (DailyRevenue.total(found.days), DailyRevenue.total(found.before))
        let compares = DateRange.compares(request.query)
        func change(_ from: Int64, _ to: Int64) -> FigureModel.Change? {
            compares ? FigureModel.Change(from: Double(from), to: Double(to), wording) : nil
        }
        func average(_ total: (orders: Int64, revenue: Int64)) -> Int64 {
            total.orders > 0 ? Int64((Double(total.revenue) / Double(total.orders)).rounded()) : 0
        }
        var series = [
            ChartModel.Series(
                name: wording.text("overview.revenue"), values: found.days.map { Double($0.revenue) },
                isOpen: found.days.last?.day == request.today)
        ]
        if compares {
            series.append(
                ChartModel.Series(
                    name: wording.text("order.before"), values: found.before.map { Double($0.revenue) },
                    colour: "ink-faint", isBefore: true,
                    links: found.before.map { "/orders?from=\($0.day)&to=\($0.day)" }))
        }
        var scale = 1.0
        for _ in 0..<CurrencyScale.digits(request.workspace.currency) { scale *= 10 }
        let links = found.days.map { "/orders?from=\($0.day)&to=\($0.day)" }
        let calendar = ChartModel(
            .calendar, title: wording.text("order.calendar"), axis: wording.text("order.date"), unit: .money,
            categories: found.days.map(\.day), series: Array(series.prefix(1)), links: links, currencyScale: scale)
        return .panel(
            template: "orders/revenue",
            model: RevenueModel(
                figures: [
                    FigureModel(
                        wording.text("overview.revenue"), wording.moneyShort(now.revenue),
                        change: change(before.revenue, now.revenue)),
                    FigureModel(
                        wording.text("overview.orders"), wording.number(now.orders),
                        change: change(before.orders, now.orders)),
                    FigureModel(
                        wording.text("overview.average_order"), wording.money(average(now)),
                        change: change(average(before), average(now))),
                ],
                chart: ChartModel(
                    .line, title: wording.text("order.daily"), axis: wording.text("order.date"), unit: .money,
                    categories: wording.chartDays(found.days.map(\.day), today: request.today), series: series,
                    links: links, currencyScale: scale),
                calendar: calendarDays.contains(found.days.count) ? calendar : nil))
    }

    private static func table(
        _ list: OrderList, _ sources: [Source], _ columns: [String]?, _ request: PageRequest
    ) -> TableModel {
        func column(_ key: String, _ title: String, _ style: String = "") -> TableModel.Column {
            TableModel.Column(key: key, title: request.text(title), style: style)
        }
        var table = TableModel(
            "orders", title: request.text("order.title"),
            columns: [
                column("order", "order.number"), column("date", "order.date"), column("status", "order.status"),
                column("place", "order.place"), column("source", "people.source"),
                column("pieces", "order.pieces", "num"), column("gross", "order.gross", "num"),
                column("refunded", "order.refunded", "num"), column("net", "order.net", "num"),
            ],
            rows: list.orders.map { order in
                let line = OrderLineModel(order, request)
                return TableModel.Row(
                    id: order.orderID, href: line.href, name: order.orderID,
                    cells: [
                        TableModel.Cell("order", line.id, style: "mono", href: line.href),
                        TableModel.Cell("date", line.date, style: "nowrap long"),
                        TableModel.Cell("status", line.status, chip: line.tone),
                        TableModel.Cell("place", line.place, style: "soft long"),
                        TableModel.Cell(
                            "source", sources.first { $0.id == order.sourceID }?.name ?? "", style: "soft"),
                        TableModel.Cell("pieces", line.pieces), TableModel.Cell("gross", line.gross),
                        TableModel.Cell("refunded", line.refunded ?? request.wording.text("frame.none")),
                        TableModel.Cell("net", line.net, style: "strong", note: line.refunded.map { "−" + $0 }),
                    ])
            })
        let query = request.query
        table.summary = request.text("order.newest", count: Int64(list.orders.count))
        table.next = list.nextCursor.map { "/orders?" + query.query(changing: ["cursor": $0]) }
        table.first = query["cursor"] == nil ? nil : "/orders?" + query.query(changing: ["cursor": nil])
        table.choose(columns, usual: usual, always: "order", request)
        return table.finished()
    }
}
