/// What a coupon says, in words: its headline and every restriction of its rule, in Chinese or English.
///
/// Made from the rule alone, so that what is printed and what is checked cannot differ; every field of the rule comes out
/// in its line, also where it restricts nothing that a buyer would ask about.
package struct CouponPrint: Sendable {
    package struct Line: Sendable, Equatable {
        package var field: CouponRule.Field
        package var text: String
    }

    /// Names in place of codes.
    package struct Names: Sendable {
        package var segments: [Int64: String]
        /// By code, then by language.
        package var tiers: [String: [String: String]]

        package init(segments: [Int64: String] = [:], tiers: [String: [String: String]] = [:]) {
            self.segments = segments
            self.tiers = tiers
        }
    }

    package let language: CriteriaLanguage
    package let calendar: LocalCalendar
    package let names: Names
    private let namedMax = 12

    package init(_ language: CriteriaLanguage, _ calendar: LocalCalendar, _ names: Names = Names()) {
        self.language = language
        self.calendar = calendar
        self.names = names
    }

    /// `¥50 off`, `满 ¥300 减 ¥50`.
    package func headline(_ rule: CouponRule) -> String {
        let money = { (amount: Int64) in CouponPrint.money(amount, rule.currency) }
        let gives: String
        switch rule.benefit {
        case .amount(let amount, _):
            if language == .chinese {
                return rule.minimum > 0 ? "满 \(money(rule.minimum)) 减 \(money(amount))" : "立减 \(money(amount))"
            }
            gives = "\(money(amount)) off"
        case .percent(let share, _): gives = language(zhe(share), "\(percent(share)) off")
        case .freeItem(let skus, let quantity):
            gives = language(
                "赠 \(list(skus))" + (quantity > 1 ? " 任选 \(quantity) 件" : ""),
                (quantity > 1 ? "\(quantity) × " : "") + "\(list(skus, or: true)) free")
        case .shipping(let most):
            gives =
                most.map { language("运费减 \(money($0))", "\(money($0)) off shipping") }
                ?? language("免运费", "Free shipping")
        }
        guard rule.minimum > 0 else { return gives }
        return language("满 \(money(rule.minimum)) \(gives)", "\(gives) from \(money(rule.minimum))")
    }

    /// All restrictions, in the order of the fields.
    package func lines(_ rule: CouponRule) -> [Line] {
        CouponRule.Field.allCases.map { Line(field: $0, text: line($0, rule)) }
    }

    /// All as one text, a line each; `span` in place of the rule's own validity, on an issued coupon.
    package func text(_ rule: CouponRule, span: (from: Timestamp, until: Timestamp?)? = nil) -> [String] {
        lines(rule).map { line in
            guard line.field == .validity, let span else { return line.text }
            return validity(CouponValidity(from: span.from, until: span.until))
        }
    }

    private func line(_ field: CouponRule.Field, _ rule: CouponRule) -> String {
        switch field {
        case .benefit: benefit(rule)
        case .currency: language("以 \(rule.currency) 计价的订单可用。", "For orders in \(rule.currency).")
        case .minimum: minimum(rule)
        case .products: scope(rule.products, ("商品", "products", "Products"))
        case .categories: scope(rule.categories, ("品类", "categories", "Categories"))
        case .brands: scope(rule.brands, ("品牌", "brands", "Brands"))
        case .stores: scope(rule.stores, ("门店", "stores", "Stores"))
        case .channels: scope(rule.channels, ("渠道", "channels", "Channels"))
        case .weekdays: weekdays(rule.weekdays)
        case .hours: hours(rule.hours)
        case .blackouts: blackouts(rule.blackouts)
        case .isFirstOrderOnly:
            rule.isFirstOrderOnly
                ? language("仅限首单。", "Only for your first order.")
                : language("不限首单。", "Not only for a first order.")
        case .tiers: tiers(rule.tiers)
        case .segment: segment(rule.segment)
        case .validity: validity(rule.validity)
        case .limits: limits(rule)
        case .stacking: stacking(rule.stacking)
        }
    }
}

// MARK: What it gives

extension CouponPrint {
    private func benefit(_ rule: CouponRule) -> String {
        let money = { (amount: Int64) in CouponPrint.money(amount, rule.currency) }
        switch rule.benefit {
        case .amount(let amount, let keeps):
            let rest =
                keeps
                ? language("未用完的金额留在券上，可继续使用。", "What an order leaves stays on the coupon.")
                : language("一次用完，余额不退。", "Used at once; what an order leaves is not paid out.")
            return language("抵扣 \(money(amount))，不超过适用商品的金额。", "\(money(amount)) off, at most what the goods cost. ")
                + rest
        case .percent(let share, let most):
            let cap =
                most.map { language("，最多优惠 \(money($0))", ", at most \(money($0))") }
                ?? language("，不设上限", ", without a maximum")
            return language(
                "适用商品享 \(zhe(share))（优惠 \(percent(share))）\(cap)。", "\(percent(share)) off the goods\(cap).")
        case .freeItem(let skus, let quantity):
            return language(
                "购物车中的 \(list(skus)) 免费 \(quantity) 件，先免价低者。",
                "\(quantity) of \(list(skus, or: true)) in the cart free, the cheapest first.")
        case .shipping(let most):
            return most.map { language("运费最多减 \(money($0))。", "Up to \(money($0)) off shipping.") }
                ?? language("免运费。", "Shipping is free.")
        }
    }

