import Engine
import Storage

/// How many people an experiment needs: a calculator, and what can be seen as weeks pass.
struct SampleSizeModel: PageModel {
    struct Look: Encodable, Sendable {
        var number: String
        var z: String
    }

    var isMean: Bool
    var kinds: [Choice]
    var baseline: String
    var deviation: String
    var lift: String
    var variants: String
    var confidences: [Choice]
    var powers: [Choice]
    var weekly: String
    var looks: String
    var figures: [FigureModel]
    var chart: ChartModel?
    var bounds: [Look]
    var hasBounds: Bool
    var problem: String?
}

enum SampleSizePage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let query = request.query
        func text(_ name: String, _ usual: String) -> String { query[name] ?? usual }
        let isMean = query.text("kind") == "mean"
        let typed = (
            baseline: text("baseline", isMean ? "200" : "5"), deviation: text("deviation", "300"),
            lift: text("lift", "10"), variants: text("variants", "2"), confidence: text("confidence", "95"),
            power: text("power", "80"), weekly: text("weekly", "2000"), looks: text("looks", "1")
        )
        var problem: String?
        var plan: ExperimentPlan?
        do {
            let baseline = number(typed.baseline) ?? 0
            plan = try ExperimentPlan(
                isMean ? .mean(baseline, deviation: number(typed.deviation) ?? 0) : .rate(baseline / 100),
                lift: (number(typed.lift) ?? 0) / 100, variants: Int(typed.variants) ?? 0,
                confidence: Int64(typed.confidence) ?? 0, power: (number(typed.power) ?? 0) / 100,
                weeklyPeople: typed.weekly.isEmpty ? 0 : Int64(typed.weekly) ?? -1, looks: Int(typed.looks) ?? 0)
        } catch ExperimentError.invalid(let field, _) {
            problem = request.wording.known("experiment.plan_\(field)") ?? request.text("experiment.refused")
        }
        let model = SampleSizeModel(
            isMean: isMean,
            kinds: ["rate", "mean"].map {
                Choice($0, request.text("experiment.plan_kind_\($0)"), chosen: isMean ? "mean" : "rate")
            },
            baseline: typed.baseline, deviation: typed.deviation, lift: typed.lift, variants: typed.variants,
            confidences: ExperimentLimits.confidences.map { Choice(String($0), "\($0)%", chosen: typed.confidence) },
            powers: ["70", "80", "90", "95"].map { Choice($0, "\($0)%", chosen: typed.power) }, weekly: typed.weekly,
            looks: typed.looks, figures: plan.map { figures($0, request) } ?? [],
            chart: plan.flatMap { chart($0, request) },
            bounds: (plan?.bounds ?? []).enumerated().map {
                SampleSizeModel.Look(
                    number: String($0.offset + 1), z: request.wording.decimal($0.element, digits: 3))
            }, hasBounds: (plan?.looks ?? 1) > 1, problem: problem)
        return .page(
            Page(
                "experiments/size", title: request.text("experiment.size_title"),
                crumbs: [Crumb(request.text("experiment.title"), "/experiments")], model: model,
                status: problem == nil ? .ok : .unprocessableContent, hasCharts: true))
    }

    private static func number(_ text: String) -> Double? {
        guard let value = Double(text.trimmed), value.isFinite else { return nil }
        return value
    }

    private static func figures(_ plan: ExperimentPlan, _ request: PageRequest) -> [FigureModel] {
        var figures = [
            FigureModel(request.text("experiment.size_each"), request.wording.number(plan.peopleEach)),
            FigureModel(request.text("experiment.size_all"), request.wording.number(plan.peopleAll)),
        ]
        if let weeks = plan.weeksNeeded {
            figures.append(FigureModel(request.text("experiment.size_weeks"), request.wording.number(weeks)))
        }
        return figures
    }

    private static func chart(_ plan: ExperimentPlan, _ request: PageRequest) -> ChartModel? {
        guard !plan.curve.isEmpty else { return nil }
        return ChartModel(
            .line, title: request.text("experiment.size_chart"), axis: request.text("experiment.size_week"),
            unit: .percent,
            categories: plan.curve.indices.map {
                request.text("experiment.size_week_number", ["number": String($0 + 1)])
            },
            series: [ChartModel.Series(name: request.text("experiment.size_lift"), values: plan.curve)])
    }
}
