import Storage

/// A kind of rule: what a person earns points by. Another one is one file and one line in `ScoreRuleCatalog`.
package protocol ScoreRuleKind: Sendable {
    /// The word in `kind`.
    static var kind: String { get }
    /// How the editor asks for it.
    static var form: CriteriaForm { get }

    /// Reads its own fields; notes what is wrong with them and then may be anything.
    init(_ reader: CriteriaReader)
    /// Its fields, without those that all rules have.
    var json: [String: JSONValue] { get }

    var features: [Feature] { get }
    /// What it asks of a person besides events and orders.
    var criteria: Criteria? { get }
    var needsOrders: Bool { get }
    /// How often it applied, day by day; `day` nil: it holds now and does not fade. Ascending by day.
    func occurrences(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> [ScoreOccurrence]
    func words(_ phrases: CriteriaPhrases) -> String
}

extension ScoreRuleKind {
    package var features: [Feature] { [] }
    package var criteria: Criteria? { nil }
    package var needsOrders: Bool { false }
}

/// What one rule found on one day.
package struct ScoreOccurrence: Sendable, Equatable {
    /// Nil: it holds now.
    package var day: Int64?
    /// How often; of amounts, how many units.
    package var count: Int64

    package init(day: Int64?, count: Int64) {
        self.day = day
        self.count = count
    }
}

/// Every kind of rule.
package enum ScoreRuleCatalog {
    package static let all: [any ScoreRuleKind.Type] = [
        EventScoreRule.self,
        OrderScoreRule.self,
        AmountScoreRule.self,
        DeviceScoreRule.self,
        ConditionScoreRule.self,
    ]

    private static let byKind = Dictionary(uniqueKeysWithValues: all.map { ($0.kind, $0) })

    static func rule(_ kind: String) -> (any ScoreRuleKind.Type)? { byKind[kind] }
}

/// One line of a model: how many points, for what, in which group.
package struct ScoreRule: Sendable {
    /// Who the person is, or what they do.
    package enum Dimension: String, Sendable, Codable, CaseIterable { case fit, engagement }

    /// Unique in its model; receipts name it.
    package var id: String
    package var name: String
    package var dimension: Dimension
    /// In thousandths, for each time; below 0 it takes away.
    package var points: Int64
    /// Shares its limits with the other rules of the group; empty: none.
    package var group: String
    /// Thousandths that it gives or takes on one day at the most; 0: any.
    package var capPerDay: Int64
    package var kind: any ScoreRuleKind

    init?(_ reader: CriteriaReader) {
        id = reader.text("id")
        name = reader.value("name")?.stringValue ?? ""
        dimension = reader.choice("dimension", orElse: .engagement) ?? .engagement
        points = ScoreRule.points(reader, "points", ScoreLimits.points)
        group = reader.value("group")?.stringValue ?? ""
        capPerDay =
            reader.has("cap_per_day") ? ScoreRule.points(reader, "cap_per_day", 0...ScoreLimits.points.upperBound) : 0
        let word = reader.text("kind")
        guard let type = ScoreRuleCatalog.rule(word) else {
            if !word.isEmpty {
                reader.note("kind", .unknownChoice(word, allowed: ScoreRuleCatalog.all.map { $0.kind }))
            }
            return nil
        }
        kind = type.init(reader)
        reader.finish()
    }

    /// A decimal number of points as thousandths.
    static func points(_ reader: CriteriaReader, _ field: String, _ range: ClosedRange<Int64>) -> Int64 {
        let thousandths = reader.decimal(field) / 10
        guard range.contains(thousandths) else {
            reader.note(field, .outOfRange("\(range.lowerBound / 1000)…\(range.upperBound / 1000)"))
            return 0
        }
        return thousandths
    }

    package var json: JSONValue {
        var members = kind.json
        members["kind"] = .string(type(of: kind).kind)
        members["id"] = .string(id)
        if !name.isEmpty { members["name"] = .string(name) }
        members["dimension"] = .string(dimension.rawValue)
        members["points"] = NumberRange.json(points * 10)
        if !group.isEmpty { members["group"] = .string(group) }
        if capPerDay > 0 { members["cap_per_day"] = NumberRange.json(capPerDay * 10) }
        return .object(members)
    }

    /// Its own name, or what it says.
    package func title(_ phrases: CriteriaPhrases) -> String { name.isEmpty ? kind.words(phrases) : name }
}

/// Bounds of models.
package enum ScoreLimits {
    package static let models = 20
    package static let rules = 60
    package static let groups = 20
    package static let thresholds = 10
    package static let bytes = 64 * 1024
    /// Of one rule for one time, in thousandths.
    package static let points: ClosedRange<Int64> = -10_000_000...10_000_000
    package static let halfLifeDays: ClosedRange<Int64> = 0...3_650
    /// Receipts that are told of one person; the total has all of them.
    package static let receiptsTold = 500
}
