import Engine

/// Shapes that the endpoints of tiers and benefits share.
enum TierSchemas {
    private static let names = APISchema.map(.string(min: 1, max: 40))
    private static let code = APISchema.string(min: 1, max: 32)
    static let amount = APISchema.integer(0...TierLimits.amountMax)

    private static let indicator = APISchema.object([
        APIField("kind", .words(QualificationCatalog.kinds)),
        APIField("at_least", amount, "Minor units of money, smallest parts of points, orders, or a score."),
        .optional("weight", .nullable(.integer(1...100)), "Percent, in weighted rules."),
        .optional("currency", .nullable(code), "Of the ledger, for `growth` and `points`."),
    ])
    private static let rule = APISchema.object([
        .optional("combine", .words(TierRule.Combination.allCases.map(\.rawValue)), "`all` unless told."),
        APIField("indicators", .array(indicator, count: 0...10)),
        .optional("needed", .nullable(.integer(1...100)), "Percent, of weighted rules."),
    ])
    private static let benefit = APISchema.object([
        APIField("code", code), .optional("names", names),
        APIField("kind", .words(Benefit.Kind.allCases.map(\.rawValue))),
        .optional("occasion", .nullable(.words(Benefit.Occasion.allCases.map(\.rawValue)))),
        .optional("multiplier", .nullable(.integer()), "Hundredths: 150 is one and a half."),
        .optional(
            "coupon", .nullable(.string(max: 64)), "The id of a definition of coupons; one is issued with every grant."),
        .optional("uses", .nullable(.integer()), "Of one grant; null: as often as one likes."),
        .optional("valid_days", .nullable(.integer(0...10_000))),
        .optional("quota", .nullable(.integer()), "Grants to everybody in a month."),
        .optional("cost", .nullable(.integer()), "Of one use, in minor units; for previews."),
    ])
    private static let tier = APISchema.object([
        APIField("code", code), .optional("names", names),
        .optional("admission", .words(Tier.Admission.allCases.map(\.rawValue))),
        .optional("rule", .nullable(rule), "What has to be reached to enter."),
        .optional("keep", .nullable(rule), "What has to be reached in a period to stay; null: the same."),
        .optional("benefits", .array(benefit, count: 0...100)),
    ])
    /// A ladder: tiers from the lowest up.
    static let ladder: [APIField] = [
        APIField("tiers", .array(tier, count: 0...100), "The lowest first; it is everybody's."),
        .optional(
            "period",
            .object([
                APIField("kind", .words(TierPeriod.Kind.allCases.map(\.rawValue))),
                APIField("months", .integer(0...1_000)), .optional("start_month", .integer(0...100)),
            ])),
        .optional("notice_days", .array(.integer(0...10_000), count: 0...20), "Most first."),
        .optional("grace_days", .integer(0...10_000)), .optional("soft_landing", .boolean),
        .optional(
            "quota",
            .nullable(
                .object([
                    APIField("by", indicator), APIField("shares", .array(.integer(0...1_000_000), count: 0...100)),
                    .optional("ties", .words(TierQuota.Ties.allCases.map(\.rawValue))),
                    .optional("band_percent", .integer(0...1_000)),
                ])), "Tiers by place in a ranking."),
    ]
    static let published = APISchema.named(
        "TierLadder",
        .object(
            [
                APIField("version", .integer()), APIField("published_at", .timestamp), APIField("author", .string()),
                APIField("revision", .string(), "For `If-Match`."),
            ] + ladder))

    static let reading = APISchema.object([
        APIField("combine", .words(TierRule.Combination.allCases.map(\.rawValue))), APIField("holds", .boolean),
        APIField("percent", .integer()), APIField("score", .nullable(.integer()), "Hundredths of a percent."),
        APIField("needed", .nullable(.integer())),
        APIField(
            "parts",
            .array(
                .object([
                    APIField("kind", .string()), APIField("currency", .nullable(.string())),
                    APIField("value", .integer()), APIField("at_least", .integer()),
                    APIField("missing", .integer()), APIField("weight", .nullable(.integer())),
                ]))),
    ])
    static let lacking = APISchema.object([
        APIField("tier", .string()), APIField("until", .day, "The last day that counts."),
        APIField("either", .boolean, "Each of what is missing alone would do; else all together."),
        APIField(
            "missing",
            .array(
                .object([
                    APIField("kind", .string()), APIField("currency", .nullable(.string())),
                    APIField("amount", .integer()),
                ]))),
        APIField(
            "returns",
            .array(
                .object([
                    APIField("order", .string()), APIField("amount", .integer()), APIField("day", .day),
                ]))),
        APIField("returns_decided", .boolean), APIField("words", .map(.array(.string())), "By language."),
    ])
    static let progress = APISchema.object([
        APIField("tier", .string()), APIField("reading", reading), APIField("lacking", lacking),
    ])
    static let change = APISchema.named(
        "TierChange",
        .object([
            APIField("number", .integer()), APIField("at", .timestamp), APIField("from", .nullable(.string())),
            APIField("to", .string()), APIField("up", .boolean),
            APIField("cause", .words(TierChange.Cause.allCases.map(\.rawValue))), APIField("ladder", .integer()),
            APIField("tier", .nullable(.string()), "The tier that was asked about."),
            APIField("window", .nullable(.object([APIField("from", .day), APIField("to", .nullable(.day))]))),
            APIField("reading", .nullable(reading)), APIField("place", .nullable(.integer())),
            APIField("ranked", .nullable(.integer())), APIField("value", .nullable(.integer())),
            APIField("reference", .nullable(.id), "The grant or the merge."),
            APIField("lacking", .nullable(lacking)),
        ]))
    static let grant = APISchema.named(
        "TierGrant",
        .object([
            APIField("id", .id), APIField("member_id", .id), APIField("tier", .string()),
            APIField("until", .nullable(.timestamp)), APIField("reason", .string()), APIField("author", .string()),
            APIField("created_at", .timestamp), APIField("ended_at", .nullable(.timestamp)),
        ]))
}

