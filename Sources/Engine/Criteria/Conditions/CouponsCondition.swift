import Storage

/// Coupons that the person has or had: `{"kind": "coupons", "ids": ["12"], "status": "held"}`; without `ids` of any
/// definition, without a comparison at least one. `expiring` with `"days": 7` are held ones whose last day is from today to
/// so many days on; `redeemed` counts orders that used one, codes too; `expired` what lapsed unused.
package struct CouponsCondition: CriteriaCondition {
    package static let kind = "coupons"
    package static let form = CriteriaForm(
        "standing", "优惠券", "Coupons",
        [
            .init("ids", "coupons", "哪种", "of"),
            .init(
                "status", "expiry",
                choices: [
                    .init("held", "持有", "held"), .init("expiring", "持有且即将过期", "held that lapse"),
                    .init("redeemed", "已核销", "redeemed"), .init("expired", "已过期未用", "lapsed unused"),
                ]), .init("compare", "number"),
        ])

    enum Status: String, CaseIterable { case held, expiring, redeemed, expired }

    /// Empty: any.
    package var ids: [Int64]
    private var status: Status
    private var days: Int64
    private var range: NumberRange

    package init(_ reader: CriteriaReader) {
        let texts = reader.has("ids") && reader.value("ids")?.arrayValue?.isEmpty != true ? reader.texts("ids") : []
        ids = texts.compactMap { Int64($0) }
        if ids.count != texts.count { reader.note("ids", .wrongType(expected: "ids of coupons")) }
        status = reader.choice("status", orElse: .held) ?? .held
        days = status == .expiring ? reader.whole("days", in: 0...CriteriaLimits.daysAhead) : 0
        range = NumberRange(reader, orElse: NumberRange(.atLeast, CriteriaValue.scale))
    }

    package var json: [String: JSONValue] {
        var members = range.json
        if !ids.isEmpty { members["ids"] = .array(ids.map { .string(String($0)) }) }
        members["status"] = .string(status.rawValue)
        if status == .expiring { members["days"] = .integer(days) }
        return members
    }

    package var claim: CriteriaClaim {
        let which = Set(ids).sorted().map { String($0) }.joined(separator: ",")
        return CriteriaClaim(
            "coupons \(which) \(status.rawValue)", range, floor: 0, days: status == .expiring ? days : nil)
    }

    package var dependsOnTime: Bool { status == .expiring }
    package var needsHoldings: Bool { true }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        range.contains(count(subject, clock) * CriteriaValue.scale)
    }

    private var state: CriteriaHoldings.CouponState {
        switch status {
        case .held, .expiring: .held
        case .redeemed: .redeemed
        case .expired: .expired
        }
    }

    private func count(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> Int64 {
        subject.holdings.coupons.reduce(0) { sum, coupons in
            guard coupons.state == state, ids.isEmpty || ids.contains(coupons.definition) else { return sum }
            if status == .expiring, coupons.day == 0 || coupons.day > clock.today + days { return sum }
            return sum + coupons.count
        }
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        var parts: [AnalyticsSQL] = ["cs = \(state.rawValue)"]
        if !ids.isEmpty { parts.append(.any(ids.map { id -> AnalyticsSQL in "cd = \(id)" })) }
        if status == .expiring { parts.append("cy > 0 AND cy <= \(compiler.clock.today + days)") }
        let count: AnalyticsSQL = """
            arraySum((cd, cs, cy, cn) -> if(\(.all(parts)), cn, toInt64(0)), coupon_definitions, coupon_states, \
            coupon_days, coupon_counts) * \(CriteriaValue.scale)
            """
        return compiler.profile(range.sql(count))
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let names = ids.map { "“\(phrases.coupons[$0] ?? String($0))”" }.joined(separator: language("或", " or "))
        let (chinese, english) =
            switch status {
            case .held: ("持有的", "held")
            case .expiring: ("持有且 \(days) 天内过期的", "held that lapse within \(EnglishCount.text(days, "day"))")
            case .redeemed: ("已核销的", "redeemed")
            case .expired: ("过期未用的", "lapsed unused")
            }
        return language(
            "\(chinese)优惠券\(names)\(range.words(.chinese, unit: " 张"))",
            "coupons \(names.isEmpty ? "" : names + " ")\(english): \(range.words(.english))")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        String(count(subject, clock))
    }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        for id in ids where world.coupons[id] == nil { note("ids", .unknownCoupon(id)) }
    }
}
