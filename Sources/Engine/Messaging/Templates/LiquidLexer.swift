/// Cuts a text into what stands as it is, `{{ … }}` and `{% … %}`, and the inside of those into words.
enum LiquidLexer {
    enum Piece: Equatable {
        case text(String)
        case output([Word], line: Int)
        case tag(String, [Word], line: Int)
    }

    enum Word: Equatable {
        case name(String)
        case literal(JSONValue)
        /// `|`, `:`, `,`, `.`, `..`, `[`, `]`, `(`, `)`, `=` and the comparisons.
        case sign(String)
    }

    private struct State {
        var pieces: [Piece] = []
        var line = 1
        /// The tag before ended in `-%}`.
        var trimsNext = false
    }

    /// Throws: `LiquidError`.
    static func pieces(_ source: String) throws -> [Piece] {
        var state = State()
        var rest = Substring(source)
        while !rest.isEmpty {
            guard let start = opening(rest) else {
                add(String(rest), &state)
                break
            }
            let isTag = rest[start...].hasPrefix("{%")
            let close = isTag ? "%}" : "}}"
            var text = String(rest[..<start])
            rest = rest[rest.index(start, offsetBy: 2)...]
            let lines = newlines(in: text)
            if rest.first == "-" {
                rest = rest.dropFirst()
                while text.last?.isWhitespace == true { text.removeLast() }
            }
            add(text, &state)
            state.line += lines
            guard let end = closing(rest, close) else {
                throw LiquidError(.unclosed(isTag ? "{%" : "{{"), line: state.line)
            }
            var inside = rest[..<end]
            rest = rest[rest.index(end, offsetBy: 2)...]
            let line = state.line
            state.line += newlines(in: inside)
            if inside.last == "-" {
                inside = inside.dropLast()
                state.trimsNext = true
            }
            if !isTag {
                state.pieces.append(.output(try words(inside, line: line), line: line))
                continue
            }
            let trimmed = inside.drop { $0.isWhitespace }
            let name = String(trimmed.prefix { $0.isLetter || $0 == "_" || $0 == "#" })
            if name == "raw" || name == "comment" {
                rest = try verbatim(name, rest, &state)
            } else if name.hasPrefix("#") {
                continue
            } else {
                let arguments = try words(trimmed.dropFirst(name.count), line: line)
                state.pieces.append(.tag(name, arguments, line: line))
            }
        }
        return state.pieces
    }

    private static func opening(_ text: Substring) -> Substring.Index? {
        var index = text.startIndex
        while let brace = text[index...].firstIndex(of: "{") {
            let next = text.index(after: brace)
            guard next < text.endIndex else { return nil }
            if text[next] == "{" || text[next] == "%" { return brace }
            index = next
        }
        return nil
    }

    /// The end of an output or a tag, which may hold it in quotes.
    private static func closing(_ text: Substring, _ close: String) -> Substring.Index? {
        var index = text.startIndex
        var quote: Character?
        while index < text.endIndex {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if text[index...].hasPrefix(close) {
                return index
            }
            index = text.index(after: index)
        }
        return nil
    }

    private static func newlines(in text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + ($1.isNewline ? 1 : 0) }
    }

    private static func add(_ text: String, _ state: inout State) {
        let kept = state.trimsNext ? String(text.drop { $0.isWhitespace }) : text
        if !text.isEmpty { state.trimsNext = false }
        if !kept.isEmpty { state.pieces.append(.text(kept)) }
    }

    /// What stands between `raw` and `endraw` (comments alike, which are dropped). Returns what comes after.
    private static func verbatim(_ name: String, _ rest: Substring, _ state: inout State) throws -> Substring {
        guard let end = rest.firstMatch(of: name == "raw" ? /\{%-?\s*endraw\s*(-?)%\}/ : /\{%-?\s*endcomment\s*(-?)%\}/)
        else { throw LiquidError(.missingEnd(name), line: state.line) }
        let inside = String(rest[..<end.range.lowerBound])
        let trims = !end.1.isEmpty
        if name == "raw" {
            var kept = inside
            if rest[end.range].hasPrefix("{%-") {
                while kept.last?.isWhitespace == true { kept.removeLast() }
            }
            add(kept, &state)
        }
        state.line += newlines(in: inside)
        state.trimsNext = trims
        return rest[end.range.upperBound...]
    }

    private static let pairs = ["==", "!=", "<>", "<=", ">=", ".."]

    private static func words(_ text: Substring, line: Int) throws -> [Word] {
        var words: [Word] = []
        var rest = text
        while let first = rest.first {
            if first.isWhitespace {
                rest = rest.dropFirst()
            } else if first == "\"" || first == "'" {
                let body = rest.dropFirst().prefix { $0 != first }
                rest = rest.dropFirst(body.count + 2)
                words.append(.literal(.string(String(body))))
            } else if first.isNumber || first == "-" && rest.dropFirst().first?.isNumber == true {
                let (value, length) = number(rest)
                words.append(.literal(value))
                rest = rest.dropFirst(length)
            } else if first.isLetter || first == "_" {
                let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == "?" }
                words.append(.name(String(name)))
                rest = rest.dropFirst(name.count)
            } else if let pair = pairs.first(where: { rest.hasPrefix($0) }) {
                words.append(.sign(pair))
                rest = rest.dropFirst(2)
            } else if "|:,.[]()=<>".contains(first) {
                words.append(.sign(String(first)))
                rest = rest.dropFirst()
            } else {
                throw LiquidError(.unexpected(String(first)), line: line)
            }
        }
        return words
    }

    private static func number(_ text: Substring) -> (JSONValue, Int) {
        var digits = text.first == "-" ? "-" : ""
        var rest = text.dropFirst(digits.count)
        digits += rest.prefix { $0.isASCII && $0.isNumber }
        rest = text.dropFirst(digits.count)
        if rest.first == ".", rest.dropFirst().first?.isNumber == true {
            digits += "." + rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            return (.number(Double(digits) ?? 0), digits.count)
        }
        return (.integer(Int64(digits) ?? 0), max(digits.count, 1))
    }
}
