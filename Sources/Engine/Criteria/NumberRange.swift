import Storage

/// A comparison with a number: at least, at most, more than, less than, exactly, between (both ends included).
package struct NumberRange: Sendable, Hashable {
    package enum Comparison: String, Sendable, CaseIterable {
        case atLeast = "at_least"
        case atMost = "at_most"
        case moreThan = "more_than"
        case lessThan = "less_than"
        case exactly
        case between
    }

    package var comparison: Comparison
    /// Ten-thousandths.
    package var value: Int64
    package var upper: Int64

    package init(_ comparison: Comparison, _ value: Int64, _ upper: Int64 = 0) {
        self.comparison = comparison
        self.value = value
        self.upper = upper
    }

    /// Reads `{"is": "between", "value": 1, "upper": 5}` out of a node's own fields.
    init(_ reader: CriteriaReader, orElse fallback: NumberRange? = nil) {
        if let fallback, !reader.has("is") {
            self = fallback
            return
        }
        let comparison: Comparison? = reader.choice("is")
        self.init(comparison ?? .atLeast, reader.decimal("value"))
        if comparison == .between {
            upper = reader.decimal("upper")
            if upper < value { reader.note("upper", .emptyRange) }
        }
    }

    var json: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "is": .string(comparison.rawValue), "value": NumberRange.json(value),
        ]
        if comparison == .between { members["upper"] = NumberRange.json(upper) }
        return members
    }

    static func json(_ scaled: Int64) -> JSONValue {
        let scale = CriteriaValue.scale
        return scaled % scale == 0 ? .integer(scaled / scale) : .number(Double(scaled) / Double(scale))
    }

    /// The numbers that pass.
    package var closed: (low: Int64, high: Int64) {
        let limit = CriteriaValue.numberLimit
        switch comparison {
        case .atLeast: return (value, limit)
        case .atMost: return (-limit, value)
        case .moreThan: return (value + 1, limit)
        case .lessThan: return (-limit, value - 1)
        case .exactly: return (value, value)
        case .between: return (value, upper)
        }
    }

    package func contains(_ number: Int64) -> Bool {
        let (low, high) = closed
        return number >= low && number <= high
    }

    /// Whether `expression`, an Int64 in ten-thousandths, passes. `CriteriaValue.noNumber` never does.
    func sql(_ expression: AnalyticsSQL) -> AnalyticsSQL {
        let (low, high) = closed
        if low == high { return "(\(expression)) = \(low)" }
        if high == CriteriaValue.numberLimit { return "(\(expression)) >= \(low)" }
        return "((\(expression)) >= \(low) AND (\(expression)) <= \(high))"
    }

    func words(_ language: CriteriaLanguage, unit: String = "") -> String {
        let number = NumberRange.text(value) + unit
        switch comparison {
        case .atLeast: return language("不少于 \(number)", "at least \(number)")
        case .atMost: return language("不超过 \(number)", "at most \(number)")
        case .moreThan: return language("大于 \(number)", "more than \(number)")
        case .lessThan: return language("小于 \(number)", "less than \(number)")
        case .exactly: return language("等于 \(number)", "exactly \(number)")
        case .between:
            let other = NumberRange.text(upper) + unit
            return language("在 \(number) 到 \(other) 之间", "between \(number) and \(other)")
        }
    }

    /// What is counted, after `words` in English: it goes with the number that is said last.
    func noun(_ one: String, _ many: String? = nil) -> String {
        EnglishCount.noun((comparison == .between ? upper : value) == CriteriaValue.scale ? 1 : 0, one, many)
    }

    static func text(_ scaled: Int64) -> String {
        let scale = CriteriaValue.scale
        guard scaled % scale != 0 else { return String(scaled / scale) }
        var fraction = String(abs(scaled % scale) + scale).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return (scaled < 0 ? "-" : "") + "\(abs(scaled / scale)).\(fraction)"
    }
}
