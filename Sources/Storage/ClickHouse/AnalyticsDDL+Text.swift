/// Reading of statement text: quotes, comments, tokens.
extension AnalyticsDDL {
    /// Statements separated by `;`, without comment lines.
    static func split(_ file: String) -> [String] {
        let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.drop { $0 == " " }.hasPrefix("--") }
        var statements: [String] = []
        var current: [Substring] = []
        for line in lines {
            let text = line.last == "\r" ? line.dropLast() : line
            var end = text
            while end.last == " " || end.last == "\t" { end = end.dropLast() }
            if end.last == ";" {
                current.append(end.dropLast())
                statements.append(current.joined(separator: "\n"))
                current = []
            } else {
                current.append(text)
            }
        }
        statements.append(current.joined(separator: "\n"))
        return statements.filter { !$0.allSatisfy(\.isWhitespace) }
    }

    /// The table that a `CREATE TABLE` statement makes; nil for any other statement.
    static func createdTable(_ statement: String) -> String? {
        var words = statement.split { $0.isWhitespace || $0 == "(" }
        guard words.count > 2, words[0].uppercased() == "CREATE", words[1].uppercased() == "TABLE" else { return nil }
        words.removeFirst(2)
        if words.count > 3, words[0].uppercased() == "IF" { words.removeFirst(3) }
        return String(words[0])
    }

    /// Cuts a trailing `SHARD BY expr` off.
    static func splitShardKey(_ statement: String) -> (body: Substring, key: String?) {
        let mark = Array("SHARD BY ".utf8)
        let bytes = Array(statement.utf8)
        guard bytes.count > mark.count else { return (statement[...], nil) }
        for start in (0...(bytes.count - mark.count)).reversed()
        where Array(bytes[start..<start + mark.count]) == mark {
            let index = statement.utf8.index(statement.startIndex, offsetBy: start)
            let key = statement[statement.utf8.index(index, offsetBy: mark.count)...]
            return (statement[..<index], String(key.filter { !$0.isNewline }))
        }
        return (statement[...], nil)
    }

    /// Replaces each `{token}` outside quotes for which `replacement` has an answer.
    static func replaceTokens(_ text: String, _ replacement: (String) -> String?) -> String {
        var out = ""
        out.reserveCapacity(text.utf8.count)
        var quote: Character?
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            if let open = quote {
                out.append(character)
                index = text.index(after: index)
                if character == "\\", index < text.endIndex {
                    out.append(text[index])
                    index = text.index(after: index)
                } else if character == open {
                    quote = nil
                }
                continue
            }
            if character == "{", let end = text[index...].firstIndex(of: "}"),
                let replaced = replacement(String(text[text.index(after: index)..<end]))
            {
                out += replaced
                index = text.index(after: end)
                continue
            }
            if character == "'" || character == "`" || character == "\"" { quote = character }
            out.append(character)
            index = text.index(after: index)
        }
        return out
    }
}
