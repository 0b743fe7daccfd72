import Storage

/// What all orders of the person come to, net of returns:
/// `{"kind": "order_figure", "figure": "spend", "is": "at_least", "value": 500}`; or `count`, `average`. Money is in
/// units of the workspace's currency; without orders there is no average.
package struct OrderFigureCondition: CriteriaCondition {
    package static let kind = "order_figure"
    package static let form = CriteriaForm(
        "orders", "累计订单", "All orders",
        [
            .init(
                "figure", "choice",
                choices: [
                    .init("count", "订单数", "number of orders"), .init("spend", "净消费", "net spend"),
                    .init("average", "客单价", "average order value"),
                ]), .init("compare", "number"),
        ])

    enum Figure: String, CaseIterable { case count, spend, average }

    private var figure: Figure
    private var range: NumberRange

    package init(_ reader: CriteriaReader) {
        figure = reader.choice("figure") ?? .count
        range = NumberRange(reader)
    }

    package var json: [String: JSONValue] { range.json.merging(["figure": .string(figure.rawValue)]) { $1 } }

    package var claim: CriteriaClaim {
        CriteriaClaim("order_figure \(figure.rawValue)", range, floor: figure == .count ? 0 : nil)
    }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        value(subject.profile, clock).map(range.contains) ?? false
    }

    private func value(_ profile: Profile, _ clock: CriteriaClock) -> Int64? {
        switch figure {
        case .count: return profile.orderCount * CriteriaValue.scale
        case .spend: return profile.netSpend &* clock.perMinorUnit
        case .average:
            guard profile.orderCount > 0 else { return nil }
            return (profile.netSpend &* clock.perMinorUnit) / profile.orderCount
        }
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let unit = compiler.clock.perMinorUnit
        switch figure {
        case .count: return compiler.profile(range.sql("toInt64(order_count) * \(CriteriaValue.scale)"))
        case .spend: return compiler.profile(range.sql("net_spend * \(unit)"))
        case .average:
            let average: AnalyticsSQL = "intDiv(net_spend * \(unit), toInt64(greatest(order_count, 1)))"
            return compiler.profile("order_count > 0 AND \(range.sql(average))")
        }
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let name =
            switch figure {
            case .count: language("订单数", "number of orders")
            case .spend: language("净消费", "net spend")
            case .average: language("客单价", "average order value")
            }
        return language("\(name)\(range.words(.chinese))", "\(name) is \(range.words(.english))")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        value(subject.profile, clock).map(NumberRange.text) ?? phrases.language("没有", "none")
    }
}
