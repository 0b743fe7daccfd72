import Engine
import Science

/// How experiments are spoken of.
struct ExperimentWords {
    let wording: Wording
    let phrases: CriteriaPhrases
    /// Names of tiers by code and language.
    private let tiers: [String: [String: String]]

    init(_ wording: Wording, _ world: CriteriaWorld) {
        self.wording = wording
        phrases = CriteriaPhrases(CriteriaLanguage(wording.language), world)
        tiers = world.tiers
    }

    static func tone(_ state: Experiment.State) -> String {
        switch state {
        case .draft: "chip-plain"
        case .running: "chip-good"
        case .stopped: "chip-warn"
        case .decided: "chip-info"
        }
    }

    func state(_ state: Experiment.State) -> String { wording.text("experiment.state_\(state.rawValue)") }

    /// `Primary metric`, `Guardrail`, `Further metric`.
    func role(_ key: String) -> String {
        wording.text("experiment.role_\(key.split(separator: "_").first.map(String.init) ?? "primary")")
    }

    func metric(_ metric: ExperimentMetric) -> String {
        metric.words(phrases) + (metric.isLessBetter ? " · " + wording.text("experiment.less_short") : "")
    }

    /// A value of a metric, as it is read.
    func value(_ value: Double, _ metric: ExperimentMetric) -> String {
        guard value.isFinite else { return "–" }
        if metric.kind.isRate { return wording.percent(value, digits: 2) }
        if metric.kind.isMoney { return wording.money(Self.whole(value)) }
        return wording.decimal(value, digits: 2)
    }

    /// With its sign; of rates in points.
    func difference(_ value: Double, _ metric: ExperimentMetric) -> String {
        guard value.isFinite else { return "–" }
        let sign = value > 0 ? "+" : ""
        if metric.kind.isRate {
            return sign
                + wording.text("experiment.points", ["points": wording.decimal(value * 100, digits: 2)])
        }
        return sign + self.value(value, metric)
    }

    func range(_ interval: Interval, _ metric: ExperimentMetric) -> String {
        guard interval.low.isFinite, interval.high.isFinite else { return "–" }
        return wording.text(
            "experiment.range",
            ["low": difference(interval.low, metric), "high": difference(interval.high, metric)])
    }

    /// `+12.4%`.
    func lift(_ share: Double) -> String { (share > 0 ? "+" : "") + wording.percent(share) }

    /// `0.013`, `< 0.001`.
    func pValue(_ value: Double) -> String { value < 0.001 ? "< 0.001" : wording.decimal(value, digits: 3) }

    func dimension(_ name: String) -> String { wording.text("experiment.by_\(name)") }

    /// A group of a breakdown, in words.
    func group(_ value: String, of dimension: String) -> String {
        switch dimension {
        case "stage": StageWords.name(value == "none" ? nil : value, wording)
        case "rfm_class": ClassWords.name(value, wording) ?? wording.text("experiment.none")
        case "known": wording.text("experiment.known_\(value == "yes" ? "yes" : "no")")
        default: value == "none" ? wording.text("experiment.none") : tier(value)
        }
    }

    /// Events hold texts in lower case.
    private func tier(_ value: String) -> String {
        let names = tiers.first { $0.key.lowercased() == value }?.value
        return names?[wording.language] ?? value
    }

    /// `audience`: the conditions that were posted.
    func problem(_ error: ExperimentError, audience: String = "") -> String {
        switch error {
        case .invalid(let field, _):
            let part = field.split { $0 == "." || $0 == "[" }.first.map(String.init) ?? field
            return wording.known("experiment.invalid_\(part)") ?? wording.text("experiment.invalid")
        case .criteria(let error):
            let told = FormPlace(audience, wording).lines(error).joined(separator: " · ")
            return wording.text("experiment.invalid_event", ["told": told])
        case .begun: return wording.text("experiment.begun")
        case .reasonMissing: return wording.text("experiment.reason_missing")
        case .tooMany(let limit): return wording.text("experiment.too_many", ["limit": String(limit)])
        default: return wording.text("experiment.refused")
        }
    }

    private static func whole(_ value: Double) -> Int64 {
        abs(value) < 9e15 ? Int64(value.rounded(.toNearestOrEven)) : 0
    }
}

extension PageRequest {
    /// Runs `body`; what is not there is no page.
    func experimentFound<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch ExperimentError.notFound, ExperimentError.unknownVariant, ExperimentError.unknownMetric,
            ExperimentError.unknownDimension
        {
            throw PageFailure.notFound
        }
    }
}
