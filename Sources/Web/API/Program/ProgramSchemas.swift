import Engine

/// Shapes that the endpoints of the program share.
enum ProgramSchemas {
    static let document = APISchema.object([], isOpen: true)
    static let warning = APISchema.object([
        APIField("rule", .string()), APIField("code", .string()),
        APIField("text", .object([APIField("en", .string()), APIField("zh-Hans", .string())])),
    ])
    static let version = APISchema.named(
        "ProgramVersion",
        .object([
            APIField("id", .id), APIField("number", .integer(), "Awards name it."), APIField("title", .string()),
            APIField("document", document, "See docs/program.md."),
            APIField("status", .words(ProgramStatus.allCases.map(\.rawValue))),
            APIField("based_on", .nullable(.integer()), "The number of the version it began as a copy of."),
            APIField("created_at", .timestamp), APIField("updated_at", .timestamp),
            APIField("published_at", .nullable(.timestamp)), APIField("retired_at", .nullable(.timestamp)),
            APIField("edited_by", .string()), APIField("submitted_by", .nullable(.string())),
            APIField("decided_by", .nullable(.string())),
            APIField("revision", .string(), "For `If-Match`."),
        ]))
    static let step = APISchema.object([
        APIField("at", .timestamp), APIField("actor", .string()),
        APIField("verb", .words(ProgramStep.Verb.allCases.map(\.rawValue))), APIField("note", .string()),
    ])
    static let lines = APISchema.array(
        .object([
            APIField("line", .string(), "The product; empty: the order or event as a whole."),
            APIField("basis", .integer(), "What it was computed from: minor units, pieces, points of others."),
            APIField("points", .integer()),
        ]))
    static let waterfall = APISchema.array(
        .object(
            [
                APIField("rule", .string(), "`~tier:RULE`: the benefit of the tier, on what the rule gave."),
                APIField("title", .string()), APIField("currency", .string()),
                .optional("tier", .string(), "Of the benefit."),
                .optional("multiplier", .integer(), "Of the benefit, in hundredths."),
                APIField("verdict", .string(), "`gave`, `capped`, or why nothing was given."),
                APIField("computed", .integer(), "Before caps."), APIField("points", .integer()),
                APIField(
                    "why", .object([APIField("en", .string()), APIField("zh-Hans", .string())]), "The verdict in words."
                ), .optional("lines", lines),
            ], isOpen: true))
    static let earning = APISchema.named(
        "Earning",
        .object([
            APIField("key", .string(), "`order:ORDER` or `event:POSITION`."), APIField("member_id", .id),
            APIField("name", .string(), "The event's name."), APIField("version", .integer(), "Of the program."),
            APIField("happened_at", .timestamp), APIField("decided_at", .timestamp),
            APIField("points", .map(.integer()), "What is left of it after returns, by currency."),
            APIField(
                "awards",
                .array(
                    .object([
                        APIField("rule", .string()), APIField("line", .string()), APIField("currency", .string()),
                        APIField("member_id", .id), APIField("points", .integer(), "As decided."),
                        APIField("left", .integer(), "After returns."),
                        APIField("keys", .array(.string()), "Of the awards in the ledger."),
                    ]))), APIField("waterfall", waterfall),
        ]))

    static func json(_ version: ProgramVersion) throws -> JSONValue {
        [
            "id": JSONValue(id: version.id), "number": .integer(version.number), "title": .string(version.title),
            "document": try JSONValue(parsing: version.document), "status": .string(version.status.rawValue),
            "based_on": JSONValue(version.basedOn),
            "created_at": JSONValue(Timestamp(milliseconds: version.createdMS)),
            "updated_at": JSONValue(Timestamp(milliseconds: version.updatedMS)),
            "published_at": JSONValue(version.publishedMS.map { Timestamp(milliseconds: $0) }),
            "retired_at": JSONValue(version.retiredMS.map { Timestamp(milliseconds: $0) }),
            "edited_by": .string(version.editedBy), "submitted_by": JSONValue(version.submittedBy),
            "decided_by": JSONValue(version.decidedBy), "revision": .string(try version.revision.text),
        ]
    }

    static func json(_ step: ProgramStep) -> JSONValue {
        [
            "at": JSONValue(step.at), "actor": .string(step.actor), "verb": .string(step.verb.rawValue),
            "note": .string(step.note),
        ]
    }

    static func json(_ warning: EarningWarning) -> JSONValue {
        [
            "rule": .string(warning.rule), "code": .string(warning.code),
            "text": ["en": .string(warning.text(.english)), "zh-Hans": .string(warning.text(.chinese))],
        ]
    }

    static func json(_ waterfall: [EarningStep], _ rules: EarningRuleSet, _ world: CriteriaWorld) -> JSONValue {
        let english = CriteriaPhrases(.english, world).naming(rules)
        let chinese = CriteriaPhrases(.chinese, world).naming(rules)
        return .array(
            waterfall.map { step in
                guard case .object(var members) = step.json else { return .null }
                let rule = rules.rule(step.rule)
                members["title"] = .string(step.title(rule, english))
                members["why"] = [
                    "en": .string(step.verdict.words(rule, english)),
                    "zh-Hans": .string(step.verdict.words(rule, chinese)),
                ]
                return .object(members)
            })
    }

    static func json(_ record: EarningRecord, _ rules: EarningRuleSet, _ world: CriteriaWorld) -> JSONValue {
        [
            "key": .string(record.key), "member_id": JSONValue(id: record.account), "name": .string(record.name),
            "version": .integer(record.version),
            "happened_at": JSONValue(Timestamp(milliseconds: record.factMS)),
            "decided_at": JSONValue(Timestamp(milliseconds: record.madeMS)),
            "points": .object(record.net.mapValues { .integer($0) }),
            "awards": .array(
                record.grants.filter { !$0.lots.isEmpty }.map { grant in
                    [
                        "rule": .string(grant.rule), "line": .string(grant.line), "currency": .string(grant.currency),
                        "member_id": JSONValue(id: grant.account), "points": .integer(grant.points),
                        "left": .integer(grant.net), "keys": .array(grant.lots.map { .string($0.key) }),
                    ]
                }), "waterfall": json(record.waterfall, rules, world),
        ]
    }
}
