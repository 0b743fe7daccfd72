import Storage

/// Orders that were placed and kept, by what is in them:
/// `{"kind": "orders", "figure": "spend", "lines": [{"field": "category", "is": "equals", "values": ["绿茶"]}],
/// "compare": {"is": "at_least", "value": 300}, "within": {"last_days": 90}}`.
///
/// `count`: orders with at least one line that passes all line tests; `spend` and `quantity`: of those lines, as
/// ordered; without line tests of whole orders, net of returns.
package struct OrdersCondition: CriteriaCondition {
    package static let kind = "orders"
    package static let form = CriteriaForm(
        "orders", "订单与商品", "Orders and products",
        [
            .init(
                "figure", "choice",
                choices: [
                    .init("count", "订单数", "number of orders"), .init("spend", "消费", "spend"),
                    .init("quantity", "件数", "items"),
                ]), .init("lines", "lines"), .init("compare", "compareNumber"), .init("within", "within"),
        ])

    enum Figure: String, CaseIterable { case count, spend, quantity }

    enum Field: String, CaseIterable { case product, sku, name, category, brand }

    private struct LineTest {
        var field: Field
        var test: ValueTest
    }

    private static let linesLimit = 5

    private var figure: Figure
    private var lines: [LineTest]
    private var range: NumberRange
    private var window: DayWindow

    package init(_ reader: CriteriaReader) {
        figure = reader.choice("figure", orElse: .count) ?? .count
        lines = reader.children("lines", limit: Self.linesLimit).map { own in
            let test = LineTest(field: own.choice("field") ?? .category, test: ValueTest(own, dates: false))
            if case .text = test.test {
            } else {
                own.note("is", .unknownChoice(own.text("is"), allowed: ValueTest.textWords))
            }
            own.finish()
            return test
        }
        range = NumberRange(.atLeast, CriteriaValue.scale)
        if let own = reader.child("compare") {
            range = NumberRange(own)
            own.finish()
        }
        window = DayWindow(reader, allowsSince: false)
    }

    package var json: [String: JSONValue] {
        [
            "figure": .string(figure.rawValue), "compare": .object(range.json), "within": window.json,
            "lines": .array(
                lines.map { line in
                    .object(line.test.json.merging(["field": .string(line.field.rawValue)]) { $1 })
                }),
        ]
    }

    package var dependsOnTime: Bool { window.dependsOnTime }
    package var needsOrders: Bool { true }
    package var cost: Int { 10 }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        range.contains(value(subject, clock))
    }

    private func value(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> Int64 {
        let (from, before) = window.milliseconds(clock)
        var sum: Int64 = 0
        for order in subject.orders where order.ms >= from ?? .min && order.ms < before ?? .max {
            let matching = order.lines.filter { line in lines.allSatisfy { passes(line, $0, clock) } }
            if !lines.isEmpty, matching.isEmpty { continue }
            switch figure {
            case .count: sum += 1
            case .spend: sum &+= lines.isEmpty ? order.net : matching.reduce(0) { $0 &+ $1.amount }
            case .quantity: sum &+= lines.isEmpty ? order.quantity : matching.reduce(0) { $0 &+ $1.quantity }
            }
        }
        return sum &* unit(clock)
    }

    private func unit(_ clock: CriteriaClock) -> Int64 {
        figure == .spend ? clock.perMinorUnit : CriteriaValue.scale
    }

    private func passes(_ line: CriteriaOrder.Line, _ test: LineTest, _ clock: CriteriaClock) -> Bool {
        let text =
            switch test.field {
            case .product: line.product
            case .sku: line.sku
            case .name: line.name
            case .category: line.category
            case .brand: line.brand
            }
        let value = CriteriaValue(text: text, number: CriteriaValue.noNumber, date: CriteriaValue.noDate)
        return test.test.passes(value, clock)
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let clock = compiler.clock
        let (from, before) = window.milliseconds(clock)
        var conditions: [AnalyticsSQL] = []
        // Times of orders are whole seconds there; both borders are, too.
        if let from { conditions.append("toInt64(toUnixTimestamp(ts)) >= \(from / 1000)") }
        if let before { conditions.append("toInt64(toUnixTimestamp(ts)) < \(before / 1000)") }
        let inside = AnalyticsSQL.all(conditions)
        let amount: AnalyticsSQL
        if lines.isEmpty {
            switch figure {
            case .count: amount = "toInt64(1)"
            case .spend: amount = "net"
            case .quantity: amount = "quantity"
            }
        } else {
            let tests = lines.map { line in
                line.test.sql(
                    text: AnalyticsSQL(text: String(line.field.rawValue.prefix(1)) + "_"), number: "0", date: "0", clock
                )
            }
            let arrays: AnalyticsSQL =
                "line_amounts, line_quantities, line_products, line_skus, line_names, line_categories, line_brands"
            let value: AnalyticsSQL =
                switch figure {
                case .count: "toInt64(1)"
                case .spend: "a_"
                case .quantity: "q_"
                }
            let sum: AnalyticsSQL =
                "arraySum((a_, q_, p_, s_, n_, c_, b_) -> if(\(AnalyticsSQL.all(tests)), \(value), toInt64(0)), \(arrays))"
            amount = figure == .count ? "toInt64(\(sum) > 0)" : "toInt64(\(sum))"
        }
        let column = compiler.orders("toInt64(sumIf(\(amount), \(inside)))")
        return range.sql("\(raw: column) * \(unit(clock))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let name =
            switch figure {
            case .count: language("订单数", "number of orders")
            case .spend: language("消费", "spend")
            case .quantity: language("购买件数", "items bought")
            }
        let tests = lines.map { "\(Self.name($0.field, language)) \($0.test.words(language))" }
        let list = tests.joined(separator: language("，且", " and "))
        let what = lines.isEmpty ? "" : language("（\(list)）", " (where \(list))")
        return language(
            "\(window.words(phrases))\(name)\(what)\(range.words(.chinese))",
            "\(name)\(what) \(window.words(phrases)) is \(range.words(.english))")
    }

    private static func name(_ field: Field, _ language: CriteriaLanguage) -> String {
        switch field {
        case .product: language("商品编号", "product id")
        case .sku: "SKU"
        case .name: language("商品名", "product name")
        case .category: language("品类", "category")
        case .brand: language("品牌", "brand")
        }
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        NumberRange.text(value(subject, clock))
    }
}
