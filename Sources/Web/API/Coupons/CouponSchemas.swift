import Engine

/// Shapes that the endpoints of coupons share.
enum CouponSchemas {
    static let code = APISchema.string(min: 1, max: 64)
    static let key = APISchema.string(min: 1, max: CouponLimits.keyBytes)
    private static let amount = APISchema.integer(0...CouponLimits.amountMax)
    private static let codes = APISchema.array(
        .string(min: 1, max: CouponLimits.codeBytes), count: 0...CouponLimits.codesPerScope)
    private static let scope = APISchema.object([.optional("only", codes), .optional("except", codes)])
    private static let count = APISchema.nullable(.integer(1...CouponLimits.countMax))

    static let rule = APISchema.named(
        "CouponRule",
        .object([
            APIField(
                "benefit",
                .object([
                    APIField("kind", .words(CouponBenefit.Kind.allCases.map(\.rawValue))),
                    .optional("amount", .integer(1...CouponLimits.amountMax), "Of `amount`."),
                    .optional("keeps_rest", .boolean, "Of `amount`: what an order leaves stays on the coupon."),
                    .optional("percent", .integer(1...10_000), "Of `percent`, in hundredths of a percent."),
                    .optional(
                        "max", .nullable(.integer(1...CouponLimits.amountMax)), "Of `percent` and `shipping`."),
                    .optional("skus", codes, "Of `free_item`."),
                    .optional("quantity", .integer(1...1_000), "Of `free_item`: pieces."),
                ])),
            .optional("currency", .string(min: 3, max: 3), "The workspace's unless told."),
            .optional("minimum", amount, "Of the goods it holds for, before discounts."),
            .optional("products", scope, "By SKU."), .optional("categories", scope), .optional("brands", scope),
            .optional("stores", scope), .optional("channels", scope),
            .optional("weekdays", .array(.integer(1...7), count: 0...7), "1 Monday to 7 Sunday; none: every day."),
            .optional(
                "hours",
                .array(
                    .object([
                        APIField("from", .string(min: 5, max: 5), "`09:30`."),
                        APIField("until", .string(min: 5, max: 5), "Not included; over midnight when earlier."),
                    ]), count: 0...CouponLimits.hours)),
            .optional(
                "blackouts",
                .array(
                    .object([APIField("from", .day), APIField("through", .day)]), count: 0...CouponLimits.blackouts)),
            .optional("first_order_only", .boolean),
            .optional("tiers", .array(.string(min: 1, max: CouponLimits.codeBytes), count: 0...CouponLimits.tiers)),
            .optional("segment", .nullable(.id), "Whose people may use it."),
            .optional(
                "validity",
                .object([
                    .optional("from", .nullable(.timestamp)),
                    .optional("until", .nullable(.timestamp), "Not included."),
                    .optional(
                        "days", .nullable(.integer(0...Int64(CouponLimits.daysMax))),
                        "From the day of issue, to the end of the last."),
                ])),
            .optional(
                "limits",
                .object([
                    .optional("issued", count), .optional("issued_per_person", count),
                    .optional("used", count, "Orders in all."), .optional("used_per_person", count),
                ])),
            .optional(
                "stacking",
                .object([
                    .optional("group", .string(max: CouponLimits.codeBytes)),
                    .optional("mode", .words(CouponStacking.Mode.allCases.map(\.rawValue)), "`best_of` unless told."),
                ])),
        ]))

    private static let printed = APISchema.object(
        [APIField("headline", .string()), APIField("lines", .array(.string()))])
    static let prints = APISchema.object([APIField("en", printed), APIField("zh-Hans", printed)])

    static let definition = APISchema.named(
        "CouponDefinition",
        .object([
            APIField("id", .id), APIField("name", .string()),
            APIField("status", .words(CouponStatus.allCases.map(\.rawValue))), APIField("version", .integer()),
            APIField("rule", rule), APIField("printed", prints, "Made from the rule."),
            APIField(
                "counts",
                .object([
                    APIField("issued", .integer()), APIField("locked", .integer(), "Locks that are open."),
                    APIField("taken", .integer(), "Orders that ever locked or redeemed."),
                    APIField("redeemed", .integer()), APIField("discount", .integer()),
                    APIField("expired", .integer()), APIField("voided", .integer()),
                ])), APIField("created_at", .timestamp), APIField("updated_at", .timestamp),
            APIField("created_by", .string()), APIField("revision", .string(), "For `If-Match`."),
        ]))

    static let coupon = APISchema.named(
        "Coupon",
        .object([
            APIField("id", .id), APIField("code", .string()), APIField("definition_id", .id),
            APIField("version", .integer(), "Of the rule that is printed on it."),
            APIField("batch_id", .nullable(.id)), APIField("kind", .words(Coupon.Kind.allCases.map(\.rawValue))),
            APIField("profile_id", .nullable(.id)), APIField("state", .words(Coupon.State.allCases.map(\.rawValue))),
            APIField("issued_at", .timestamp), APIField("valid_from", .timestamp),
            APIField("valid_until", .nullable(.timestamp)),
            APIField("left", .nullable(.integer()), "On an amount coupon."),
            APIField("uses_max", .nullable(.integer()), "Of a shared code."), APIField("uses", .integer()),
        ]))

