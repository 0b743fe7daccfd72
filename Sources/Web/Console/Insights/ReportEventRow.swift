import Engine

/// An event of a report's question as the form shows it: names and conditions on properties, or JSON where it says more.
struct ReportEventRow: Equatable, Sendable {
    /// A condition on a property; all of a row have to hold.
    struct Condition: Equatable, Sendable {
        var property = ""
        /// One of `tests`.
        var test = "equals"
        /// As they are typed, divided by commas; one of them is enough. For `between` the two ends.
        var values = ""
    }

    /// As they are typed, divided by commas.
    var names = ""
    var conditions: [Condition] = []
    /// The whole as JSON of the condition language; it counts instead of the rest where there is any.
    var json = ""

    /// What may be asked of a property; with `not_` before it the opposite.
    static let tests: [String] = {
        let opposable = ValueTest.textWords + ["set"]
        return opposable.flatMap { [$0, ReportEventRow.opposite + $0] } + ValueTest.numberWords + ValueTest.truthWords
    }()

    private static let opposite = "not_"
    private static let between = "between"
    /// Between values, as the segment builder divides them.
    private static let dividers: Set<Character> = [",", "，", "、"]
}

// MARK: Out of an address

extension ReportEventRow {
    /// - Parameter text: names divided by commas, or JSON.
    init(text: String) {
        let line = Self.line(text)
        guard line.hasPrefix("{") || line.hasPrefix("[") else {
            self = ReportEventRow(names: line)
            return
        }
        do {
            self = ReportEventRow(try JSONValue(parsing: text))
        } catch {
            self = ReportEventRow(json: line)
        }
    }

    /// Nothing is lost: what has no field stays JSON.
    init(_ value: JSONValue) {
        self = Self.told(value) ?? ReportEventRow(json: value.text())
    }

    /// Nil where a definition says more than the form can.
    private static func told(_ value: JSONValue) -> ReportEventRow? {
        if let name = value.stringValue { return isTyped(name, but: [","]) ? ReportEventRow(names: name) : nil }
        guard let members = value.objectValue, Set(members.keys).isSubset(of: ["names", "where"]),
            let names = members["names"].flatMap({ texts($0, but: [","]) })
        else { return nil }
        var row = ReportEventRow(names: names.joined(separator: ", "))
        guard let asked = members["where"] else { return row }
        guard let elements = asked.arrayValue else { return nil }
        row.conditions = elements.compactMap(condition)
        return row.conditions.count == elements.count ? row : nil
    }

    private static func condition(_ value: JSONValue) -> Condition? {
        guard let members = value.objectValue, let property = members["property"]?.stringValue,
            isTyped(property, but: []), let isNegated = (members["not"] ?? false).boolValue,
            let test = (members["is"] ?? "set").stringValue
        else { return nil }
        let rest = Set(members.keys).subtracting(["property", "not", "is"])
        let word = (isNegated ? opposite : "") + test
        guard tests.contains(word) else { return nil }
        if ValueTest.textWords.contains(test) {
            guard rest == ["values"], let values = members["values"].flatMap({ texts($0, but: dividers) }) else {
                return nil
            }
            return Condition(property: property, test: word, values: values.joined(separator: ", "))
        }
        if ValueTest.numberWords.contains(test) {
            let ends = test == between ? ["value", "upper"] : ["value"]
            let numbers = ends.compactMap { members[$0].flatMap(typed) }
            guard rest == Set(ends), numbers.count == ends.count else { return nil }
            return Condition(property: property, test: word, values: numbers.joined(separator: ", "))
        }
        return rest.isEmpty ? Condition(property: property, test: word) : nil
    }

    private static func texts(_ value: JSONValue, but dividers: Set<Character>) -> [String]? {
        let elements = value.arrayValue ?? [value]
        let texts = elements.compactMap(\.stringValue).filter { isTyped($0, but: dividers) }
        return texts.count == elements.count && !texts.isEmpty ? texts : nil
    }

    private static func typed(_ value: JSONValue) -> String? {
        switch value {
        case .integer, .number: value.text()
        default: nil
        }
    }

    /// Whether a text comes out of a field as it went in.
    private static func isTyped(_ text: String, but dividers: Set<Character>) -> Bool {
        !text.isEmpty && line(text) == text && !text.contains(where: dividers.contains) && !text.hasPrefix("{")
            && !text.hasPrefix("[")
    }
}

// MARK: Into an address

extension ReportEventRow {
    /// One line, as reports read it; empty for an empty row.
    var text: String {
        guard json.isEmpty else { return Self.line(json) }
        let asked = conditions.filter { !Self.line($0.property).isEmpty }
        guard !asked.isEmpty else { return Self.line(names) }
        return JSONValue.object([
            "names": .array(nameList.map(JSONValue.string)), "where": .array(asked.map(Self.test)),
        ]).text()
    }

    /// What the fields say as JSON, to be gone on from.
    var example: String {
        guard json.isEmpty else { return text }
        return conditions.isEmpty ? JSONValue.object(["names": .array(nameList.map(JSONValue.string))]).text() : text
    }

    /// The names alone, also where only JSON says them.
    var nameList: [String] {
        guard !json.isEmpty else { return Self.parts(names, [","]) }
        do {
            return (try JSONValue(parsing: json))["names"]?.arrayValue?.compactMap(\.stringValue) ?? []
        } catch {
            return []
        }
    }

    /// Too many values stand together as they are, so that the report refuses them.
    private static func test(_ condition: Condition) -> JSONValue {
        let isNegated = condition.test.hasPrefix(opposite)
        let word = isNegated ? String(condition.test.dropFirst(opposite.count)) : condition.test
        let values = parts(condition.values, dividers)
        var members: [String: JSONValue] = ["property": .string(line(condition.property)), "is": .string(word)]
        if isNegated { members["not"] = true }
        if ValueTest.textWords.contains(word) { members["values"] = .array(values.map(JSONValue.string)) }
        if word == between {
            members["value"] = number(values.first ?? "")
            members["upper"] = number(values.dropFirst().joined(separator: ", "))
        } else if ValueTest.numberWords.contains(word) {
            members["value"] = number(values.joined(separator: ", "))
        }
        return .object(members)
    }

    private static func number(_ text: String) -> JSONValue {
        if let whole = Int64(text) { return .integer(whole) }
        if let number = Double(text), number.isFinite { return .number(number) }
        return .string(text)
    }

    private static func parts(_ text: String, _ dividers: Set<Character>) -> [String] {
        text.split(whereSeparator: dividers.contains).map { line(String($0)) }.filter { !$0.isEmpty }
    }

    private static func line(_ text: String) -> String {
        Whitespace.trim(String(text.map { $0.isNewline ? " " : $0 }))
    }
}
