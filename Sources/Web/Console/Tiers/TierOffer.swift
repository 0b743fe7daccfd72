import Engine

/// What the editor of a ladder may offer: kinds of everything with their names, and its words.
enum TierOffer {
    private static let said = [
        "code", "everybody", "admission", "to_enter", "to_stay", "add_keep", "add_tier", "add_benefit", "add_indicator",
        "combine", "needed", "indicator", "at_least", "currency", "weight", "benefit", "multiplier", "coupon",
        "occasion",
        "uses", "valid_days", "quota", "cost", "holdout", "terms", "period", "months", "start_month", "soft_landing",
        "notice_days",
        "grace_days", "by_ranking", "shares", "ties", "band", "in_chinese", "in_english",
    ]

    static func text(_ speech: TierSpeech, _ request: PageRequest) -> String {
        let language = CriteriaLanguage(request.wording.language)
        let words = speech.words(language)
        let benefits = BenefitText(words)
        let digits = Int64(CurrencyScale.digits(request.workspace.currency))
        func choices<Word: RawRepresentable>(
            _ all: [Word], _ title: (Word) -> String
        ) -> JSONValue where Word.RawValue == String {
            .array(all.map { ["value": .string($0.rawValue), "title": .string(title($0))] })
        }
        func told<Word: RawRepresentable>(_ key: String, _ all: [Word]) -> JSONValue where Word.RawValue == String {
            choices(all) { request.text("tier.\(key)_\($0.rawValue)") }
        }
        var own = Dictionary(
            uniqueKeysWithValues: said.map { ($0, JSONValue.string(request.text("tier.edit_\($0)"))) })
        own["remove"] = .string(request.text("builder.remove"))
        own["value"] = .string(request.text("builder.value"))
        let offer: JSONValue = [
            "language": .string(request.wording.language), "digits": .integer(digits),
            "kinds": .array(
                QualificationCatalog.all.map { kind in
                    [
                        "value": .string(kind.kind), "title": .string(words.name(TierIndicator(kind.kind, 1))),
                        "digits": .integer(kind.kind == NetSpend.kind ? digits : 0), "ledger": JSONValue(kind.ledger),
                    ]
                }),
            "admissions": told("admission", Tier.Admission.allCases),
            "combinations": told("combine", TierRule.Combination.allCases),
            "periods": told("period", TierPeriod.Kind.allCases), "ties": told("ties", TierQuota.Ties.allCases),
            "benefits": choices(Benefit.Kind.allCases) { benefits.kind($0) },
            "occasions": choices(Benefit.Occasion.allCases) { benefits.occasion($0) }, "words": .object(own),
        ]
        return offer.scriptText
    }
}
