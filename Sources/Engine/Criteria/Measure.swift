/// What is made of the events that match.
package struct Measure: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case count, sum, average, min, max, distinct, first, last
    }

    package var kind: Kind
    package var property: String?

    init(_ reader: CriteriaReader) {
        guard let own = reader.child("measure") else {
            self.init(.count)
            return
        }
        let kind: Kind = own.choice("of") ?? .count
        self.init(kind, property: kind == .count ? nil : own.text("property"))
        own.finish()
    }

    init(_ kind: Kind, property: String? = nil) {
        self.kind = kind
        self.property = property
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["of": .string(kind.rawValue)]
        if let property { members["property"] = .string(property) }
        return .object(members)
    }

    /// Whether single events are needed, not only daily sums.
    func needsSamples(_ window: DayWindow) -> Bool {
        if case .since = window { return true }
        switch kind {
        case .distinct, .first, .last: return true
        default: return false
        }
    }

    func words(_ language: CriteriaLanguage) -> String {
        let name = property ?? ""
        switch kind {
        case .count: return language("次数", "number of times")
        case .sum: return language("\(name) 合计", "sum of \(name)")
        case .average: return language("\(name) 平均", "average \(name)")
        case .min: return language("最小 \(name)", "smallest \(name)")
        case .max: return language("最大 \(name)", "largest \(name)")
        case .distinct: return language("不同 \(name) 的数目", "number of different \(name)")
        case .first: return language("首次的 \(name)", "first \(name)")
        case .last: return language("最后一次的 \(name)", "last \(name)")
        }
    }
}
