/// Orders of these channels: `{"kind": "channel", "values": ["…"]}`.
package struct ChannelCondition: EarningCondition {
    package static let kind = "channel"
    package static let isAboutOrders = true
    package static let form = CriteriaForm("order", "渠道", "Channels", [.init("values", "texts", "", "")])

    private let list: WordList

    package init(_ reader: CriteriaReader) {
        list = WordList(reader)
    }

    package var json: [String: JSONValue] { ["values": list.json] }

    package func holds(_ facts: EarningFacts) -> Bool { facts.order.map { list.contains($0.channel) } ?? false }

    package func finding(_ facts: EarningFacts) -> String { facts.order?.channel ?? "" }

    package func contradicts(_ other: any EarningCondition) -> Bool {
        (other as? ChannelCondition).map { list.isDisjoint(with: $0.list) } ?? false
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let words = list.told(phrases)
        return phrases.language("渠道为\(words)", "the channel is \(words)")
    }
}
