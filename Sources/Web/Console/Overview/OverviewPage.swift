import Engine
import Storage

/// The brand at a glance; every panel comes by itself.
struct OverviewModel: PageModel {
    /// One of a few choices that are addresses.
    struct Period: Encodable, Sendable {
        var title: String
        var href: String
        var current: String?
    }

    var range: RangeModel
    var query: String
    /// Shown instead of panels.
    var start: StartModel?
    var mayReadInsights: Bool
    var stagesHow: HowModel
    var changesHow: HowModel
    var trendHow: HowModel
    var classesHow: HowModel
}

/// Figures, with orders and revenue by day beside the period compared with.
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

/// People by stage over time.
struct TrendModel: PageModel {
    var chart: ChartModel
    var isEmpty: Bool
}

enum OverviewPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let range = ReportRange(request)
        let role = request.user.role
        let start = try await request.platform.store.read { try StartModel.load(for: role, $0) }
        func how(_ key: String) -> HowModel {
            let title = key == "rfm_grid" ? "classes" : key
            return HowModel(key, name: request.text("overview.\(title)"), request.wording)
        }
        let model = OverviewModel(
            range: RangeModel(range, path: "/", compares: true, request), query: range.query,
            start: start, mayReadInsights: role.may(.readInsights), stagesHow: how("stages"),
            changesHow: how("changes"), trendHow: how("trend"), classesHow: how("rfm_grid"))
        return .page(
            Page("overview/page", title: request.text("overview.title"), model: model, hasCharts: true))
    }

    static func figures(_ request: PageRequest) async throws -> Reply {
        let range = ReportRange(request)
        let overview = try await Overview.make(request.platform, period: range.period, against: range.other)
        let model = FiguresModel(
            figures: OverviewFigures(overview: overview, wording: request.wording).all,
            revenue: revenue(overview, range, request), newPeople: newPeople(overview, range, request),
            explanation: request.text(
                "overview.compared",
                [
                    "from": request.wording.date(ofDay: range.other.firstText),
                    "to": request.wording.date(ofDay: range.other.lastText),
                ]))
        return .panel(template: "overview/figures", model: model)
    }

    static func changes(_ request: PageRequest) async throws -> Reply {
        let now = request.now
        let changes = try await request.platform.store.read { try RecentChanges.read($0, at: now) }
        let sentences = changes.facts.compactMap { ChangeSentence.make($0, changes, request) }
        return .panel(
            template: "overview/changes",
            model: ChangesModel(sentences: sentences, isEmpty: sentences.isEmpty))
    }

    static func trend(_ request: PageRequest) async throws -> Reply {
        let range = ReportRange(request)
        let now = request.now
        let trend = try await request.platform.store.read { try StageTrend.make(range.period, now: now, $0) }
        let chart = StageTrendChart.make(trend, request)
        return .panel(template: "overview/trend", model: TrendModel(chart: chart, isEmpty: chart.isEmpty))
    }

    private static func revenue(_ overview: Overview, _ range: ReportRange, _ request: PageRequest) -> ChartModel {
        func buyers(_ period: ReportPeriod, _ days: [Overview.Day]) -> [String?] {
            days.indices.map { place in
                guard days[place].orders > 0 else { return nil }
                let day = period.first + Int64(place)
                return MarkAddress.href(
                    .buyers(ReportPeriod(first: day, last: day)), count: days[place].orders, of: .orders)
            }
        }
        return ChartModel(
            .line, title: request.text("overview.revenue_by_day"), axis: request.text("overview.day"), unit: .money,
            categories: request.wording.chartDays(overview.days.map(\.day), today: request.today),
            series: [
                .init(
                    name: request.text("overview.this_period"), values: overview.days.map { Double($0.revenue) },
                    isOpen: overview.days.last?.day == request.today,
                    links: buyers(range.period, overview.days)),
                .init(
                    name: request.text("overview.compare_\(range.comparison.rawValue)"),
                    values: overview.daysBefore.map { Double($0.revenue) }, colour: "ink-faint", isBefore: true,
                    links: buyers(range.other, overview.daysBefore)),
            ], currencyScale: scale(overview.currency))
    }

    private static func newPeople(_ overview: Overview, _ range: ReportRange, _ request: PageRequest) -> ChartModel {
        ChartModel(
            .bar, title: request.text("overview.new_by_day"), axis: request.text("overview.day"), unit: .count,
            categories: request.wording.chartDays(overview.days.map(\.day), today: request.today),
            series: [
                .init(
                    name: request.text("overview.new"), values: overview.days.map { Double($0.new) },
                    colour: "chart-2",
                    links: overview.days.indices.map { place in
                        let day = range.period.first + Int64(place)
                        let people = overview.days[place].new
                        guard people > 0 else { return nil }
                        return MarkAddress.href(.new(ReportPeriod(first: day, last: day)), count: people)
                    })
            ])
    }

    static func scale(_ currency: String) -> Double {
        var scale = 1.0
        for _ in 0..<CurrencyScale.digits(currency) { scale *= 10 }
        return scale
    }
}
