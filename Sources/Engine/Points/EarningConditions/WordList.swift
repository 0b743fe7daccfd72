/// The words that a condition of an earning rule names; they are compared as values of events are.
struct WordList: Sendable {
    private let words: [String]
    private let folded: Set<String>

    init(_ reader: CriteriaReader, _ field: String = "values") {
        words = reader.texts(field)
        folded = Set(words.map(CriteriaValue.folded))
    }

    var json: JSONValue { .array(words.map(JSONValue.string)) }

    /// Whether a folded value is one of them.
    func contains(_ value: String) -> Bool { folded.contains(value) }
    func isDisjoint(with other: WordList) -> Bool { folded.isDisjoint(with: other.folded) }
    func isSubset(of other: WordList) -> Bool { folded.isSubset(of: other.folded) }

    func told(_ phrases: CriteriaPhrases) -> String { Self.told(words, phrases) }

    /// Words between quotation marks.
    static func told(_ words: [String], _ phrases: CriteriaPhrases) -> String {
        words.map { "“\($0)”" }.joined(separator: phrases.language("、", ", "))
    }
}
