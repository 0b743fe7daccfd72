import Engine

/// Shapes of the till.
enum TillSchemas {
    static let key = APISchema.string(min: 1, max: Till.keyBytes)
    private static let value = APISchema.string(min: 1, max: 255)
    static let who = APISchema.named(
        "TillPerson",
        .object([
            .optional("profile_id", .id), .optional("member_id", .id), .optional("card", value, "The member number."),
            .optional("user_id", value), .optional("phone", value), .optional("email", value),
        ]))
    static let spending = APISchema.named(
        "TillPoints",
        .object([
            APIField("currency", .string(min: 1, max: 32)), APIField("amount", .integer(1...PointsLimits.amountMax)),
            .optional("hold", .nullable(.string(min: 1, max: PointsLimits.keyBytes)), "The key of a hold to capture."),
            .optional(
                "pool", .boolean, "Of the household's pool that the person is in; false unless told."),
        ]))
    static let codes = APISchema.array(CouponSchemas.code, count: 0...CouponLimits.couponsPerOrder)

    static let bill = APISchema.named(
        "TillBill",
        .object([
            APIField("currency", .string()), APIField("goods", .integer(), "Minor units, before anything is off."),
            APIField("discount", .integer(), "By coupons, off goods."), APIField("by_points", .integer()),
            APIField("paid", .integer(), "In money for goods: what earns."), APIField("shipping", .integer()),
            APIField("shipping_discount", .integer()), APIField("due", .integer(), "Goods and shipping, in money."),
            APIField(
                "lines",
                .array(
                    .object([
                        APIField("id", .string()), APIField("sku", .string()), APIField("quantity", .integer()),
                        APIField("goods", .integer()), APIField("discount", .integer()),
                        APIField("by_points", .integer()), APIField("paid", .integer()),
                    ]))),
        ]))
    private static let words = APISchema.object([APIField("en", .string()), APIField("zh-Hans", .string())])
    private static let balances = APISchema.array(
        .object([
            APIField("currency", .string()), APIField("available", .integer()), APIField("pending", .integer()),
        ]))
    private static let moved = APISchema.object([
        APIField("before", .nullable(.string())), APIField("after", .nullable(.string())),
    ])
    private static let spent = APISchema.nullable(
        .object([
            APIField("currency", .string()), APIField("amount", .integer()),
            APIField("worth", .integer(), "Minor units."), APIField("pool", .boolean, "Of the household's pool."),
        ]))

    static let receipt = APISchema.named(
        "TillReceipt",
        .object([
            APIField("order", .string()), APIField("at", .timestamp), APIField("profile_id", .nullable(.id)),
            APIField("member_id", .nullable(.id)), APIField("bill", bill),
            APIField(
                "coupons",
                .array(
                    .object([APIField("id", .id), APIField("code", .string()), APIField("amount", .integer())]))),
            APIField("spent", spent), APIField("earned", .map(.integer()), "By currency."),
            APIField(
                "rules",
                .array(
                    .object([
                        APIField("rule", .string()), APIField("currency", .string()), APIField("points", .integer()),
                        APIField("title", words),
                    ]))), APIField("balances", balances), APIField("tier", moved),
            .optional("repeated", .boolean, "The answer of the first time; nothing was done now."),
        ]))

    static let returned = APISchema.named(
        "TillReturn",
        .object([
            APIField("order", .string()), APIField("key", .string()), APIField("at", .timestamp),
            APIField("cancelled", .boolean), APIField("complete", .boolean, "Nothing is left to come back."),
            APIField(
                "lines",
                .array(
                    .object([
                        APIField("id", .string()), APIField("quantity", .integer()), APIField("refund", .integer()),
                        APIField("points", .integer(), "Spent ones that come back."),
                    ]))), APIField("refund", .integer(), "Money in all, with the shipping."),
            APIField("shipping", .integer()),
            APIField(
                "given_back",
                .nullable(
                    .object([
                        APIField("currency", .string()), APIField("amount", .integer()),
                        APIField("pool", .boolean, "To the household's pool."),
                    ]))),
            APIField("taken_back", .map(.integer()), "Of what was earned, by currency."),
            APIField("coupons", .array(.object([APIField("code", .string()), APIField("state", .string())]))),
            APIField("left", .array(.object([APIField("id", .string()), APIField("quantity", .integer())]))),
            APIField("balances", balances), APIField("tier", moved),
            .optional("repeated", .boolean, "The answer of the first time; nothing was done now."),
        ]))

    private static let spendable = APISchema.array(
        .object([
            APIField("currency", .string()), APIField("available", .integer()),
            APIField("most", .integer(), "As many as the goods take."),
            APIField("worth", .integer(), "Of so many, in minor units."), APIField("value_per_thousand", .integer()),
        ]))
    private static let standing = APISchema.object([
        APIField("tier", .string()), APIField("name", .string()),
        APIField("until", .nullable(.day), "The last day of the tier as things are."),
        APIField("higher", .array(TierSchemas.progress), "Towards each higher tier, the next first."),
    ])
    static let quote = APISchema.named(
        "TillQuote",
        .object([
            APIField("profile_id", .nullable(.id)), APIField("member_id", .nullable(.id)), APIField("bill", bill),
            APIField(
                "coupons",
                .array(
                    .object([
                        APIField("code", .string()), APIField("id", .nullable(.id)),
                        APIField("headline", .nullable(.string())), APIField("applies", .boolean),
                        APIField(
                            "reasons", .array(.object([APIField("code", .string()), APIField("text", .string())])),
                            "Every one."), APIField("discount", CouponSchemas.discount, "Of this coupon alone."),
                    ]))),
            APIField("best", combination, "Of what is held and shown, the most that can be taken off."),
            APIField("applied", combination, "What the bill has taken off."),
            APIField("spendable", spendable),
            APIField("pool_spendable", spendable, "Of the household's pool, where the person may spend of it."),
            APIField("spent", spent),
            APIField("earned", .map(.integer()), "By currency."), APIField("waterfall", ProgramSchemas.waterfall),
            APIField("tier", .nullable(.object([APIField("before", standing), APIField("after", standing)]))),
            APIField(
                "benefits",
                .array(
                    .object([
                        APIField("benefit", .string()), APIField("kind", .string()), APIField("name", .string()),
                        APIField("left", .nullable(.integer()), "Uses; null: as often as one likes."),
                        APIField("ends_at", .nullable(.timestamp)),
                    ]))), APIField("language", .words(CriteriaLanguage.allCases.map(\.rawValue))),
        ]))
    private static let combination = APISchema.object([
        APIField("amount", .integer()),
        APIField(
            "coupons", .array(.object([APIField("code", .string()), APIField("discount", CouponSchemas.discount)]))),
        APIField("is_proved", .boolean, "False: too many combinations to look at all; the best that was seen."),
    ])
}
