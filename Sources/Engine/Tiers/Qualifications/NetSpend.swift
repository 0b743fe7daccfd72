/// What was paid for orders of the window, less what came back of them: `{"kind": "spend", "at_least": 200000}`, in minor
/// units of the workspace's currency. A return counts against the order, whenever it happened.
package enum NetSpend: TierQualification {
    package static let kind = "spend"

    package static func value(_ indicator: TierIndicator, _ facts: TierFacts, _ window: TierWindow) -> Int64 {
        facts.orders.reduce(0) { window.contains($1.at) ? $0 + $1.standing(before: window.to).net : $0 }
    }

    package static func amount(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        words.money(value)
    }

    package static func name(_ indicator: TierIndicator, _ words: TierWords) -> String {
        words.language("净消费", "net spend")
    }

    package static func atLeast(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        words.language("净消费不少于 \(words.money(value))", "net spend of at least \(words.money(value))")
    }
}
