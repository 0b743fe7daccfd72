/// Reads the fields of one node and notes what is wrong with them, with the path.
package final class CriteriaReader {
    package let path: String
    private let members: [String: JSONValue]
    private var used: Set<String> = []
    private let notes: CriteriaNotes

    init(_ value: JSONValue, _ path: String, _ notes: CriteriaNotes) {
        self.path = path
        self.notes = notes
        members = value.objectValue ?? [:]
        if value.objectValue == nil { notes.add(path, .wrongType(expected: "an object")) }
    }

    package func note(_ field: String, _ reason: CriteriaIssue.Reason) {
        notes.add(field.isEmpty ? path : path + "." + field, reason)
    }

    /// The value as it is; marks the field as known.
    package func value(_ name: String) -> JSONValue? {
        used.insert(name)
        let value = members[name]
        return value == .null ? nil : value
    }

    package func has(_ name: String) -> Bool {
        used.insert(name)
        return members[name] != nil && members[name] != .null
    }

    package func text(_ name: String, orElse fallback: String? = nil) -> String {
        guard let value = value(name) else {
            if let fallback { return fallback }
            note(name, .missing(name))
            return ""
        }
        guard let text = value.stringValue, !text.isEmpty else {
            note(name, .wrongType(expected: "a text that is not empty"))
            return ""
        }
        guard text.utf8.count <= CriteriaLimits.textBytes else {
            note(name, .tooMany("bytes", limit: CriteriaLimits.textBytes))
            return ""
        }
        return text
    }

    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, orElse fallback: Choice? = nil
    ) -> Choice? where Choice.RawValue == String {
        guard has(name) || fallback == nil else { return fallback }
        let word = text(name)
        guard !word.isEmpty else { return nil }
        guard let choice = Choice(rawValue: word) else {
            note(name, .unknownChoice(word, allowed: Choice.allCases.map(\.rawValue)))
            return nil
        }
        return choice
    }

    /// A list of texts; one text stands for a list of one. Texts, numbers and booleans are taken.
    package func texts(_ name: String) -> [String] {
        guard let value = value(name) else {
            note(name, .missing(name))
            return []
        }
        let elements = value.arrayValue ?? [value]
        let texts = elements.compactMap { element -> String? in
            switch element {
            case .string(let text): text.isEmpty ? nil : text
            case .integer, .number, .bool: element.text()
            default: nil
            }
        }
        guard texts.count == elements.count, !texts.isEmpty else {
            note(name, .wrongType(expected: "a list of texts"))
            return []
        }
        guard texts.count <= CriteriaLimits.valuesOfOne else {
            note(name, .tooMany(name, limit: CriteriaLimits.valuesOfOne))
            return []
        }
        if texts.contains(where: { $0.utf8.count > CriteriaLimits.textBytes }) {
            note(name, .tooMany("bytes", limit: CriteriaLimits.textBytes))
        }
        return texts
    }

    /// A whole number within a range.
    package func whole(_ name: String, in range: ClosedRange<Int64>, orElse fallback: Int64? = nil) -> Int64 {
        guard let value = value(name) else {
            if let fallback { return fallback }
            note(name, .missing(name))
            return range.lowerBound
        }
        guard let number = value.intValue ?? value.stringValue.flatMap({ Int64($0) }) else {
            note(name, .wrongType(expected: "a whole number"))
            return range.lowerBound
        }
        guard range.contains(number) else {
            note(name, .outOfRange("\(range.lowerBound)…\(range.upperBound)"))
            return range.lowerBound
        }
        return number
    }

    /// A decimal in ten-thousandths.
    package func decimal(_ name: String) -> Int64 {
        guard let value = value(name) else {
            note(name, .missing(name))
            return 0
        }
        let number = CriteriaValue(value, nil)?.number ?? CriteriaValue.noNumber
        guard number != CriteriaValue.noNumber else {
            note(name, .wrongType(expected: "a number below 900000000000000"))
            return 0
        }
        return number
    }

    /// A day as `2026-05-01`.
    package func day(_ name: String) -> Int64 {
        let text = text(name)
        guard !text.isEmpty else { return 0 }
        guard let day = LocalCalendar.day(fromText: text) else {
            note(name, .wrongType(expected: "a date such as 2026-05-01"))
            return 0
        }
        return day
    }

    package func child(_ name: String) -> CriteriaReader? {
        guard let value = value(name) else { return nil }
        return CriteriaReader(value, path + "." + name, notes)
    }

    package func children(_ name: String, limit: Int) -> [CriteriaReader] {
        guard let value = value(name) else { return [] }
        guard let elements = value.arrayValue else {
            note(name, .wrongType(expected: "a list"))
            return []
        }
        if elements.count > limit { note(name, .tooMany(name, limit: limit)) }
        return elements.prefix(limit).enumerated().map { index, element in
            CriteriaReader(element, "\(path).\(name)[\(index)]", notes)
        }
    }

    /// Call last: fields that nobody asked for are noted, so that a typing error does not change the meaning.
    package func finish() {
        for name in members.keys.sorted() where !used.contains(name) { note(name, .unknownField(name)) }
    }
}

extension JSONValue {
    /// The text of a definition. Throws: `CriteriaError` where it is too large, or is no JSON.
    init(definition text: String, bytesMax: Int) throws(CriteriaError) {
        guard text.utf8.count <= bytesMax else {
            throw CriteriaError(issues: [CriteriaIssue("", .tooMany("bytes", limit: bytesMax))])
        }
        do {
            try self.init(parsing: text, maximumDepth: 64)
        } catch {
            throw CriteriaError(issues: [CriteriaIssue("", .notJSON("\(error)"))])
        }
    }
}

/// What was found wrong so far.
final class CriteriaNotes {
    private(set) var issues: [CriteriaIssue] = []

    func add(_ path: String, _ reason: CriteriaIssue.Reason) {
        guard issues.count < CriteriaLimits.issues else { return }
        issues.append(CriteriaIssue(path, reason))
    }
}

/// How large a definition may be.
package enum CriteriaLimits {
    package static let bytes = 65_536
    package static let depth = 8
    package static let nodes = 100
    package static let children = 50
    package static let valuesOfOne = 100
    package static let textBytes = 200
    package static let issues = 50
    /// A plain condition costs 1, one on behaviour 10, one that looks at single events 20.
    package static let cost = 400
    package static let windowDays: Int64 = 1_095
    package static let daysAhead: Int64 = 366
}
