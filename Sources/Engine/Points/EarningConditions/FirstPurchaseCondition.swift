/// The person's first order, of those that were kept: `{"kind": "first_purchase"}`.
package struct FirstPurchaseCondition: EarningCondition {
    package static let kind = "first_purchase"
    package static let isAboutOrders = true
    package static let form = CriteriaForm("order", "首单", "First purchase", [])

    package init(_ reader: CriteriaReader) {}

    package var json: [String: JSONValue] { [:] }
    package func holds(_ facts: EarningFacts) -> Bool { facts.order?.isFirst ?? false }
    package func words(_ phrases: CriteriaPhrases) -> String { phrases.language("首单", "the first purchase") }
}
