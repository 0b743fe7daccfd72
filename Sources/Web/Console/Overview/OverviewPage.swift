import Engine
import Storage

/// The brand at a glance; every panel comes by itself.
struct OverviewModel: PageModel {
    struct Period: Encodable, Sendable {
        var title: String
        var href: String
        var current: String?
    }

    var days: String
    var periods: [Period]
    /// Nothing was ever collected: shows the first steps instead of panels.
    var isEmpty: Bool
    var mayImport: Bool
    var mayConnect: Bool
}

/// Figures, with orders and revenue by day beside the period before.
struct FiguresModel: PageModel {
    var figures: [FigureModel]
    var revenue: ChartModel
    var newPeople: ChartModel
    var explanation: String
}

/// What changed since yesterday, in sentences.
struct ChangesModel: PageModel {
    struct Sentence: Encodable, Sendable {
        var text: String
        var href: String?
        var icon: String
    }

    var sentences: [Sentence]
    var isEmpty: Bool
}

enum OverviewPage {
    private static let periods = [7, 30, 90, 365]

    static func show(_ request: PageRequest) async throws -> Reply {
        let days = days(request)
        let now = request.now
        let progress = try await request.platform.store.read { try LogProgress.load($0, now: now) }
        let model = OverviewModel(
            days: String(days),
            periods: periods.map { length in
                OverviewModel.Period(
                    title: request.text("overview.days", count: Int64(length)), href: "/?days=\(length)",
                    current: length == days ? "page" : nil)
            },
            isEmpty: progress.end == 0, mayImport: request.user.role.may(.importData),
            mayConnect: request.user.role.may(.readSources))
        return .page(
            Page("overview/page", title: request.text("overview.title"), model: model, hasCharts: true))
    }

    static func figures(_ request: PageRequest) async throws -> Reply {
        let wording = request.wording
        let today = request.workspace.calendar.day(of: request.now)
        let period = ReportPeriod(days: days(request), through: today)
        async let present = Overview.make(request.platform, period: period)
        let overview = try await present
        let before = try await Overview.make(request.platform, period: period.before)
        let labels = overview.days.map { shortDay($0.day) }
        let scale = Self.scale(overview.currency)
        let revenue = ChartModel(
            .line, title: request.text("overview.revenue_by_day"), axis: request.text("overview.day"), unit: .money,
            categories: labels,
            series: [
                .init(name: request.text("overview.this_period"), values: overview.days.map { Double($0.revenue) }),
                .init(
                    name: request.text("overview.period_before"), values: before.days.map { Double($0.revenue) },
                    colour: "ink-faint", isBefore: true),
            ], currencyScale: scale)
        let newPeople = ChartModel(
            .bar, title: request.text("overview.new_by_day"), axis: request.text("overview.day"), unit: .count,
            categories: labels,
            series: [
                .init(
                    name: request.text("overview.new"), values: overview.days.map { Double($0.new) },
                    colour: "chart-2")
            ])
        let model = FiguresModel(
            figures: figures(overview, wording), revenue: revenue, newPeople: newPeople,
            explanation: request.text(
                "overview.compared",
                ["from": period.before.firstText, "to": period.before.lastText]))
        return .panel(template: "overview/figures", model: model)
    }

    static func changes(_ request: PageRequest) async throws -> Reply {
        let now = request.now
        let changes = try await request.platform.store.read { try RecentChanges.read($0, at: now) }
        let sentences = changes.facts.compactMap { ChangeSentence.make($0, request) }
        return .panel(
            template: "overview/changes",
            model: ChangesModel(sentences: sentences, isEmpty: sentences.isEmpty))
    }

    private static func days(_ request: PageRequest) -> Int {
        let asked = Int(request.query.int("days") ?? 30)
        return periods.contains(asked) ? asked : 30
    }

    private static func figures(_ overview: Overview, _ wording: Wording) -> [FigureModel] {
        let (now, before) = (overview.now, overview.before)
        func count(_ key: String, _ path: KeyPath<Overview.Figures, Int64>, _ href: String?) -> FigureModel {
            FigureModel(
                wording.text("overview.\(key)"), wording.compact(now[keyPath: path]), href: href,
                change: .init(from: Double(before[keyPath: path]), to: Double(now[keyPath: path]), wording))
        }
        return [
            count("people", \.people, "/people"),
            count("new", \.new, "/people?sort=first_seen"),
            count("identified", \.identified, "/people?identified=1"),
            count("active", \.active, "/people?sort=last_seen"),
            count("orders", \.orders, "/orders"),
            FigureModel(
                wording.text("overview.revenue"), wording.moneyShort(now.revenue),
                change: .init(from: Double(before.revenue), to: Double(now.revenue), wording)),
            FigureModel(
                wording.text("overview.average_order"), now.averageOrder.map { wording.money($0) } ?? "–",
                change: .init(
                    from: before.averageOrder.map(Double.init), to: now.averageOrder.map(Double.init), wording)),
            FigureModel(
                wording.text("overview.repurchase"), now.repurchaseRate.map { wording.percent($0) } ?? "–",
                change: .init(from: before.repurchaseRate, to: now.repurchaseRate, isShare: true, wording)),
        ]
    }

    static func scale(_ currency: String) -> Double {
        var scale = 1.0
        for _ in 0..<CurrencyScale.digits(currency) { scale *= 10 }
        return scale
    }

    /// `11-22` of `2026-11-22`.
    static func shortDay(_ day: String) -> String {
        String(day.dropFirst(5))
    }
}
