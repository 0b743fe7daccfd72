/// Orders of these stores: `{"kind": "store", "values": ["…"]}`.
package struct StoreCondition: EarningCondition {
    package static let kind = "store"
    package static let isAboutOrders = true
    package static let form = CriteriaForm("order", "门店", "Stores", [.init("values", "texts", "", "")])

    private let values: [String]
    private let folded: Set<String>

    package init(_ reader: CriteriaReader) {
        values = reader.texts("values")
        folded = Set(values.map(CriteriaValue.folded))
    }

    package var json: [String: JSONValue] { ["values": .array(values.map(JSONValue.string))] }

    package func holds(_ facts: EarningFacts) -> Bool { facts.order.map { folded.contains($0.store) } ?? false }

    package func finding(_ facts: EarningFacts) -> String { facts.order?.store ?? "" }

    package func contradicts(_ other: any EarningCondition) -> Bool {
        (other as? StoreCondition).map { folded.isDisjoint(with: $0.folded) } ?? false
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let list = values.map { "“\($0)”" }.joined(separator: phrases.language("、", ", "))
        return phrases.language("门店为\(list)", "the store is \(list)")
    }
}
