import CPostgreSQL

/// An `UPDATE table SET … WHERE …` or `DELETE FROM table WHERE …` whose runs can be done all at once, in any order: each
/// asks for another value of a column that no run changes, and none reads what another writes.
struct PostgreSQLChange {
    /// What stands before the arguments are joined, with `?`.
    let head: String
    /// The word that joins them.
    let joining: String
    /// What stands behind `WHERE`, with `?`.
    let condition: String

    /// Nil for every other statement, and where two runs could touch the same row.
    init?(_ statement: String, _ types: [Oid?], _ rows: [[SQLValue]]) {
        guard let words = Self.words(statement), words.count > 3,
            PostgreSQLPlaceholders.number(statement).count == types.count
        else { return nil }
        let names = words.map(\.text)
        guard let place = names.firstIndex(of: "WHERE"), names.lastIndex(of: "WHERE") == place else { return nil }
        var assigned: [String] = []
        // Where a column may be null throughout: `NULL` has no type in most other places.
        var plain: Set<Int> = []
        switch (names[0], names[1], names[2]) {
        case ("UPDATE", _, "SET"):
            joining = "FROM"
            for item in words[3..<place].split(separator: Word(text: ",")) {
                guard let target = item.first else { return nil }
                assigned.append(target.text)
                if item.count == 3, let number = item.last?.number { plain.insert(number) }
            }
        case ("DELETE", "FROM", _) where place == 3: joining = "USING"
        default: return nil
        }
        guard types.indices.allSatisfy({ types[$0] != nil || plain.contains($0 + 1) }) else { return nil }
        let conditions = words[(place + 1)...]
        guard !conditions.contains(where: { ["OR", "CASE"].contains($0.text) }) else { return nil }
        let keys = conditions.split(separator: Word(text: "AND")).compactMap { condition -> Int? in
            guard condition.count == 3, let column = condition.first?.text, !assigned.contains(column),
                condition[condition.startIndex + 1].text == "="
            else { return nil }
            return condition.last?.number.map { $0 - 1 }
        }
        guard PostgreSQLSet.differ(rows, at: keys) else { return nil }
        let bytes = Array(statement.utf8)
        head = String(decoding: bytes[..<words[place].start], as: UTF8.self)
        condition = String(decoding: bytes[(words[place].start + "WHERE".utf8.count)...], as: UTF8.self)
    }

    /// A name, keyword, number, operator's character or `?` outside of parentheses; an opening one stands for all
    /// within.
    private struct Word: Equatable {
        var text: String
        var start = 0
        /// Of a placeholder, from 1.
        var number: Int?

        static func == (left: Word, right: Word) -> Bool { left.text == right.text }
    }

    /// Words that say that a statement sees other rows than its own, wherever they stand.
    private static let unknown: Set = ["SELECT", "RETURNING", "USING", "WITH", "ONLY"]

    /// Nil where quoted names or comments would have to be understood, or other rows are read.
    private static func words(_ statement: String) -> [Word]? {
        var words: [Word] = []
        var (depth, placeholders, froms) = (0, 0, 0)
        let bytes = Array(statement.utf8)
        var next = bytes.startIndex
        while next < bytes.endIndex {
            let start = next
            let byte = bytes[next]
            next += 1
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"): continue
            case UInt8(ascii: "'"):
                guard let end = bytes[next...].firstIndex(of: byte) else { return nil }
                next = end + 1
                if depth == 0 { words.append(Word(text: "'", start: start)) }
            case UInt8(ascii: "\""), UInt8(ascii: ";"): return nil
            case UInt8(ascii: "-"), UInt8(ascii: "/"):
                guard !bytes[next...].prefix(1).contains(where: { $0 == byte || $0 == UInt8(ascii: "*") }) else {
                    return nil
                }
                if depth == 0 { words.append(Word(text: String(UnicodeScalar(byte)), start: start)) }
            case UInt8(ascii: "("):
                if depth == 0 { words.append(Word(text: "(", start: start)) }
                depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "?"):
                placeholders += 1
                if depth == 0 { words.append(Word(text: "?", start: start, number: placeholders)) }
            case _ where isOfName(byte):
                next = bytes[next...].firstIndex { !isOfName($0) } ?? bytes.endIndex
                let text = String(decoding: bytes[start..<next], as: UTF8.self)
                froms += text == "FROM" ? 1 : 0
                guard !unknown.contains(text) else { return nil }
                if depth == 0 { words.append(Word(text: text, start: start)) }
            default:
                if depth == 0 { words.append(Word(text: String(UnicodeScalar(byte)), start: start)) }
            }
        }
        return froms <= (words.first?.text == "DELETE" ? 1 : 0) && depth == 0 ? words : nil
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), 0x80...:
            true
        default: false
        }
    }
}
