/// Finds out whether a table begins with names, and makes them usable.
enum Header {
    /// A mapping that names one of the cells settles it; else a header holds no number and no date, and something
    /// below it does, or all of its cells are different words.
    static func isHeader(_ first: [String], of body: ArraySlice<[String]>, mapping: ColumnMapping?) -> Bool {
        let folded = first.map { $0.lowercased() }
        if let mapping {
            if mapping.entries.contains(where: { folded.contains($0.column.lowercased()) }) { return true }
            if mapping.entries.allSatisfy({ $0.column.hasPrefix("#") }) { return !first.contains(where: isValue) }
        }
        guard !first.contains(where: isValue) else { return false }
        if first.contains(where: { ColumnSuggestions.field(for: $0, kind: .orders) != nil }) { return true }
        if body.contains(where: { $0.contains(where: isValue) }) { return true }
        return Set(folded).count == folded.count && !folded.contains("")
    }

    /// Names of all columns: empty ones by position, repeated ones numbered.
    static func names(_ first: [String]) -> [String] {
        var names: [String] = []
        for (index, cell) in first.enumerated() {
            var name = cell.isEmpty ? "#\(index + 1)" : cell
            if names.contains(name) { name += " #\(index + 1)" }
            names.append(name)
        }
        return names
    }

    private static func isValue(_ cell: String) -> Bool {
        guard let first = cell.utf8.first, ASCII.isDigit(first) || first == ASCII.minus else { return false }
        return cell.utf8.allSatisfy { $0 < 0x80 && !(UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0) }
            || cell.contains("年")
    }
}
