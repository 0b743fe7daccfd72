import Engine
import Science
import Storage

/// The five stages: who stands where, how people moved, and the rhythm that decides.
struct LifecyclePageModel: PageModel {
    struct Idea: Encodable, Sendable {
        var stage: String
        var title: String
        var text: String
        var href: String
    }

    var range: RangeModel
    var query: String
    /// The day that stages and rhythm are worked out for; empty for now.
    var asOf: String
    var today: String
    var ideas: [Idea]
    var stagesHow: HowModel
    var flowHow: HowModel
    var trendHow: HowModel
    var rhythmHow: HowModel
    var curveHow: HowModel
}

/// How people moved between the stages.
struct FlowsModel: PageModel {
    var chart: ChartModel
    var isEmpty: Bool
    /// The moves in words, those who stayed left out.
    var moves: [Move]

    struct Move: Encodable, Sendable {
        var text: String
        var href: String
        var stage: String
    }
}

/// How the chance of buying again grows with time.
struct CurvesModel: PageModel {
    var chart: ChartModel
    var isEmpty: Bool
}

enum LifecyclePage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let range = ReportRange(request)
        let wording = request.wording
        func how(_ key: String, _ title: String) -> HowModel { HowModel(key, name: wording.text(title), wording) }
        let model = LifecyclePageModel(
            range: RangeModel(range, path: "/lifecycle", compares: false, request), query: range.query,
            asOf: request.day("as_of").map(LocalCalendar.text(ofDay:)) ?? "",
            today: LocalCalendar.text(ofDay: request.workspace.calendar.day(of: request.now)),
            ideas: LifecycleStage.allCases.map { stage in
                LifecyclePageModel.Idea(
                    stage: stage.rawValue, title: StageWords.name(stage.rawValue, wording),
                    text: request.text("lifecycle.idea_\(stage.rawValue)"),
                    href: MarkAddress.href(.stage(stage, at: nil)))
            },
            stagesHow: how("stages", "overview.stages"), flowHow: how("flow", "lifecycle.flow"),
            trendHow: how("trend", "overview.trend"), rhythmHow: how("version", "lifecycle.rhythm"),
            curveHow: how("curve", "lifecycle.curves"))
        return .page(Page("lifecycle/page", title: request.text("lifecycle.title"), model: model, hasCharts: true))
    }

    static func flows(_ request: PageRequest) async throws -> Reply {
        let period = ReportRange(request).period
        let calendar = request.workspace.calendar
        let start = calendar.start(ofDay: period.first)
        let end = min(calendar.start(ofDay: period.last + 1).adding(milliseconds: -1), request.now)
        let flow = try await request.platform.store.read { try StageFlow.between(start, end, $0) }
        return .panel(template: "lifecycle/flows", model: model(flow, request))
    }

    private static func model(_ flow: StageFlow, _ request: PageRequest) -> FlowsModel {
        let known = flow.flows.filter { $0.from != nil }
        let wording = request.wording
        func name(_ stage: LifecycleStage?) -> String { StageWords.name(stage?.rawValue, wording) }
        func href(_ one: StageFlow.Flow) -> String {
            MarkAddress.href(.moved(from: one.from, to: one.to, since: flow.from, until: flow.to), count: one.people)
        }
        func node(_ side: String, _ stage: LifecycleStage, _ people: Int64, _ mark: Mark) -> ChartModel.Node? {
            guard people > 0 else { return nil }
            return ChartModel.Node(
                id: "\(side)-\(stage.rawValue)", name: name(stage), colour: "stage-\(stage.rawValue)",
                value: Double(people), href: MarkAddress.href(mark, count: people))
        }
        let starts = LifecycleStage.allCases.compactMap { stage in
            let people = known.filter { $0.from == stage }.reduce(0) { $0 + $1.people }
            return node("from", stage, people, .stage(stage, at: flow.from))
        }
        let ends = LifecycleStage.allCases.compactMap { stage in
            let people = known.filter { $0.to == stage }.reduce(0) { $0 + $1.people }
            return node("to", stage, people, .moved(from: nil, to: stage, since: flow.from, until: flow.to))
        }
        let chart = ChartModel(
            title: wording.text("lifecycle.flow"), nodes: starts + ends,
            flows: known.map { one in
                ChartModel.Flow(
                    from: "from-\(one.from?.rawValue ?? "")", to: "to-\(one.to.rawValue)", value: Double(one.people),
                    href: href(one))
            })
        let moves = known.filter { $0.from != $0.to }.prefix(toldMoves).map { one in
            FlowsModel.Move(
                text: wording.text(
                    "lifecycle.move", ["from": name(one.from), "to": name(one.to)], count: one.people),
                href: href(one), stage: one.to.rawValue)
        }
        return FlowsModel(chart: chart, isEmpty: chart.isEmpty, moves: Array(moves))
    }

    /// Moves that are told in words.
    private static let toldMoves = 6

    static func curves(_ request: PageRequest) async throws -> Reply {
        let report = try await LifecycleReport.make(request.platform, asOf: request.day("as_of"))
        let wording = request.wording
        let (q80, q90) = (report.model.pooled.q80, report.model.pooled.q90)
        let lastDay = Int64(max(shownDaysMin, q90 * 2.5))
        let curves = report.curves.filter { $0.purchases > 0 }
        let days = (curves.first?.points ?? []).map(\.day).filter { $0 <= lastDay }
        let chart = ChartModel(
            .line, title: wording.text("lifecycle.curves"), axis: wording.text("lifecycle.days_since"),
            unit: .percent, categories: days.map { String($0) },
            series: curves.map { curve in
                ChartModel.Series(
                    name: wording.text("lifecycle.after", ["orders": LifecycleBands.name(curve.from, curve.through)]),
                    values: curve.points.prefix(days.count).map(\.estimated))
            },
            ChartModel.Extras(
                xs: days.map { Double($0) },
                marks: [
                    .init(name: wording.text("lifecycle.q80_mark", count: Int64(q80.rounded())), x: q80),
                    .init(name: wording.text("lifecycle.q90_mark", count: Int64(q90.rounded())), x: q90),
                ]))
        return .panel(template: "lifecycle/curves", model: CurvesModel(chart: chart, isEmpty: chart.isEmpty))
    }

    /// Curves are drawn at least so far.
    private static let shownDaysMin = 120.0
}
