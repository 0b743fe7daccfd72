/// A kind of condition on what a member did. Another one is one file and one line in `EarningConditionCatalog`.
///
/// Who the member is, is asked by `Criteria`; these ask about the moment, the order and its lines, and the event.
package protocol EarningCondition: Sendable {
    /// The word in `kind`.
    static var kind: String { get }
    /// How the console asks for it.
    static var form: CriteriaForm { get }
    /// Whether only orders can pass.
    static var isAboutOrders: Bool { get }

    /// Reads its fields; notes what is wrong with them and then may be anything.
    init(_ reader: CriteriaReader)
    /// Its fields, without `kind`.
    var json: [String: JSONValue] { get }

    func holds(_ facts: EarningFacts) -> Bool
    /// Whether a line of the order counts; nil: it is not about lines.
    func admits(_ line: EarningLine) -> Bool?
    /// What was found, in the words of the facts: `2026-05-01`, `store 12`.
    func finding(_ facts: EarningFacts) -> String
    func words(_ phrases: CriteriaPhrases) -> String
    /// Whether nothing passes both this and another of the same rule.
    func contradicts(_ other: any EarningCondition) -> Bool
}

extension EarningCondition {
    package static var isAboutOrders: Bool { false }
    package func holds(_ facts: EarningFacts) -> Bool { true }
    package func admits(_ line: EarningLine) -> Bool? { nil }
    package func finding(_ facts: EarningFacts) -> String { "" }
    package func contradicts(_ other: any EarningCondition) -> Bool { false }
}

/// Every kind of condition.
package enum EarningConditionCatalog {
    package static let all: [any EarningCondition.Type] = [
        ProductCondition.self,
        OrderSumCondition.self,
        StoreCondition.self,
        ChannelCondition.self,
        FirstPurchaseCondition.self,
        PropertyCondition.self,
        TierCondition.self,
        BirthdayCondition.self,
        AnniversaryCondition.self,
        WeekdayCondition.self,
        HoursCondition.self,
    ]

    private static let byKind = Dictionary(uniqueKeysWithValues: all.map { ($0.kind, $0) })

    /// Reads the list `when` of a rule.
    static func read(_ reader: CriteriaReader) -> [any EarningCondition] {
        reader.children("when", limit: EarningLimits.conditions).compactMap { own in
            let word = own.text("kind")
            guard let type = byKind[word] else {
                if !word.isEmpty { own.note("kind", .unknownChoice(word, allowed: all.map { $0.kind })) }
                return nil
            }
            let condition = type.init(own)
            own.finish()
            return condition
        }
    }

    static func json(_ condition: any EarningCondition) -> JSONValue {
        .object(condition.json.merging(["kind": .string(type(of: condition).kind)]) { $1 })
    }
}
