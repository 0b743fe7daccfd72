import Engine

/// The form of a definition and the rule it stands for, both ways. Several codes are written with commas or on lines of
/// their own; money in whole units with decimals; times in the workspace's zone.
struct CouponForm: Sendable {
    var fields: Fields
    let workspace: Workspace

    init(_ fields: Fields, _ workspace: Workspace) {
        self.fields = fields
        self.workspace = workspace
    }

    /// The currency of a definition stays; a new one is in the workspace's.
    private var currency: String {
        let currency = fields.text("currency")
        return currency.isEmpty ? workspace.currency : currency
    }

    /// Throws: `CouponError.invalid` naming the field that cannot be read or used.
    func rule() throws -> CouponRule {
        var rule = CouponRule(try benefit(), currency: currency)
        rule.minimum = try money("minimum", "minimum") ?? 0
        rule.products = scope("products")
        rule.categories = scope("categories")
        rule.brands = scope("brands")
        rule.stores = scope("stores")
        rule.channels = scope("channels")
        rule.weekdays = Set(fields.all("weekday").compactMap { Int64($0) }).sorted()
        rule.hours = try codes("hours").map { text in
            let sides = text.replacing("–", with: "-").split(separator: "-").map { String($0) }
            guard sides.count == 2, let from = CouponRule.minute(sides[0]), let until = CouponRule.minute(sides[1])
            else { throw CouponError.invalid(field: "hours", reason: "unreadable") }
            return CouponHours(from: from, until: until)
        }
        rule.blackouts = try codes("blackouts").map { text in
            let sides = text.replacing("..", with: "~").split(separator: "~").map {
                LocalCalendar.day(fromText: String($0))
            }
            guard let first = sides.first, let from = first, let last = sides.last, let through = last,
                sides.count <= 2
            else { throw CouponError.invalid(field: "blackouts", reason: "unreadable") }
            return CouponDays(from: from, through: through)
        }
        rule.isFirstOrderOnly = fields.text("first_order_only") == "1"
        rule.tiers = codes("tiers")
        rule.segment = fields.int("segment")
        rule.validity = CouponValidity(
            from: try moment("valid_from"), until: try moment("valid_until"),
            days: try count("days", "validity").flatMap { Int(exactly: $0) })
        rule.limits = CouponRuleLimits(
            issued: try count("limit_issued", "limits"), issuedPerPerson: try count("limit_issued_person", "limits"),
            used: try count("limit_used", "limits"), usedPerPerson: try count("limit_used_person", "limits"))
        rule.stacking = CouponStacking(
            group: fields.text("stacking_group"),
            mode: CouponStacking.Mode(rawValue: fields.text("stacking")) ?? .bestOf)
        try rule.validate()
        return rule
    }

    private func benefit() throws -> CouponBenefit {
        let unreadable = CouponError.invalid(field: "benefit", reason: "unreadable")
        switch CouponBenefit.Kind(rawValue: fields.text("kind")) ?? .amount {
        case .amount:
            guard let amount = try money("amount", "benefit") else { throw unreadable }
            return .amount(amount, keepsRest: fields.text("keeps_rest") == "1")
        case .percent:
            guard let share = Self.decimal(fields.text("percent"), digits: 2) else { throw unreadable }
            return .percent(share, max: try money("max", "benefit"))
        case .freeItem: return .freeItem(skus: codes("skus"), quantity: try count("quantity", "benefit") ?? 1)
        case .shipping: return .shipping(max: try money("max", "benefit"))
        }
    }

    private func scope(_ name: String) -> CouponScope {
        CouponScope(only: codes(name + "_only"), except: codes(name + "_except"))
    }