    private func minimum(_ rule: CouponRule) -> String {
        guard rule.minimum > 0 else { return language("无最低消费。", "No minimum spend.") }
        let amount = CouponPrint.money(rule.minimum, rule.currency)
        return language(
            "适用商品满 \(amount)（优惠前，不含运费）可用。", "From \(amount) of goods it holds for, before discounts and shipping.")
    }

    /// `八五折` is what a buyer pays; Chinese counts in tenths.
    private func zhe(_ share: Int64) -> String {
        let pays = 10_000 - share
        guard pays > 0 else { return "全免" }
        let tenths = pays / 1_000
        let rest = pays % 1_000
        var text = String(tenths)
        if rest > 0 {
            var digits = String(rest + 1_000).dropFirst()
            while digits.hasSuffix("0") { digits = digits.dropLast() }
            text += ".\(digits)"
        }
        return "\(text) 折"
    }

    private func percent(_ share: Int64) -> String {
        let rest = share % 100
        guard rest > 0 else { return "\(share / 100)%" }
        let digits = rest % 10 == 0 ? String(rest / 10) : (rest < 10 ? "0\(rest)" : String(rest))
        return "\(share / 100).\(digits)%"
    }

    /// `¥1,234.50`; whole amounts without a fraction.
    static func money(_ amount: Int64, _ currency: String) -> String {
        let digits = CurrencyScale.digits(currency)
        var scale: Int64 = 1
        for _ in 0..<digits { scale *= 10 }
        var whole = String(amount / scale)
        var place = whole.index(whole.endIndex, offsetBy: -3, limitedBy: whole.startIndex)
        while let at = place, at > whole.startIndex {
            whole.insert(",", at: at)
            place = whole.index(at, offsetBy: -3, limitedBy: whole.startIndex)
        }
        let rest = amount % scale
        let fraction = rest == 0 ? "" : "." + String(String(rest + scale).dropFirst())
        return (symbols[currency] ?? currency + " ") + whole + fraction
    }

    private static let symbols = [
        "CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$",
    ]
}

// MARK: Where, when, who

extension CouponPrint {
    private func list(_ codes: [String], or isChoice: Bool = false) -> String {
        let shown = codes.count > namedMax + 1 ? Array(codes.prefix(namedMax)) : codes
        var text = shown.joined(separator: language("、", ", "))
        if !isChoice || language == .chinese {
            if shown.count < codes.count {
                text += language("等 \(codes.count) 个", " and \(codes.count - shown.count) more")
            }
            return text
        }
        guard shown.count == codes.count, let last = shown.last, shown.count > 1 else {
            return shown.count < codes.count ? text + " or \(codes.count - shown.count) more" : text
        }
        text = shown.dropLast().joined(separator: ", ") + " or " + last
        return text
    }

    private func scope(_ scope: CouponScope, _ what: (chinese: String, plural: String, title: String)) -> String {
        if scope.isOpen { return language("\(what.chinese)不限。", "All \(what.plural).") }
        var parts: [String] = []
        if !scope.only.isEmpty { parts.append(language("仅限 \(list(scope.only))", "only \(list(scope.only))")) }
        if !scope.except.isEmpty { parts.append(language("不含 \(list(scope.except))", "not \(list(scope.except))")) }
        return language("\(what.chinese)：", "\(what.title): ") + parts.joined(separator: language("，", "; "))
            + language("。", ".")
    }

    private func weekdays(_ days: [Int64]) -> String {
        guard !days.isEmpty else { return language("每天可用。", "On every day of the week.") }
        let phrases = CriteriaPhrases(language)
        let said = days.map(phrases.weekday)
        return language("仅限\(said.joined(separator: "、"))。", "Only on \(said.joined(separator: ", ")).")
    }

    private func hours(_ hours: [CouponHours]) -> String {
        guard !hours.isEmpty else { return language("全天可用。", "At any time of the day.") }
        let said = hours.map { "\(CouponRule.clock($0.from))–\(CouponRule.clock($0.until))" }
        let zone = calendar.timeZone
        return language(
            "仅限 \(said.joined(separator: "、"))（\(zone) 时间）。", "Only \(said.joined(separator: ", ")) (\(zone)).")
    }

