import Storage

/// Points of a member: `{"kind": "points", "currency": "points", "figure": "available", "is": "at_least", "value": 100}`;
/// or `pending`, `earned` (in all time), `expiring` with `"days": 30`: what can be spent up to a day from today to so many
/// days on, and then lapses. Who is no member has no points, not 0. As the last entry of the ledger left them.
package struct PointsCondition: CriteriaCondition {
    package static let kind = "points"
    package static let form = CriteriaForm(
        "standing", "积分", "Points",
        [
            .init("currency", "currency", "币种", "of"),
            .init(
                "figure", "expiry",
                choices: [
                    .init("available", "可用余额", "that can be spent"), .init("pending", "待生效", "that are pending"),
                    .init("earned", "累计获得", "ever earned"), .init("expiring", "即将过期", "that lapse"),
                ]), .init("compare", "number"),
        ])

    enum Figure: String, CaseIterable { case available, pending, earned, expiring }

    package var currency: String
    private var figure: Figure
    private var days: Int64
    private var range: NumberRange

    package init(_ reader: CriteriaReader) {
        currency = reader.text("currency")
        figure = reader.choice("figure", orElse: .available) ?? .available
        days = figure == .expiring ? reader.whole("days", in: 0...CriteriaLimits.daysAhead) : 0
        range = NumberRange(reader)
        if figure != .earned, range.closed.high < 0 {
            reader.note(range.comparison == .between ? "upper" : "value", .outOfRange("0…"))
        }
    }

    package var json: [String: JSONValue] {
        var members = range.json
        members["currency"] = .string(currency)
        members["figure"] = .string(figure.rawValue)
        if figure == .expiring { members["days"] = .integer(days) }
        return members
    }

    package var claim: CriteriaClaim {
        CriteriaClaim("points \(currency) \(figure.rawValue)", range, days: figure == .expiring ? days : nil)
    }

    package var dependsOnTime: Bool { figure == .expiring }
    package var needsHoldings: Bool { true }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        amount(subject, clock).map(range.contains) ?? false
    }

    /// Ten-thousandths.
    private func amount(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> Int64? {
        let holdings = subject.holdings
        guard holdings.isMember else { return nil }
        guard let points = holdings.points[currency] else { return 0 }
        switch figure {
        case .available: return holdings.scaled(points.available, currency)
        case .pending: return holdings.scaled(points.pending, currency)
        case .earned: return holdings.scaled(points.earned, currency)
        case .expiring: return holdings.scaled(holdings.lapsing(currency, through: clock.today + days), currency)
        }
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let place: AnalyticsSQL = "indexOf(point_currencies, \(currency))"
        let amount: AnalyticsSQL =
            switch figure {
            case .available, .pending, .earned: "point_\(raw: figure.rawValue)[\(place)]"
            case .expiring:
                """
                arraySum((pc, pd, pa) -> if(pc = \(currency) AND pd <= \(compiler.clock.today + days), pa, toInt64(0)), \
                lapsing_currencies, lapsing_days, lapsing_amounts)
                """
            }
        let scaled: AnalyticsSQL = "least(\(amount), toInt64(\(CriteriaHoldings.amountLimit))) * point_units[\(place)]"
        return compiler.profile(
            "is_member = 1 AND \(range.sql("if(\(place) = 0, toInt64(0), \(scaled))"))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let name = phrases.currency(currency)
        let (chinese, english) =
            switch figure {
            case .available: ("可用的\(name)", "\(name) that can be spent")
            case .pending: ("待生效的\(name)", "\(name) that are pending")
            case .earned: ("累计获得的\(name)", "\(name) ever earned")
            case .expiring: ("\(days) 天内过期的\(name)", "\(name) that lapse within \(EnglishCount.text(days, "day"))")
            }
        return language("\(chinese)\(range.words(.chinese))", "\(english): \(range.words(.english))")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        amount(subject, clock).map(NumberRange.text) ?? phrases.language("不是会员", "no member")
    }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        if world.currencies[currency] == nil {
            note("currency", .unknownChoice(currency, allowed: world.currencyOrder))
        }
    }
}