    /// Without blanks around and without repeats.
    private func codes(_ name: String) -> [String] {
        var seen: Set<String> = []
        return fields.text(name).split { ",，、;；\n\r".contains($0) }.map { piece in
            String(piece.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }.filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    private func money(_ name: String, _ field: String) throws -> Int64? {
        let text = fields.text(name)
        guard !text.isEmpty else { return nil }
        guard let amount = Self.decimal(text, digits: CurrencyScale.digits(currency)) else {
            throw CouponError.invalid(field: field, reason: "unreadable")
        }
        return amount
    }

    private func count(_ name: String, _ field: String) throws -> Int64? {
        let text = fields.text(name)
        guard !text.isEmpty else { return nil }
        guard let count = Int64(text) else { throw CouponError.invalid(field: field, reason: "unreadable") }
        return count
    }

    private func moment(_ name: String) throws -> Timestamp? {
        let text = fields.text(name)
        guard !text.isEmpty else { return nil }
        guard let moment = Timestamp(iso8601: text, zone: workspace.calendar) else {
            throw CouponError.invalid(field: "validity", reason: "unreadable")
        }
        return moment
    }

    /// `12.5` with so many digits as a whole number; nil for anything else.
    static func decimal(_ text: String, digits: Int) -> Int64? {
        let parts = text.filter { $0 != "," && $0 != " " }.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int64(parts[0]), whole >= 0 else { return nil }
        let rest = parts.count == 2 ? String(parts[1]) : ""
        guard rest.count <= digits, rest.allSatisfy(\.isASCII), rest.allSatisfy(\.isNumber) else { return nil }
        var scale: Int64 = 1
        for _ in 0..<digits { scale *= 10 }
        let fraction = Int64(rest + String(repeating: "0", count: digits - rest.count)) ?? 0
        let (scaled, overflows) = whole.multipliedReportingOverflow(by: scale)
        let (sum, overflowsToo) = scaled.addingReportingOverflow(fraction)
        return overflows || overflowsToo ? nil : sum
    }

    /// The other way round.
    static func text(_ amount: Int64, digits: Int) -> String {
        var scale: Int64 = 1
        for _ in 0..<digits { scale *= 10 }
        let rest = amount % scale
        guard rest > 0 else { return String(amount / scale) }
        return "\(amount / scale)." + String(String(rest + scale).dropFirst())
    }

    /// The fields that stand for a rule.
    static func fields(_ name: String, _ rule: CouponRule, _ workspace: Workspace) -> Fields {
        let digits = CurrencyScale.digits(rule.currency)
        var pairs: [(name: String, value: String)] = [
            ("name", name), ("currency", rule.currency), ("kind", rule.benefit.kind.rawValue),
            ("minimum", rule.minimum == 0 ? "" : text(rule.minimum, digits: digits)),
        ]
        switch rule.benefit {
        case .amount(let amount, let keeps):
            pairs += [("amount", text(amount, digits: digits)), ("keeps_rest", keeps ? "1" : "")]
        case .percent(let share, let most):
            pairs += [("percent", text(share, digits: 2)), ("max", most.map { text($0, digits: digits) } ?? "")]
        case .freeItem(let skus, let quantity):
            pairs += [("skus", skus.joined(separator: ", ")), ("quantity", String(quantity))]
        case .shipping(let most): pairs += [("max", most.map { text($0, digits: digits) } ?? "")]
        }
        for (name, scope) in [
            ("products", rule.products), ("categories", rule.categories), ("brands", rule.brands),
            ("stores", rule.stores), ("channels", rule.channels),
        ] {
            pairs += [
                (name + "_only", scope.only.joined(separator: ", ")),
                (name + "_except", scope.except.joined(separator: ", ")),
            ]
        }
        pairs += rule.weekdays.map { ("weekday", String($0)) }
        let hours = rule.hours.map { "\(CouponRule.clock($0.from))-\(CouponRule.clock($0.until))" }
        let days = rule.blackouts.map { span in
            let (from, through) = (LocalCalendar.text(ofDay: span.from), LocalCalendar.text(ofDay: span.through))
            return from == through ? from : from + ".." + through
        }
        pairs += [
            ("hours", hours.joined(separator: ", ")), ("blackouts", days.joined(separator: ", ")),
            ("first_order_only", rule.isFirstOrderOnly ? "1" : ""), ("tiers", rule.tiers.joined(separator: ", ")),
            ("segment", rule.segment.map { String($0) } ?? ""),
            ("valid_from", local(rule.validity.from, workspace)),
            ("valid_until", local(rule.validity.until, workspace)),
            ("days", rule.validity.days.map { String($0) } ?? ""),
            ("limit_issued", rule.limits.issued.map { String($0) } ?? ""),
            ("limit_issued_person", rule.limits.issuedPerPerson.map { String($0) } ?? ""),
            ("limit_used", rule.limits.used.map { String($0) } ?? ""),
            ("limit_used_person", rule.limits.usedPerPerson.map { String($0) } ?? ""),
            ("stacking_group", rule.stacking.group), ("stacking", rule.stacking.mode.rawValue),
        ]
        return Fields(pairs)
    }

    /// As a browser's field for a local time takes it.
    private static func local(_ moment: Timestamp?, _ workspace: Workspace) -> String {
        guard let moment else { return "" }
        let calendar = workspace.calendar
        let day = calendar.day(of: moment)
        let minute = (moment.milliseconds - calendar.start(ofDay: day).milliseconds) / 60_000
        return "\(LocalCalendar.text(ofDay: day))T\(CouponRule.clock(min(minute, 1439)))"
    }
}
