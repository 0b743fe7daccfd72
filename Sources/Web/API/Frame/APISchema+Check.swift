import Engine

extension APISchema {
    /// More flaws than these are not told.
    private static let flawsMax = 20

    /// What is wrong with a value; empty when it has this shape.
    func flaws(of value: JSONValue, at place: String) -> [Problem.Flaw] {
        switch self {
        case .any: return []
        case .nullable(let inner): return value.isNull ? [] : inner.flaws(of: value, at: place)
        case .named(_, let inner): return inner.flaws(of: value, at: place)
        case .anyOf(let choices):
            let all = choices.map { $0.flaws(of: value, at: place) }
            return all.contains { $0.isEmpty } ? [] : all.first ?? []
        case .array(let element, let count): return Self.array(value, element, count, place)
        case .object(let fields, let isOpen): return Self.object(value, fields, isOpen, place)
        case .map(let element):
            guard let members = value.objectValue else { return [Problem.Flaw(place, "must be an object")] }
            return Self.gather(members.sorted { $0.key < $1.key }) {
                element.flaws(of: $0.value, at: "\(place).\($0.key)")
            }
        default:
            guard let message = scalarFlaw(value) else { return [] }
            return [Problem.Flaw(place, message)]
        }
    }

    private func scalarFlaw(_ value: JSONValue) -> String? {
        switch self {
        case .integer(let range):
            guard let number = value.intValue else { return "must be an integer" }
            guard let range, !range.contains(number) else { return nil }
            return "must be between \(range.lowerBound) and \(range.upperBound)"
        case .number: return value.doubleValue == nil ? "must be a number" : nil
        case .boolean: return value.boolValue == nil ? "must be true or false" : nil
        default:
            guard let text = value.stringValue else { return "must be a string" }
            return textFlaw(text)
        }
    }

    private func textFlaw(_ text: String) -> String? {
        switch self {
        case .string(let min, let max):
            let count = text.unicodeScalars.count
            if text.utf8.contains(0) { return "must not contain the character U+0000" }
            if count < min { return "must have at least \(min) character\(min == 1 ? "" : "s")" }
            if let max, count > max { return "must have at most \(max) characters" }
            return nil
        case .id: return Self.isID(text) ? nil : "must be an identifier: a positive 64-bit number"
        case .timestamp:
            return Timestamp(iso8601: text) == nil ? "must be a time like 2026-11-22T17:01:47Z" : nil
        case .day: return LocalCalendar.day(fromText: text) == nil ? "must be a day like 2026-11-22" : nil
        case .words(let words): return words.contains(text) ? nil : "must be one of " + words.joined(separator: ", ")
        default: return nil
        }
    }

    /// A parameter of a URL as the value that this schema describes; nil when it cannot be read as one.
    func value(ofParameter text: String) -> JSONValue? {
        switch self {
        case .integer:
            // What JSON would not take for an integer ("+1", "01") is none here either.
            guard let number = Int64(text), String(number) == text else { return nil }
            return .integer(number)
        case .number: return Double(text).flatMap { $0.isFinite ? .number($0) : nil }
        case .boolean: return text == "true" ? true : text == "false" ? false : nil
        case .nullable(let inner), .named(_, let inner): return inner.value(ofParameter: text)
        default: return .string(text)
        }
    }

    static func isID(_ text: String) -> Bool {
        guard let id = Int64(text), id > 0 else { return false }
        return String(id) == text
    }

    private static func array(
        _ value: JSONValue, _ element: APISchema, _ count: ClosedRange<Int>, _ place: String
    ) -> [Problem.Flaw] {
        guard let elements = value.arrayValue else { return [Problem.Flaw(place, "must be an array")] }
        guard count.contains(elements.count) else {
            return [Problem.Flaw(place, "must have \(count.lowerBound) to \(count.upperBound) elements")]
        }
        return gather(Array(elements.enumerated())) { element.flaws(of: $0.element, at: "\(place)[\($0.offset)]") }
    }

    private static func object(
        _ value: JSONValue, _ fields: [APIField], _ isOpen: Bool, _ place: String
    ) -> [Problem.Flaw] {
        guard let members = value.objectValue else { return [Problem.Flaw(place, "must be an object")] }
        var found = gather(fields) { field in
            guard let member = members[field.name] else {
                return field.isRequired ? [Problem.Flaw("\(place).\(field.name)", "is missing")] : []
            }
            return field.schema.flaws(of: member, at: "\(place).\(field.name)")
        }
        if !isOpen {
            let known = Set(fields.map(\.name))
            for name in members.keys.sorted() where !known.contains(name) {
                found.append(Problem.Flaw("\(place).\(name)", "is not known here"))
            }
        }
        return Array(found.prefix(flawsMax))
    }

    private static func gather<Item>(_ items: [Item], _ check: (Item) -> [Problem.Flaw]) -> [Problem.Flaw] {
        var found: [Problem.Flaw] = []
        for item in items where found.count < flawsMax { found += check(item) }
        return found
    }
}
