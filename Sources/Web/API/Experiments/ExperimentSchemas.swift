import Engine
import Science

/// Shapes that the endpoints of experiments share.
enum ExperimentSchemas {
    private static let metric = APISchema.named(
        "ExperimentMetric",
        .object([
            APIField("kind", .words(ExperimentMetric.Kind.allCases.map(\.rawValue))),
            .optional(
                "event", .anyOf([.string(min: 1), .object([], isOpen: true), .nullable(.string())]),
                "A name, or events of the condition language; see docs/criteria.md."),
            .optional("window_days", .integer(1...ExperimentMetric.daysMax), "Days from exposure on; 14 unless told."),
            .optional("from_day", .nullable(.integer(0...ExperimentMetric.daysMax)), "Of retention: the first day."),
            .optional("less_is_better", .boolean),
        ]))
    private static let variant = APISchema.object([
        APIField("key", .string(min: 1, max: ExperimentLimits.keyBytes), "a–z, 0–9, `_`, `-`."),
        .optional("name", .string(max: ExperimentLimits.nameCharacters)),
        .optional("weight", .integer(1...ExperimentLimits.weightMax), "1 unless told."),
    ])
    private static let metrics = APISchema.array(metric, count: 0...ExperimentLimits.metricsMax)
    static let definition: [APIField] = [
        APIField("name", .string(min: 1, max: ExperimentLimits.nameCharacters)),
        .optional("hypothesis", .string(max: ExperimentLimits.hypothesisCharacters)),
        APIField("variants", .array(variant, count: ExperimentLimits.variants), "The first is the control."),
        .optional(
            "audience",
            .nullable(
                .object([
                    .optional("version", .integer(1...1)), APIField("where", .object([], isOpen: true)),
                ])), "Everybody unless told; see docs/criteria.md."),
        APIField("primary", metric, "What it is judged by."),
        .optional("guardrails", metrics, "What must not get worse."),
        .optional("secondary", metrics),
        .optional("rule", .words(ExperimentDefinition.Rule.allCases.map(\.rawValue)), "sequential unless told."),
        .optional("confidence", .integer(80...99), "80, 90, 95 or 99."),
        .optional("planned_people", .integer(0...ExperimentLimits.plannedMax), "Of each variant; 0: none planned."),
        .optional("pre_days", .integer(0...ExperimentLimits.preDaysMax), "Days before exposure, for CUPED; 0: no."),
        .optional(
            "allocation", .words(ExperimentDefinition.Allocation.allCases.map(\.rawValue)),
            "`bandit`: each variant as often as it is likely to be the best; fixed unless told."),
        .optional(
            "least_share", .integer(ExperimentLimits.leastShares), "Of a bandit: percent that every variant keeps."),
    ]
    static let state = APISchema.words(Experiment.State.allCases.map(\.rawValue))
    static let experiment = APISchema.named(
        "Experiment",
        .object(
            [APIField("id", .id)] + definition + [
                APIField("state", state), APIField("created_at", .timestamp), APIField("updated_at", .timestamp),
                APIField("started_at", .nullable(.timestamp)), APIField("stopped_at", .nullable(.timestamp)),
                APIField(
                    "decision",
                    .nullable(
                        .object([
                            APIField("variant", .nullable(.string())), APIField("reason", .string()),
                            APIField("by", .string()), APIField("at", .timestamp),
                        ]))),
                APIField("revision", .string(), "For `If-Match`."),
            ]))
    static let answer = APISchema.object([
        APIField("profile_id", .id), APIField("outcome", .words(Exposures.Answer.Outcome.allCases.map(\.rawValue))),
        APIField("variant", .nullable(.string())),
    ])

    private static let bound = APISchema.nullable(.number)
    static let interval = APISchema.object([APIField("low", bound), APIField("high", bound)])
    private static let comparison = APISchema.object([
        APIField("difference", .number), APIField("interval", interval, "At one look."),
        APIField("p_value", .number), APIField("corrected_p_value", .number, "Holm, or Benjamini–Hochberg."),
        APIField("exact", .boolean, "Fisher's test, because counts are small."),
        APIField("sequence", interval, "Holds at every look."), APIField("sequence_p_value", .number),
        APIField("lift", bound), APIField("lift_interval", .nullable(interval)),
        APIField(
            "adjusted",
            .nullable(
                .object([
                    APIField("difference", .number), APIField("interval", interval), APIField("p_value", .number),
                    APIField("explained", .number, "The share of the variance that is gone."),
                ])), "CUPED."),
    ])
    static let row = APISchema.object([
        APIField("variant", .string()), APIField("people", .integer()), APIField("converted", .integer()),
        APIField("value", .number), APIField("interval", interval), APIField("against", .nullable(comparison)),
        APIField("probability_best", bound), APIField("expected_loss", bound),
        APIField("window_open", .integer(), "People whose window is not over."),
    ])
    static let result = APISchema.object([
        APIField(
            "exposed",
            .array(.object([APIField("variant", .string()), APIField("people", .integer())]))),
        APIField("crossed", .integer(), "Met more than one variant; left out."),
        APIField(
            "sample_ratio",
            .object([
                APIField("chi_square", .number), APIField("p_value", .number), APIField("mismatch", .boolean),
            ])),
        APIField("verdict", .words(["too_early", "undecided", "better", "worse", "guarded", "untrusted"])),
        APIField("verdict_variant", .nullable(.string())),
        APIField("bandit_shares", .array(.number), "Thompson sampling; in the order of the variants."),
        APIField(
            "allocations",
            .array(
                .object([
                    APIField("version", .integer(), "0: the weights of the definition."),
                    APIField("weights", .array(.integer())), APIField("made_at", .nullable(.timestamp)),
                ])), "How people were divided, the newest first."),
        APIField(
            "metrics",
            .array(.object([APIField("key", .string()), APIField("metric", metric), APIField("rows", .array(row))]))),
    ])
    static let breakdown = APISchema.object([
        APIField("dimension", .string()), APIField("comparisons", .integer(), "How many chances to be fooled."),
        APIField(
            "groups",
            .array(
                .object([
                    APIField("value", .string()), APIField("small", .boolean), APIField("rows", .array(row)),
                ]))),
    ])

