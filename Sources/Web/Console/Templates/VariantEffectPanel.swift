import Engine
import Science
import Storage

/// What came of the messages of a template, variant by variant.
struct VariantEffectModel: PageModel {
    struct Row: Encodable, Sendable {
        var name: String
        /// The others are held against it.
        var isFirst: Bool
        var people: String
        var peopleHref: String?
        var converted: String
        var convertedHref: String?
        var rate: String
        var rateInterval: String?
        var revenue: String
        var revenueInterval: String?
        var difference: String
        /// Holds at every look.
        var differenceInterval: String?
        var best: String
    }

    var goal: String
    var sentence: String
    var tone: String
    var rows: [Row]
    var isEmpty: Bool
    var notes: [String]
    var days: [ReachModel.Day]
}

enum VariantEffectPanel {
    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("template")
        let chosen = ReachPanel.chosenDays(request)
        let effect = try await TemplateWords.found {
            try await VariantEffect.load(id, days: chosen, request.platform)
        }
        let world = try await request.platform.store.read { try CriteriaWorld.load($0) }
        let words = ExperimentWords(request.wording, world)
        let (sentence, tone) = told(effect, request)
        let model = VariantEffectModel(
            goal: request.text("reach.goal_is", ["goal": words.metric(effect.goal)]), sentence: sentence, tone: tone,
            rows: rows(effect, of: id, words, request), isEmpty: effect.conversions.isEmpty,
            notes: notes(effect, request), days: ReachPanel.days("/templates/\(id)/variants/effect", chosen, request))
        return .panel(template: "template/effect", model: model)
    }

    private static func told(_ effect: VariantEffect, _ request: PageRequest) -> (String, String) {
        let first = effect.conversions.first?.variant ?? ""
        return switch effect.verdict {
        case .tooEarly: (request.text("reach.too_early"), "")
        case .undecided: (request.text("reach.untold"), "")
        case .better(let variant):
            (request.text("template.effect_better", ["variant": variant, "first": first]), "banner-good")
        case .first: (request.text("template.effect_first", ["first": first]), "banner-good")
        }
    }

    private static func rows(
        _ effect: VariantEffect, of template: Int64, _ words: ExperimentWords, _ request: PageRequest
    ) -> [VariantEffectModel.Row] {
        let wording = request.wording
        let money = ExperimentMetric(.revenue)
        return zip(effect.conversions, effect.revenue).enumerated().map { place, pair in
            let (row, revenue) = pair
            func href(_ days: Int64?, _ count: Int64) -> String? {
                guard count > 0 else { return nil }
                let people = VariantPeople(template, variant: row.variant, convertedDays: days)
                return MarkAddress.href(.variant(people), count: count)
            }
            func interval(_ interval: Interval, _ metric: ExperimentMetric) -> String? {
                guard row.people > 0, interval.low.isFinite, interval.high.isFinite else { return nil }
                return request.text(
                    "reach.range",
                    ["low": words.value(interval.low, metric), "high": words.value(interval.high, metric)])
            }
            let against = row.against
            return VariantEffectModel.Row(
                name: row.variant, isFirst: place == 0, people: wording.number(row.people),
                peopleHref: href(nil, row.people), converted: wording.number(row.converted),
                convertedHref: href(effect.goal.windowDays, row.converted),
                rate: row.people > 0 ? words.value(row.value, effect.goal) : "–",
                rateInterval: interval(row.interval, effect.goal),
                revenue: row.people > 0 ? words.value(revenue.value, money) : "–",
                revenueInterval: interval(revenue.interval, money),
                difference: against.map { words.difference($0.difference, effect.goal) } ?? "–",
                differenceInterval: against.map { words.range($0.sequence, effect.goal) }.flatMap {
                    $0 == "–" ? nil : $0
                },
                best: row.best.map { wording.percent($0) } ?? "–")
        }
    }

    private static func notes(_ effect: VariantEffect, _ request: PageRequest) -> [String] {
        var notes: [String] = []
        let open = effect.conversions.reduce(0) { $0 + $1.open }
        if open > 0 { notes.append(request.text("experiment.warn_open", count: open)) }
        if effect.crossed > 0 { notes.append(request.text("template.effect_crossed", count: effect.crossed)) }
        return notes
    }
}
