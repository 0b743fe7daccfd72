/// The type that the values of a column share.
package enum ColumnType: String, Sendable, Codable, CaseIterable {
    case text
    case integer
    case number
    case boolean
    /// Days without a time.
    case date
    /// Dates with a time of day.
    case moment
    /// An object or a list, in JSON Lines.
    case document
}

/// One column as its first values show it.
package struct ColumnSample: Sendable, Equatable, Codable {
    package var name: String
    package var type: ColumnType
    /// The first different values.
    package var examples: [String]
    /// No row of the sample has a value here.
    package var isEmpty: Bool

    package init(name: String, values: [String], type: ColumnType? = nil) {
        self.name = name
        let filled = values.filter { !$0.isEmpty }
        isEmpty = filled.isEmpty
        self.type = type ?? ColumnSample.type(of: filled)
        examples = []
        for value in filled where !examples.contains(value) {
            examples.append(String(value.prefix(80)))
            if examples.count == 3 { break }
        }
    }

    /// Words that stand for yes and no.
    static let yes: Set<String> = ["true", "yes", "y", "是", "有"]
    static let no: Set<String> = ["false", "no", "n", "否", "无"]

    private static func type(of values: [String]) -> ColumnType {
        guard !values.isEmpty else { return .text }
        if values.allSatisfy({ yes.contains($0.lowercased()) || no.contains($0.lowercased()) }) { return .boolean }
        let numbers = values.allSatisfy { isPlainNumber($0) }
        if numbers { return values.contains { $0.contains(".") } ? .number : .integer }
        guard case .found(.yearMonthDay) = DateFormat.detect(values) else { return .text }
        return values.allSatisfy { !$0.contains(":") && !$0.contains("时") } ? .date : .moment
    }

    /// Numbers that are not codes: `007`, telephone and card numbers stay text.
    private static func isPlainNumber(_ text: String) -> Bool {
        let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
        guard let first = digits.utf8.first, digits.utf8.count <= 10 else { return false }
        if first == ASCII.zero, digits.utf8.count > 1, !digits.hasPrefix("0.") { return false }
        guard digits.utf8.allSatisfy({ ASCII.isDigit($0) || $0 == ASCII.point }) else { return false }
        return Double(digits) != nil && digits.utf8.last != ASCII.point
    }
}
