/// Which column of a file stands for what.
package struct ColumnMapping: Sendable, Equatable, Codable {
    package struct Entry: Sendable, Equatable, Codable {
        /// A word of `ImportField`.
        package var field: String
        /// A header of the file, a key of its objects, or `#2` for the second column.
        package var column: String

        package init(field: String, column: String) {
            self.field = field
            self.column = column
        }
    }

    package var entries: [Entry]

    package init(entries: [Entry]) {
        self.entries = entries
    }

    /// Reads `customer=sid,time=date,amount="Total, CNY"`.
    ///
    /// Throws: `ImportError.badMapping`.
    package init(parsing text: String) throws(ImportError) {
        entries = []
        for part in ColumnMapping.split(text) {
            guard let equals = part.firstIndex(of: "=") else {
                throw .badMapping(text: part, reason: "write field=column, as in customer=sid,time=date")
            }
            let field = ColumnMapping.unquoted(part[..<equals])
            let column = ColumnMapping.unquoted(part[part.index(after: equals)...])
            guard !field.isEmpty, !column.isEmpty else {
                throw .badMapping(text: part, reason: "both sides of = are needed")
            }
            entries.append(Entry(field: field, column: column))
        }
        guard !entries.isEmpty else { throw .badMapping(text: text, reason: "it is empty") }
    }

    /// The form that `init(parsing:)` reads.
    package var text: String {
        entries.map { entry in
            let needsQuotes = entry.column.contains { $0 == "," || $0 == "=" || $0 == "\"" }
            return entry.field + "=" + (needsQuotes ? "\"\(entry.column)\"" : entry.column)
        }.joined(separator: ",")
    }

    private static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == ",", !isQuoted {
                parts.append(part)
                part = ""
            } else {
                part.append(character)
            }
        }
        parts.append(part)
        return parts.filter { !$0.allSatisfy(\.isWhitespace) }
    }

    private static func unquoted(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        if text.count >= 2, text.first == "\"", text.last == "\"" { text = text.dropFirst().dropLast() }
        return String(text)
    }
}
