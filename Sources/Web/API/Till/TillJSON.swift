import Engine

/// A quote as the API tells it, in one language.
enum TillJSON {
    static func json(_ quote: TillQuote, _ language: CriteriaLanguage, _ workspace: Workspace) -> JSONValue {
        let print = CouponPrint(language, workspace.calendar, quote.names)
        let codes = Dictionary(
            quote.look.items.compactMap { item in item.coupon.map { ($0.id, item.code) } }
        ) { first, _ in first }
        let best = quote.look.best.parts.map { (code: codes[$0.couponID] ?? "", discount: $0.discount) }
        var tier = JSONValue.null
        if let standing = quote.standing {
            tier = [
                "before": json(standing.before, language, quote.speech),
                "after": json(standing.after, language, quote.speech),
            ]
        }
        return [
            "profile_id": JSONValue(optionalID: quote.profile), "member_id": JSONValue(optionalID: quote.member?.id),
            "bill": quote.bill.json,
            "coupons": .array(quote.look.items.map { json($0, quote.bill.currency, print) }),
            "best": json(best, isProved: quote.look.best.isProved),
            "applied": json(quote.applied, isProved: quote.look.best.isProved),
            "spendable": json(quote.spendable), "pool_spendable": json(quote.pooled), "spent": quote.bill.spent,
            "earned": .object(quote.earned.points.mapValues { .integer($0) }),
            "waterfall": ProgramSchemas.json(quote.earned.outcome.waterfall, quote.earned.rules, quote.world),
            "tier": tier, "benefits": .array(benefits(quote, language)), "language": .string(language.rawValue),
        ]
    }

    private static func json(_ spendable: [TillPoints]) -> JSONValue {
        .array(
            spendable.map { one in
                [
                    "currency": .string(one.currency.code), "available": .integer(one.available),
                    "most": .integer(one.most), "worth": .integer(one.worth),
                    "value_per_thousand": .integer(one.currency.valuePerThousand ?? 0),
                ]
            })
    }

    private static func json(_ item: Coupons.Item, _ currency: String, _ print: CouponPrint) -> JSONValue {
        [
            "code": .string(item.code),
            "id": item.rule == nil ? .null : JSONValue(optionalID: item.coupon?.id),
            "headline": JSONValue(item.rule.map(print.headline)), "applies": .bool(item.refusals.isEmpty),
            "reasons": .array(
                item.refusals.map {
                    ["code": .string($0.code), "text": .string(print.text($0, currency: currency))]
                }), "discount": CouponSchemas.json(item.discount),
        ]
    }

    private static func json(_ parts: [(code: String, discount: CouponDiscount)], isProved: Bool) -> JSONValue {
        [
            "amount": .integer(parts.reduce(0) { $0 + $1.discount.amount }), "is_proved": .bool(isProved),
            "coupons": .array(
                parts.map { ["code": .string($0.code), "discount": CouponSchemas.json($0.discount)] }),
        ]
    }

    private static func json(
        _ standing: TierStanding, _ language: CriteriaLanguage, _ speech: TierSpeech
    ) -> JSONValue {
        [
            "tier": .string(standing.state.tier),
            "name": .string(standing.ladder.name(standing.state.tier, language.rawValue)),
            "until": JSONValue(standing.lastDay.map(LocalCalendar.text(ofDay:))),
            "higher": .array(
                standing.higher.map {
                    [
                        "tier": .string($0.tier), "reading": TierJSON.json($0.reading),
                        "lacking": TierJSON.json($0.lacking, standing.ladder, speech, isOver: false),
                    ]
                }),
        ]
    }

    /// What the tier brings by itself, then grants that can be used now.
    private static func benefits(_ quote: TillQuote, _ language: CriteriaLanguage) -> [JSONValue] {
        let ladder = quote.standing?.before.ladder
        func name(_ benefit: Benefit?, _ code: String) -> String {
            benefit?.names[language.rawValue] ?? benefit?.names.min { $0.key < $1.key }?.value ?? code
        }
        let standing = quote.benefits.map { benefit -> JSONValue in
            [
                "benefit": .string(benefit.code), "kind": .string(benefit.kind.rawValue),
                "name": .string(name(benefit, benefit.code)), "left": .null, "ends_at": .null,
            ]
        }
        let granted = quote.grants.map { grant -> JSONValue in
            let benefit = ladder?.tier(grant.tier)?.benefits.first { $0.code == grant.benefit }
            return [
                "benefit": .string(grant.benefit), "kind": .string(grant.kind.rawValue),
                "name": .string(name(benefit, grant.benefit)), "left": JSONValue(grant.uses.map { $0 - grant.used }),
                "ends_at": JSONValue(grant.endsAt),
            ]
        }
        return standing + granted
    }
}
