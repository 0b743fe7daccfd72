/// Orders of these stores: `{"kind": "store", "values": ["…"]}`.
package struct StoreCondition: EarningCondition {
    package static let kind = "store"
    package static let isAboutOrders = true
    package static let form = CriteriaForm("order", "门店", "Stores", [.init("values", "texts", "", "")])

    private let list: WordList

    package init(_ reader: CriteriaReader) {
        list = WordList(reader)
    }

    package var json: [String: JSONValue] { ["values": list.json] }

    package func holds(_ facts: EarningFacts) -> Bool { facts.order.map { list.contains($0.store) } ?? false }

    package func finding(_ facts: EarningFacts) -> String { facts.order?.store ?? "" }

    package func contradicts(_ other: any EarningCondition) -> Bool {
        (other as? StoreCondition).map { list.isDisjoint(with: $0.list) } ?? false
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let words = list.told(phrases)
        return phrases.language("门店为\(words)", "the store is \(words)")
    }
}
