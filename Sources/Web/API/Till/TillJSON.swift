import Engine

/// A quote as the API tells it, in one language.
///
/// Written without a tree where it tells of coupons: there may be two hundred, each with its discount by line. Members
/// come in the order of their names, as everywhere.
enum TillJSON {
    private static let usualBytes = 65_536

    static func written(_ quote: TillQuote, _ language: CriteriaLanguage, _ workspace: Workspace) -> JSONWriter {
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
        var answer = JSONWriter(capacity: usualBytes)
        answer.open()
        answer.name("applied")
        write(quote.applied, isProved: quote.look.best.isProved, to: &answer)
        answer.member("benefits", tree: .array(benefits(quote, language)))
        answer.name("best")
        write(best, isProved: quote.look.best.isProved, to: &answer)
        answer.member("bill", tree: quote.bill.json)
        answer.name("coupons")
        answer.array(quote.look.items) { write($0, quote.bill.currency, print, to: &$1) }
        answer.member("earned", tree: .object(quote.earned.points.mapValues { .integer($0) }))
        answer.member("language", language.rawValue)
        answer.member("member_id", tree: JSONValue(optionalID: quote.member?.id))
        answer.member("pool_spendable", tree: json(quote.pooled))
        answer.member("profile_id", tree: JSONValue(optionalID: quote.profile))
        answer.member("spendable", tree: json(quote.spendable))
        answer.member("spent", tree: quote.bill.spent)
        answer.member("tier", tree: tier)
        answer.member(
            "waterfall", tree: ProgramSchemas.json(quote.earned.outcome.waterfall, quote.earned.rules, quote.world))
        answer.close()
        return answer
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

    private static func write(
        _ item: Coupons.Item, _ currency: String, _ print: CouponPrint, to json: inout JSONWriter
    ) {
        json.open()
        json.member("applies", item.refusals.isEmpty)
        json.member("code", item.code)
        json.name("discount")
        CouponSchemas.write(item.discount, to: &json)
        json.member("headline", tree: JSONValue(item.rule.map(print.headline)))
        json.member("id", tree: item.rule == nil ? .null : JSONValue(optionalID: item.coupon?.id))
        json.name("reasons")
        json.array(item.refusals) { refusal, json in
            json.open()
            json.member("code", refusal.code)
            json.member("text", print.text(refusal, currency: currency))
            json.close()
        }
        json.close()
    }

    private static func write(
        _ parts: [(code: String, discount: CouponDiscount)], isProved: Bool, to json: inout JSONWriter
    ) {
        json.open()
        let amount: Int64 = parts.reduce(0) { $0 + $1.discount.amount }
        json.member("amount", amount)
        json.name("coupons")
        json.array(parts) { part, json in
            json.open()
            json.member("code", part.code)
            json.name("discount")
            CouponSchemas.write(part.discount, to: &json)
            json.close()
        }
        json.member("is_proved", isProved)
        json.close()
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