    static let discount = APISchema.named(
        "CouponDiscount",
        .object([
            APIField("amount", .integer(), "In all."), APIField("shipping", .integer()),
            APIField(
                "lines", .array(.object([APIField("id", .string()), APIField("amount", .integer())])),
                "With `shipping` they add up to `amount`."),
        ]))

    static let refusal = APISchema.object([
        APIField("code", .string(), "`expired`, `minimum`, `store`, …; docs/coupons.md has all."),
        APIField("en", .string()), APIField("zh-Hans", .string()),
    ])

    static let use = APISchema.named(
        "CouponUse",
        .object([
            APIField("coupon", coupon), APIField("order", .string()),
            APIField("state", .words(CouponUse.State.allCases.map(\.rawValue))),
            APIField("profile_id", .nullable(.id)), APIField("discount", discount),
            APIField("standing", .integer(), "Of the discount, less what came back."),
            APIField("locked_until", .nullable(.timestamp)), APIField("at", .timestamp),
        ]))

    static let cart = APISchema.named(
        "CouponCart",
        .object([
            APIField(
                "lines",
                .array(
                    .object([
                        APIField("id", .string(min: 1, max: CouponLimits.codeBytes), "As the order calls the line."),
                        APIField("sku", .string(min: 1, max: CouponLimits.codeBytes)),
                        .optional("category", .string(max: CouponLimits.codeBytes)),
                        .optional("brand", .string(max: CouponLimits.codeBytes)),
                        APIField("quantity", .integer(1...CouponLimits.quantityMax)),
                        APIField("unit_price", .integer(0...CouponLimits.amountMax), "Minor units."),
                    ]), count: 1...CouponLimits.cartLines)),
            .optional("store", .string(max: CouponLimits.codeBytes)),
            .optional("channel", .string(max: CouponLimits.codeBytes)),
            .optional("currency", .string(min: 3, max: 3), "The workspace's unless told."),
            .optional("shipping", amount),
            .optional("at", .timestamp, "The till's clock; now unless told. It may be off by minutes, not by hours."),
        ]))

    static func cart(_ json: JSONValue, _ workspace: Workspace) -> CouponCart {
        CouponCart(
            (json["lines"]?.arrayValue ?? []).map {
                CouponCart.Line(
                    id: $0["id"]?.stringValue ?? "", sku: $0["sku"]?.stringValue ?? "",
                    category: $0["category"]?.stringValue ?? "", brand: $0["brand"]?.stringValue ?? "",
                    quantity: $0["quantity"]?.intValue ?? 0, unitPrice: $0["unit_price"]?.intValue ?? -1)
            }, store: json["store"]?.stringValue ?? "", channel: json["channel"]?.stringValue ?? "",
            currency: json["currency"]?.stringValue ?? workspace.currency,
            shipping: json["shipping"]?.intValue ?? 0,
            at: json["at"]?.stringValue.flatMap { Timestamp(iso8601: $0) })
    }

    static func json(
        _ definition: CouponDefinition, _ calendar: LocalCalendar, _ names: CouponPrint.Names
    ) throws -> JSONValue {
        let tally = definition.tally
        return [
            "id": JSONValue(id: definition.id), "name": .string(definition.name),
            "status": .string(definition.status.rawValue), "version": .integer(definition.version),
            "rule": definition.rule.json, "printed": prints(definition.rule, calendar, names),
            "counts": [
                "issued": .integer(tally.issued), "locked": .integer(tally.open), "taken": .integer(tally.taken),
                "redeemed": .integer(tally.redeemed), "discount": .integer(tally.discount),
                "expired": .integer(tally.expired), "voided": .integer(tally.voided),
            ], "created_at": JSONValue(definition.createdAt), "updated_at": JSONValue(definition.updatedAt),
            "created_by": .string(definition.createdBy), "revision": .string(try definition.revision.text),
        ]
    }

    static func prints(_ rule: CouponRule, _ calendar: LocalCalendar, _ names: CouponPrint.Names) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for language in CriteriaLanguage.allCases {
            let print = CouponPrint(language, calendar, names)
            members[language.rawValue] = [
                "headline": .string(print.headline(rule)), "lines": .array(print.text(rule).map { .string($0) }),
            ]
        }
        return .object(members)
    }

    static func json(_ coupon: Coupon) -> JSONValue {
        [
            "id": JSONValue(id: coupon.id), "code": .string(coupon.code),
            "definition_id": JSONValue(id: coupon.definitionID), "version": .integer(coupon.version),
            "batch_id": JSONValue(optionalID: coupon.batchID), "kind": .string(coupon.kind.rawValue),
            "profile_id": JSONValue(optionalID: coupon.profileID), "state": .string(coupon.state.rawValue),
            "issued_at": JSONValue(coupon.issuedAt), "valid_from": JSONValue(coupon.from),
            "valid_until": JSONValue(coupon.until), "left": JSONValue(coupon.left),
            "uses_max": JSONValue(coupon.usesMax), "uses": .integer(coupon.uses),
        ]
    }

    static func json(
        _ refusal: CouponRefusal, currency: String, _ calendar: LocalCalendar, _ names: CouponPrint.Names
    ) -> JSONValue {
        var members: [String: JSONValue] = ["code": .string(refusal.code)]
        for language in CriteriaLanguage.allCases {
            let text = CouponPrint(language, calendar, names).text(refusal, currency: currency)
            members[language.rawValue] = .string(text)
        }
        return .object(members)
    }
}
