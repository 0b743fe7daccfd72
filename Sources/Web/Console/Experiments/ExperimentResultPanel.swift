import Engine
import Science
import Storage

/// What an experiment shows: a sentence, warnings, and every metric with its intervals.
struct ExperimentResultModel: PageModel {
    struct Row: Encodable, Sendable {
        var variant: String
        var isControl: Bool
        var people: String
        var peopleHref: String?
        var converted: String
        var convertedHref: String?
        var value: String
        var difference: String
        var interval: String
        var lift: String
        var pValue: String
        var corrected: String
        var sequence: String
        var best: String
        var loss: String
        var adjusted: String
        var drawing: IntervalDrawing?
        /// `change-good`, `change-bad`, or nothing.
        var tone: String
    }

    struct Division: Encodable, Sendable {
        var version: String
        var since: String
        var shares: String
    }

    struct Metric: Encodable, Sendable {
        var id: String
        var role: String
        var title: String
        var rows: [Row]
        var notes: [String]
    }

    var verdict: String
    var tone: String
    var warnings: [String]
    /// What is good to know, and no reason to doubt.
    var remarks: [String]
    var metrics: [Metric]
    var shares: String?
    /// How a bandit divided people, the newest first.
    var divisions: [Division]
    var hasDivisions: Bool
    var confidence: String
}

/// An interval to be drawn in a box 200 wide: at one look and at every look, around no difference.
struct IntervalDrawing: Encodable, Sendable {
    var zero: String
    var from: String
    var width: String
    var alwaysFrom: String
    var alwaysWidth: String
    var middle: String
    var label: String

    private static let width = 200.0

    /// `reach`: how far from 0 the drawing goes.
    init(_ against: ExperimentResult.Comparison, reach: Double, label: String) {
        func place(_ value: Double) -> Double {
            let share = (min(max(value, -reach), reach) + reach) / (2 * reach)
            return share * Self.width
        }
        func text(_ value: Double) -> String { Wording.attribute(value) }
        func span(_ interval: Interval) -> (String, String) {
            let (low, high) = (place(interval.low), place(interval.high))
            return (text(low), text(max(high - low, 1)))
        }
        zero = text(Self.width / 2)
        (from, width) = span(against.interval)
        (alwaysFrom, alwaysWidth) = span(against.sequence)
        middle = text(place(against.difference))
        self.label = label
    }

    /// Far enough for every interval at one look; longer ones run to the edge.
    static func reach(_ rows: [ExperimentResult.Row]) -> Double {
        let bounds = rows.compactMap(\.against).flatMap { [abs($0.interval.low), abs($0.interval.high)] }
        return (bounds.filter(\.isFinite).max() ?? 0) * 1.5
    }
}

