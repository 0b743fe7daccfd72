/// How many orders of the window stand, those returned whole or cancelled not: `{"kind": "orders", "at_least": 6}`.
package enum OrderCount: TierQualification {
    package static let kind = "orders"

    package static func value(_ indicator: TierIndicator, _ facts: TierFacts, _ window: TierWindow) -> Int64 {
        facts.orders.reduce(0) { window.contains($1.at) && $1.standing(before: window.to).counts ? $0 + 1 : $0 }
    }

    package static func amount(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        words.language("\(value) 笔订单", EnglishCount.text(value, "order"))
    }

    package static func name(_ indicator: TierIndicator, _ words: TierWords) -> String {
        words.language("订单数", "orders")
    }

    package static func figure(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        words.language("\(value) 笔", String(value))
    }

    package static func atLeast(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        let orders = amount(value, indicator, words)
        return words.language("至少 \(orders)", "at least \(orders)")
    }
}
