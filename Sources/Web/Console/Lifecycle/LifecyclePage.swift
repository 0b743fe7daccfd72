import Engine
import Science
import Storage

/// The five stages: who stands where, how people moved, and the rhythm that decides.
struct LifecycleModelPage: PageModel {
    struct Idea: Encodable, Sendable {
        var stage: String
        var title: String
        var text: String
        var href: String
    }

    var periods: [OverviewModel.Period]
    var days: String
    /// The day that stages and rhythm are worked out for; empty for now.
    var asOf: String
    var today: String
    var ideas: [Idea]
}

/// How people moved between the stages.
struct FlowsModel: PageModel {
    var chart: ChartModel
    var isEmpty: Bool
}

/// The model in force.
struct RhythmModel: PageModel {
    struct Band: Encodable, Sendable {
        var orders: String
        var gaps: String
        var q80: String
        var q90: String
        var isPooled: Bool
    }

    struct Conversion: Encodable, Sendable {
        var orders: String
        var people: String
        var rate: String
        var width: String
    }

    var figures: [FigureModel]
    var bands: [Band]
    var conversions: [Conversion]
    var hasConversions: Bool
    var isFitted: Bool
    var isEmpty: Bool
}

/// How the chance of buying again grows with time.
struct CurvesModel: PageModel {
    var chart: ChartModel
    var isEmpty: Bool
}

enum LifecyclePage {
    private static let periods = [7, 30, 90, 365]

    static func show(_ request: PageRequest) async throws -> Reply {
        let days = days(request)
        let model = LifecycleModelPage(
            periods: periods.map {
                OverviewModel.Period(
                    title: request.text("overview.days", count: Int64($0)),
                    href: "/lifecycle?" + request.query.query(changing: ["days": String($0)]),
                    current: $0 == days ? "page" : nil)
            },
            days: String(days), asOf: request.day("as_of").map(LocalCalendar.text(ofDay:)) ?? "",
            today: LocalCalendar.text(ofDay: request.workspace.calendar.day(of: request.now)),
            ideas: StageWords.all.map {
                LifecycleModelPage.Idea(
                    stage: $0, title: StageWords.name($0, request.wording), text: request.text("lifecycle.idea_\($0)"),
                    href: "/people?stage=\($0)")
            })
        return .page(Page("lifecycle/page", title: request.text("lifecycle.title"), model: model, hasCharts: true))
    }

    static func flows(_ request: PageRequest) async throws -> Reply {
        let (end, start) = (request.now, request.now.adding(days: -days(request)))
        let flow = try await request.platform.store.read { try StageFlow.between(start, end, $0) }
        let moved = flow.flows.filter { $0.from != nil }
        let wording = request.wording
        let nodes = ["from", "to"].flatMap { side in
            StageWords.all.compactMap { stage -> ChartModel.Node? in
                let people = moved.filter { (side == "from" ? $0.from?.rawValue : $0.to.rawValue) == stage }
                    .reduce(0) { $0 + $1.people }
                guard people > 0 else { return nil }
                return ChartModel.Node(
                    id: "\(side)-\(stage)", name: StageWords.name(stage, wording), colour: "stage-\(stage)",
                    value: Double(people))
            }
        }
        let flows = moved.map { one in
            ChartModel.Flow(
                from: "from-\(one.from?.rawValue ?? "")", to: "to-\(one.to.rawValue)", value: Double(one.people),
                href: "/people?stage=\(one.to.rawValue)")
        }
        let chart = ChartModel(title: wording.text("lifecycle.flow"), nodes: nodes, flows: flows)
        return .panel(template: "lifecycle/flows", model: FlowsModel(chart: chart, isEmpty: chart.isEmpty))
    }

    /// The model in force, or the one learnt from the purchases up to a day (`?as_of=`).
    static func rhythm(_ request: PageRequest) async throws -> Reply {
        if let day = request.day("as_of") {
            let report = try await LifecycleReport.make(request.platform, asOf: day)
            return rhythm(report.model, request.text("frame.none"), note: report.asOf, isEmpty: false, request)
        }
        let card = try await request.platform.store.read { try LifecycleCard.newest($0) }
        return rhythm(
            card?.model ?? .standard, String(card?.version ?? 0),
            note: card.map { request.wording.ago($0.created, now: request.now) }, isEmpty: card == nil, request)
    }

    private static func rhythm(
        _ model: LifecycleModel, _ version: String, note: String?, isEmpty: Bool, _ request: PageRequest
    ) -> Reply {
        let wording = request.wording
        func length(_ days: Double) -> String { wording.text("time.days", count: Int64(days.rounded())) }
        return .panel(
            template: "lifecycle/rhythm",
            model: RhythmModel(
                figures: [
                    FigureModel(wording.text("lifecycle.q80"), length(model.pooled.q80)),
                    FigureModel(wording.text("lifecycle.q90"), length(model.pooled.q90)),
                    FigureModel(wording.text("lifecycle.maturity"), wording.number(model.maturityOrders)),
                    FigureModel(wording.text("lifecycle.version"), version, note: note),
                ],
                bands: model.bands.map { band in
                    RhythmModel.Band(
                        orders: band.through.map { $0 == band.from ? "\($0)" : "\(band.from)–\($0)" }
                            ?? "\(band.from)+",
                        gaps: wording.number(band.gaps), q80: length(band.q80), q90: length(band.q90),
                        isPooled: band.isPooled)
                },
                conversions: model.conversions.prefix(8).map { step in
                    RhythmModel.Conversion(
                        orders: "\(step.orders) → \(step.orders + 1)", people: wording.number(step.people),
                        rate: wording.percent(step.rate), width: StandingPanels.percent(step.rate * 100))
                },
                hasConversions: !model.conversions.isEmpty, isFitted: model.isFitted, isEmpty: isEmpty))
    }

    static func curves(_ request: PageRequest) async throws -> Reply {
        let report = try await LifecycleReport.make(request.platform)
        let wording = request.wording
        let curves = report.curves.filter { $0.purchases > 0 }
        let chart = ChartModel(
            .line, title: wording.text("lifecycle.curves"), axis: wording.text("lifecycle.days_since"),
            unit: .percent, categories: (curves.first?.points ?? []).map { String($0.day) },
            series: curves.map { curve in
                let orders =
                    curve.through.map { $0 == curve.from ? "\($0)" : "\(curve.from)–\($0)" }
                    ?? "\(curve.from)+"
                return ChartModel.Series(
                    name: wording.text("lifecycle.after", ["orders": orders]), values: curve.points.map(\.estimated))
            })
        return .panel(template: "lifecycle/curves", model: CurvesModel(chart: chart, isEmpty: chart.isEmpty))
    }

    private static func days(_ request: PageRequest) -> Int {
        let asked = Int(request.query.int("days") ?? 30)
        return periods.contains(asked) ? asked : 30
    }
}