    private func blackouts(_ spans: [CouponDays]) -> String {
        guard !spans.isEmpty else { return language("无不可用日期。", "No blackout dates.") }
        let said = spans.map { span in
            let (from, through) = (LocalCalendar.text(ofDay: span.from), LocalCalendar.text(ofDay: span.through))
            return from == through ? from : language("\(from) 至 \(through)", "\(from) to \(through)")
        }
        return language(
            "以下日期不可用：\(said.joined(separator: "、"))。", "Not on \(said.joined(separator: ", ")).")
    }

    private func tiers(_ codes: [String]) -> String {
        guard !codes.isEmpty else { return language("不限等级。", "For every tier.") }
        let said = codes.map(tier)
        return language(
            "仅限等级：\(list(said))。", "Only for the \(EnglishCount.noun(Int64(said.count), "tier")) \(list(said)).")
    }

    func tier(_ code: String) -> String { names.tiers[code]?[language.rawValue] ?? code }

    private func segment(_ id: Int64?) -> String {
        guard let id else { return language("不限人群。", "For everybody.") }
        let name = names.segments[id] ?? String(id)
        return language("仅限“\(name)”人群。", "Only for people of “\(name)”.")
    }

    private func validity(_ validity: CouponValidity) -> String {
        var parts: [String] = []
        if let from = validity.from { parts.append(language("\(start(from))起", "from \(start(from))")) }
        if let until = validity.until {
            if let last = lastDay(until) {
                parts.append(language("至 \(last)", "through \(last)"))
            } else {
                parts.append(language("至 \(moment(until))", "until \(moment(until))"))
            }
        }
        if let days = validity.days {
            parts.append(
                language(
                    "领取后 \(days) 天内，至当日结束",
                    "for \(EnglishCount.text(Int64(days), "day")) from issue, to the end of the day"))
        }
        guard !parts.isEmpty else { return language("长期有效。", "Valid without end.") }
        return language("有效期：", "Valid ") + parts.joined(separator: language("，", ", ")) + language("。", ".")
    }

    /// A moment from which something holds: the day alone where it is the first of one.
    func start(_ moment: Timestamp) -> String {
        let day = calendar.day(of: moment)
        return calendar.start(ofDay: day) == moment ? LocalCalendar.text(ofDay: day) : self.moment(moment)
    }

    /// The last day of what ends where the next one begins; nil where the end cuts a day short.
    func lastDay(_ end: Timestamp) -> String? {
        guard calendar.start(ofDay: calendar.day(of: end)) == end else { return nil }
        return LocalCalendar.text(ofDay: calendar.day(of: end.adding(milliseconds: -1)))
    }

    func moment(_ moment: Timestamp) -> String {
        let day = calendar.day(of: moment)
        let minutes = (moment.milliseconds - calendar.start(ofDay: day).milliseconds) / 60_000
        return "\(LocalCalendar.text(ofDay: day)) \(CouponRule.clock(min(minutes, 1439)))"
    }

    private func limits(_ rule: CouponRule) -> String {
        let limits = rule.limits
        var parts: [String] = []
        if let count = limits.usedPerPerson {
            parts.append(language("每人限用 \(count) 次", "\(times(count)) for each person"))
        }
        if let count = limits.used { parts.append(language("总共限用 \(count) 次", "\(times(count)) in all")) }
        if let count = limits.issuedPerPerson {
            parts.append(language("每人限领 \(count) 张", "\(count) to each person"))
        }
        if let count = limits.issued { parts.append(language("共发放 \(count) 张", "\(count) issued in all")) }
        guard !parts.isEmpty else { return language("不限总量和每人数量。", "No limit in all or for each person.") }
        return parts.joined(separator: language("，", "; ")) + language("。", ".")
    }

    private func times(_ count: Int64) -> String { count == 1 ? "one order" : EnglishCount.text(count, "order") }

    private func stacking(_ stacking: CouponStacking) -> String {
        let group = stacking.group
        switch stacking.mode {
        case .exclusive: return language("不可与其他优惠券同时使用。", "Not together with any other coupon.")
        case .bestOf:
            return group.isEmpty
                ? language("同组限用一张，可与其他组的优惠券同用。", "One of its kind, together with coupons of other groups.")
                : language(
                    "“\(group)”组限用一张，可与其他组的优惠券同用。",
                    "One of the group “\(group)”, together with coupons of other groups.")
        case .sum:
            return group.isEmpty
                ? language("可与其他优惠券叠加。", "Together with other coupons.")
                : language(
                    "“\(group)”组内可叠加，也可与其他组的优惠券同用。", "Together with others of the group “\(group)” and of other groups."
                )
        }
    }
}
