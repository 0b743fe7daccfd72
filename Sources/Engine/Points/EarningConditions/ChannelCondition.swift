/// Orders of these channels: `{"kind": "channel", "values": ["…"]}`.
package struct ChannelCondition: EarningCondition {
    package static let kind = "channel"
    package static let isAboutOrders = true
    package static let form = CriteriaForm("order", "渠道", "Channels", [.init("values", "texts", "", "")])

    private let values: [String]
    private let folded: Set<String>

    package init(_ reader: CriteriaReader) {
        values = reader.texts("values")
        folded = Set(values.map(CriteriaValue.folded))
    }

    package var json: [String: JSONValue] { ["values": .array(values.map(JSONValue.string))] }

    package func holds(_ facts: EarningFacts) -> Bool { facts.order.map { folded.contains($0.channel) } ?? false }

    package func finding(_ facts: EarningFacts) -> String { facts.order?.channel ?? "" }

    package func contradicts(_ other: any EarningCondition) -> Bool {
        (other as? ChannelCondition).map { folded.isDisjoint(with: $0.folded) } ?? false
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let list = values.map { "“\($0)”" }.joined(separator: phrases.language("、", ", "))
        return phrases.language("渠道为\(list)", "the channel is \(list)")
    }
}