/// The same as JSON.
enum TierJSON {
    static func ladder(_ body: JSONValue) throws -> TierLadder {
        do {
            return try StoredDocument.value(TierLadder.self, from: body.text())
        } catch let error as DecodingError {
            throw Problem(
                .unprocessableContent, "invalid_ladder", "The ladder cannot be used.",
                flaws: [.init("body", "lacks a field or has one of another kind: \(error.localizedDescription)")])
        }
    }

    static func json(_ published: TierLadders.Published) throws -> JSONValue {
        var members = try JSONValue(parsing: StoredDocument.text(published.ladder)).objectValue ?? [:]
        members["version"] = .integer(published.version)
        members["published_at"] = JSONValue(published.publishedAt)
        members["author"] = .string(published.author)
        members["revision"] = .string(try Revision(of: published.ladder).text)
        return .object(members)
    }

    static func json(_ reading: TierReading) -> JSONValue {
        [
            "combine": .string(reading.combine.rawValue), "holds": .bool(reading.holds),
            "percent": .integer(reading.percent), "score": JSONValue(reading.score),
            "needed": JSONValue(reading.needed),
            "parts": .array(
                reading.parts.map { part in
                    [
                        "kind": .string(part.indicator.kind), "currency": JSONValue(part.indicator.currency),
                        "value": .integer(part.value), "at_least": .integer(part.indicator.atLeast),
                        "missing": .integer(part.missing),
                        "weight": JSONValue(part.indicator.weight.map { Int64($0) }),
                    ]
                }),
        ]
    }

    static func json(
        _ fact: TierCounterfactual, _ ladder: TierLadder, _ speech: TierSpeech, isOver: Bool
    ) -> JSONValue {
        [
            "tier": .string(fact.tier), "until": .string(LocalCalendar.text(ofDay: fact.lastDay)),
            "either": .bool(fact.isEither),
            "missing": .array(
                fact.missing.map {
                    [
                        "kind": .string($0.indicator.kind), "currency": JSONValue($0.indicator.currency),
                        "amount": .integer($0.amount),
                    ]
                }),
            "returns": .array(
                fact.returns.map {
                    [
                        "order": .string($0.order), "amount": .integer($0.amount),
                        "day": .string(LocalCalendar.text(ofDay: $0.day)),
                    ]
                }), "returns_decided": .bool(fact.returnsDecided),
            "words": .object(
                Dictionary(
                    uniqueKeysWithValues: CriteriaLanguage.allCases.map { language in
                        (
                            language.rawValue,
                            .array(
                                speech.words(language).sentences(fact, ladder, isOver: isOver).map(JSONValue.string))
                        )
                    })),
        ]
    }

    static func json(_ entry: TierHistory.Entry, _ ladder: TierLadder, _ speech: TierSpeech) -> JSONValue {
        let (change, evidence) = (entry.change, entry.change.evidence)
        let window: JSONValue =
            evidence.from.map { from in
                [
                    "from": .string(LocalCalendar.text(ofDay: from)),
                    "to": JSONValue(evidence.to.map(LocalCalendar.text(ofDay:))),
                ]
            } ?? .null
        return [
            "number": .integer(change.number), "at": JSONValue(change.at), "from": JSONValue(change.from),
            "to": .string(change.to), "up": .bool(change.isUp), "cause": .string(change.cause.rawValue),
            "ladder": .integer(entry.ladder), "tier": JSONValue(evidence.tier), "window": window,
            "reading": evidence.reading.map(json) ?? .null, "place": JSONValue(evidence.place),
            "ranked": JSONValue(evidence.ranked), "value": JSONValue(evidence.value),
            "reference": JSONValue(optionalID: evidence.reference ?? 0),
            "lacking": change.counterfactual.map { json($0, ladder, speech, isOver: true) } ?? .null,
        ]
    }

    static func json(_ grant: TierGrants.Stored) -> JSONValue {
        [
            "id": JSONValue(id: grant.id), "member_id": JSONValue(id: grant.member), "tier": .string(grant.tier),
            "until": JSONValue(grant.until), "reason": .string(grant.reason), "author": .string(grant.author),
            "created_at": JSONValue(grant.createdAt), "ended_at": JSONValue(grant.endedAt),
        ]
    }
}