    // MARK: Values

    static func json(_ experiment: Experiment) throws -> JSONValue {
        var members = experiment.definition.json.objectValue ?? [:]
        members["id"] = JSONValue(id: experiment.id)
        members["state"] = .string(experiment.state.rawValue)
        members["created_at"] = JSONValue(experiment.createdAt)
        members["updated_at"] = JSONValue(experiment.updatedAt)
        members["started_at"] = JSONValue(experiment.startedAt)
        members["stopped_at"] = JSONValue(experiment.stoppedAt)
        members["decision"] =
            experiment.decision.map { decision -> JSONValue in
                [
                    "variant": JSONValue(decision.variant), "reason": .string(decision.reason),
                    "by": .string(decision.by), "at": JSONValue(decision.at),
                ]
            } ?? .null
        members["revision"] = .string(try experiment.revision.text)
        return .object(members)
    }

    static func json(_ answer: Exposures.Answer) -> JSONValue {
        [
            "profile_id": JSONValue(id: answer.profileID), "outcome": .string(answer.outcome.rawValue),
            "variant": JSONValue(answer.variant),
        ]
    }

    private static func number(_ value: Double?) -> JSONValue {
        guard let value, value.isFinite else { return .null }
        return .number(value)
    }

    static func json(_ interval: Interval) -> JSONValue {
        ["low": number(interval.low), "high": number(interval.high)]
    }

    static func json(_ row: ExperimentResult.Row) -> JSONValue {
        [
            "variant": .string(row.variant), "people": .integer(row.people), "converted": .integer(row.converted),
            "value": .number(row.value), "interval": json(row.interval),
            "against": row.against.map(json) ?? .null, "probability_best": number(row.best),
            "expected_loss": number(row.loss), "window_open": .integer(row.open),
        ]
    }

    private static func json(_ against: ExperimentResult.Comparison) -> JSONValue {
        let adjusted: JSONValue =
            against.adjusted.map { adjusted -> JSONValue in
                [
                    "difference": .number(adjusted.difference), "interval": json(adjusted.interval),
                    "p_value": .number(adjusted.pValue), "explained": .number(adjusted.explained),
                ]
            } ?? .null
        return [
            "difference": .number(against.difference), "interval": json(against.interval),
            "p_value": .number(against.pValue), "corrected_p_value": .number(against.corrected),
            "exact": .bool(against.isExact), "sequence": json(against.sequence),
            "sequence_p_value": .number(against.sequencePValue), "lift": number(against.lift),
            "lift_interval": against.liftInterval.map(json) ?? .null, "adjusted": adjusted,
        ]
    }

    static func json(_ result: ExperimentResult) -> JSONValue {
        let (verdict, variant) = words(result.verdict)
        return [
            "exposed": .array(
                result.exposed.map { ["variant": .string($0.variant), "people": .integer($0.people)] }),
            "crossed": .integer(result.crossed),
            "sample_ratio": [
                "chi_square": .number(result.ratio.chiSquare), "p_value": .number(result.ratio.pValue),
                "mismatch": .bool(result.ratio.isMismatch),
            ],
            "verdict": .string(verdict), "verdict_variant": JSONValue(variant),
            "bandit_shares": .array(result.shares.map { .number($0) }),
            "allocations": .array(
                result.divisions.map {
                    [
                        "version": .integer($0.version), "weights": .array($0.weights.map { .integer($0) }),
                        "made_at": JSONValue($0.madeAt),
                    ]
                }),
            "metrics": .array(
                result.metrics.map {
                    ["key": .string($0.key), "metric": $0.metric.json, "rows": .array($0.rows.map(json))]
                }),
        ]
    }

    static func words(_ verdict: ExperimentResult.Verdict) -> (String, String?) {
        switch verdict {
        case .tooEarly: ("too_early", nil)
        case .undecided: ("undecided", nil)
        case .better(let variant): ("better", variant)
        case .worse: ("worse", nil)
        case .guarded(let variant): ("guarded", variant)
        case .untrusted: ("untrusted", nil)
        }
    }

    static func json(_ breakdown: ExperimentBreakdown) -> JSONValue {
        [
            "dimension": .string(breakdown.dimension), "comparisons": JSONValue(breakdown.comparisons),
            "groups": .array(
                breakdown.groups.map {
                    ["value": .string($0.value), "small": .bool($0.isSmall), "rows": .array($0.rows.map(json))]
                }),
        ]
    }
}
