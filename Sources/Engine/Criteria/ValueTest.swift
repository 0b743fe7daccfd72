import Storage

/// What is asked of one value: of a trait, or of a property of an event.
///
/// Logic has two values. A value that is missing, or is not of the kind a test asks for, fails the test; `not` around
/// a condition is its exact opposite. A list passes when one of its elements does.
package enum ValueTest: Sendable, Hashable {
    case set
    case text(TextTest, [String])
    case number(NumberRange)
    case truth(Bool)
    case date(DateTest)

    package enum TextTest: String, Sendable, CaseIterable {
        case equals, contains
        case startsWith = "starts_with"
    }

    /// The words for `is`, by kind.
    package static let textWords = TextTest.allCases.map(\.rawValue)
    package static let numberWords = NumberRange.Comparison.allCases.map(\.rawValue)
    package static let dateWords = DateTest.words
    package static let truthWords = ["true", "false"]

    /// Reads the fields `is`, `values`, `value`, … of a node.
    init(_ reader: CriteriaReader, dates: Bool) {
        let word = reader.text("is")
        self = .set
        switch word {
        case "", "set": break
        case "true", "false": self = .truth(word == "true")
        default:
            if let test = TextTest(rawValue: word) {
                self = .text(test, reader.texts("values"))
            } else if NumberRange.Comparison(rawValue: word) != nil {
                self = .number(NumberRange(reader))
            } else if dates, let test = DateTest(word, reader) {
                self = .date(test)
            } else {
                let dateWords = dates ? Self.dateWords : []
                reader.note(
                    "is",
                    .unknownChoice(
                        word, allowed: ["set"] + Self.textWords + Self.numberWords + Self.truthWords + dateWords))
            }
        }
    }

    var json: [String: JSONValue] {
        switch self {
        case .set: ["is": "set"]
        case .text(let test, let values):
            ["is": .string(test.rawValue), "values": .array(values.map(JSONValue.string))]
        case .number(let range): range.json
        case .truth(let flag): ["is": .string(flag ? "true" : "false")]
        case .date(let test): test.json
        }
    }

    var dependsOnTime: Bool {
        if case .date(let test) = self { test.dependsOnTime } else { false }
    }

    func passes(_ value: CriteriaValue, _ clock: CriteriaClock) -> Bool {
        switch self {
        case .set: return true
        case .text(let test, let wanted):
            return wanted.contains { Self.matches(value.text, test, CriteriaValue.folded($0)) }
        case .number(let range): return value.number != CriteriaValue.noNumber && range.contains(value.number)
        case .truth(let flag): return (flag ? Self.yes : Self.no).contains(value.text)
        case .date(let test): return value.date != CriteriaValue.noDate && test.passes(value.date, clock)
        }
    }

    static let yes = ["true", "1", "yes", "y", "是"]
    static let no = ["false", "0", "no", "n", "否"]

    /// By bytes, as the analytics store does it.
    private static func matches(_ text: String, _ test: TextTest, _ wanted: String) -> Bool {
        switch test {
        case .equals: return text == wanted
        case .startsWith: return text.utf8.starts(with: wanted.utf8)
        case .contains:
            let (bytes, pattern) = (Array(text.utf8), Array(wanted.utf8))
            guard bytes.count >= pattern.count else { return false }
            for start in 0...(bytes.count - pattern.count)
            where bytes[start..<start + pattern.count].elementsEqual(pattern) { return true }
            return false
        }
    }

    /// The test over three expressions for the readings of one value.
    func sql(text: AnalyticsSQL, number: AnalyticsSQL, date: AnalyticsSQL, _ clock: CriteriaClock) -> AnalyticsSQL {
        switch self {
        case .set: return "1"
        case .text(let test, let wanted):
            let folded = wanted.map(CriteriaValue.folded)
            switch test {
            case .equals:
                if folded.count == 1 { return "\(text) = \(folded[0])" }
                return "has([\(list: folded)], \(text))"
            case .contains: return AnalyticsSQL.any(folded.map { "position(\(text), \($0)) > 0" })
            case .startsWith: return AnalyticsSQL.any(folded.map { "position(\(text), \($0)) = 1" })
            }
        case .number(let range):
            return "(\(number) != \(CriteriaValue.noNumber) AND \(range.sql(number)))"
        case .truth(let flag): return "has([\(list: flag ? Self.yes : Self.no)], \(text))"
        case .date(let test): return "(\(date) > 0 AND \(test.sql(date, clock)))"
        }
    }

    func words(_ language: CriteriaLanguage) -> String {
        switch self {
        case .set: return language("有值", "has a value")
        case .text(let test, let values):
            let list = values.map { "“\($0)”" }.joined(separator: language("、", ", "))
            let many = values.count > 1
            switch test {
            case .equals: return language((many ? "是其中之一：" : "是") + list, (many ? "is one of " : "is ") + list)
            case .contains: return language("包含\(list)", "contains \(list)")
            case .startsWith: return language("以\(list)开头", "starts with \(list)")
            }
        case .number(let range): return language(range.words(.chinese), "is " + range.words(.english))
        case .truth(let flag): return flag ? language("为是", "is true") : language("为否", "is false")
        case .date(let test): return test.words(language)
        }
    }
}

extension AnalyticsSQL {
    /// One of the conditions; false when there are none.
    static func any(_ conditions: [AnalyticsSQL]) -> AnalyticsSQL { joined(conditions, " OR ", none: "0") }

    /// All of the conditions; true when there are none.
    static func all(_ conditions: [AnalyticsSQL]) -> AnalyticsSQL { joined(conditions, " AND ", none: "1") }

    static func joined(_ parts: [AnalyticsSQL], _ word: String, none: String) -> AnalyticsSQL {
        guard !parts.isEmpty else { return AnalyticsSQL(text: none) }
        return AnalyticsSQL(text: "(" + parts.map(\.text).joined(separator: word) + ")")
    }
}