enum ExperimentResultPanel {
    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("experiment")
        let result = try await request.experimentFound { try await ExperimentResult.load(id, request.platform) }
        let world = try await request.platform.store.read { try CriteriaWorld.load($0) }
        let words = ExperimentWords(request.wording, world)
        let definition = result.experiment.definition
        let (sentence, tone) = verdict(result, request)
        let divisions = definition.allocation == .bandit ? divisions(result, request) : []
        let model = ExperimentResultModel(
            verdict: sentence, tone: tone, warnings: warnings(result, request), remarks: remarks(result, request),
            metrics: result.metrics.map { metric(result, $0, words, request) },
            shares: definition.allocation == .bandit && result.shares.count == definition.variants.count
                ? told(result.shares, definition, request) : nil, divisions: divisions,
            hasDivisions: !divisions.isEmpty,
            confidence: "\(definition.confidence)%")
        return .panel(template: "experiments/result", model: model)
    }

    private static func told(
        _ shares: [Double], _ definition: ExperimentDefinition, _ request: PageRequest
    ) -> String {
        zip(definition.variants, shares).map { "\($0.name) \(request.wording.percent($1))" }.joined(separator: " · ")
    }

    private static func divisions(
        _ result: ExperimentResult, _ request: PageRequest
    ) -> [ExperimentResultModel.Division] {
        let definition = result.experiment.definition
        return result.divisions.map { division in
            let whole = Double(max(division.weights.reduce(0, +), 1))
            let since = division.madeAt ?? result.experiment.startedAt
            return ExperimentResultModel.Division(
                version: request.wording.number(division.version),
                since: since.map { request.wording.dateTime($0) } ?? "",
                shares: told(division.weights.map { Double($0) / whole }, definition, request))
        }
    }

    private static func verdict(_ result: ExperimentResult, _ request: PageRequest) -> (String, String) {
        func name(_ key: String) -> String {
            result.experiment.definition.variants.first { $0.key == key }?.name ?? key
        }
        switch result.verdict {
        case .untrusted: return (request.text("experiment.verdict_untrusted"), "banner-bad")
        case .tooEarly: return (request.text("experiment.verdict_early"), "banner-info")
        case .undecided: return (request.text("experiment.verdict_undecided"), "banner-info")
        case .better(let key):
            return (request.text("experiment.verdict_better", ["variant": name(key)]), "banner-good")
        case .worse: return (request.text("experiment.verdict_worse"), "banner-warn")
        case .guarded(let key):
            return (request.text("experiment.verdict_guarded", ["variant": name(key)]), "banner-warn")
        }
    }

    private static func warnings(_ result: ExperimentResult, _ request: PageRequest) -> [String] {
        let wording = request.wording
        var told: [String] = []
        if result.ratio.isMismatch {
            told.append(
                request.text(
                    "experiment.warn_ratio",
                    [
                        "p": result.ratio.pValue < 0.0001
                            ? "< 0.0001"
                            : wording.decimal(
                                result.ratio.pValue, digits: 4)
                    ]))
        }
        if result.crossed > 0 { told.append(request.text("experiment.warn_crossed", count: result.crossed)) }
        if result.experiment.definition.allocation == .bandit { told.append(request.text("experiment.warn_bandit")) }
        if result.experiment.definition.rule == .fixed, result.experiment.state == .running {
            told.append(request.text("experiment.warn_peek"))
        }
        return told
    }

    private static func remarks(_ result: ExperimentResult, _ request: PageRequest) -> [String] {
        var told: [String] = []
        let open = result.metrics.first?.rows.reduce(0) { $0 + $1.open } ?? 0
        if open > 0 { told.append(request.text("experiment.warn_open", count: open)) }
        let comparisons = result.metrics.reduce(0) { $0 + $1.rows.count { $0.against != nil } }
        if comparisons > 1 {
            told.append(request.text("experiment.warn_many", ["comparisons": request.wording.number(comparisons)]))
        }
        return told
    }

    private static func metric(
        _ result: ExperimentResult, _ metric: ExperimentResult.Metric, _ words: ExperimentWords, _ request: PageRequest
    ) -> ExperimentResultModel.Metric {
        var notes: [String] = []
        if metric.rows.contains(where: { $0.against?.isExact ?? false }) {
            notes.append(request.text("experiment.note_exact"))
        }
        if let explained = metric.rows.compactMap({ $0.against?.adjusted?.explained }).max(), explained > 0 {
            notes.append(
                request.text("experiment.note_adjusted", ["share": request.wording.percent(explained)]))
        }
        return ExperimentResultModel.Metric(
            id: metric.key.replacing("_", with: "-"), role: words.role(metric.key), title: words.metric(metric.metric),
            rows: rows(metric.rows, metric.metric, result.experiment, key: metric.key, nil, words, request),
            notes: notes)
    }

    /// Rows of a metric, or of one group of a breakdown.
    static func rows(
        _ rows: [ExperimentResult.Row], _ metric: ExperimentMetric, _ experiment: Experiment, key: String,
        _ group: (dimension: String, value: String)?, _ words: ExperimentWords, _ request: PageRequest
    ) -> [ExperimentResultModel.Row] {
        let (wording, definition) = (request.wording, experiment.definition)
        let reach = IntervalDrawing.reach(rows)
        return rows.enumerated().map { index, row in
            func href(_ metric: String?, _ count: Int64) -> String? {
                guard count > 0 else { return nil }
                let people = ExperimentPeople(
                    experiment.id, variant: row.variant, metric: metric, dimension: group?.dimension,
                    group: group?.value)
                return MarkAddress.href(.experiment(people), count: count)
            }
            let against = row.against
            let interval = against.map { words.range($0.interval, metric) } ?? "–"
            return ExperimentResultModel.Row(
                variant: definition.variants.first { $0.key == row.variant }?.name ?? row.variant,
                isControl: index == 0, people: wording.number(row.people),
                // Of retention only those count whose days are over: the list behind has all who met the variant.
                peopleHref: metric.kind == .retention ? nil : href(nil, row.people),
                converted: wording.number(row.converted), convertedHref: href(key, row.converted),
                value: row.people > 0 ? words.value(row.value, metric) : "–",
                difference: against.map { words.difference($0.difference, metric) } ?? "–", interval: interval,
                lift: against?.lift.map(words.lift) ?? "–", pValue: against.map { words.pValue($0.pValue) } ?? "–",
                corrected: against.map { words.pValue($0.corrected) } ?? "–",
                sequence: against.map { words.range($0.sequence, metric) } ?? "–",
                best: row.best.map { wording.percent($0) } ?? "–",
                loss: row.loss.map { words.value($0, metric) } ?? "–",
                adjusted: against?.adjusted.map {
                    "\(words.difference($0.difference, metric)) (\(words.range($0.interval, metric)))"
                } ?? "–",
                drawing: against.flatMap { reach > 0 ? IntervalDrawing($0, reach: reach, label: interval) : nil },
                tone: tone(against, metric, definition))
        }
    }

    private static func tone(
        _ against: ExperimentResult.Comparison?, _ metric: ExperimentMetric, _ definition: ExperimentDefinition
    ) -> String {
        guard let against else { return "" }
        let p = definition.rule == .fixed ? against.corrected : against.sequencePValue
        guard p < definition.alpha else { return "" }
        return (against.difference > 0) != metric.isLessBetter ? "change-good" : "change-bad"
    }
}
