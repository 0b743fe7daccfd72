/// The small markup of texts in letters: `**bold**`, `*italic*`, `[words](https://…)`; a backslash takes a sign's meaning.
enum EmailMarkup {
    private static let signs: Set<Character> = ["*", "[", "]", "(", ")", "\\"]

    /// What a value says, with its signs meaning nothing.
    @Sendable static func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            if signs.contains(character) { out.append("\\") }
            out.append(character)
        }
        return out
    }

    private enum Piece {
        case text(String)
        case bold, italic
        case link(String, String)
    }

    private static func pieces(_ source: String) -> [Piece] {
        var pieces: [Piece] = []
        var text = ""
        let flush = { (pieces: inout [Piece], text: inout String) in
            if !text.isEmpty { pieces.append(.text(text)) }
            text = ""
        }
        var rest = Substring(source)
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                if let next = rest.popFirst() { text.append(next) }
            case "*":
                flush(&pieces, &text)
                if rest.first == "*" {
                    rest.removeFirst()
                    pieces.append(.bold)
                } else {
                    pieces.append(.italic)
                }
            case "[":
                guard let found = rest.prefixMatch(of: /((?:\\.|[^\]\\])*)\]\(((?:\\.|[^)\\\s])*)\)/) else {
                    text.append(character)
                    continue
                }
                flush(&pieces, &text)
                pieces.append(.link(bare(String(found.1)), bare(String(found.2))))
                rest = rest[found.range.upperBound...]
            default: text.append(character)
            }
        }
        flush(&pieces, &text)
        return pieces
    }

    private static func bare(_ text: String) -> String { text.replacing(/\\(.)/) { String($0.1) } }

    static func html(_ source: String, _ link: (String) -> String) -> String {
        var out = ""
        var (isBold, isItalic) = (false, false)
        for piece in pieces(source) {
            switch piece {
            case .text(let text): out += HTMLText.escaped(text).replacing("\n", with: "<br>")
            case .bold:
                out += isBold ? "</strong>" : "<strong>"
                isBold.toggle()
            case .italic:
                out += isItalic ? "</em>" : "<em>"
                isItalic.toggle()
            case .link(let words, let address):
                let isWeb = ["https://", "http://", "mailto:", "tel:"].contains { address.lowercased().hasPrefix($0) }
                out += isWeb ? EmailPage.anchor(link(address), HTMLText.escaped(words)) : HTMLText.escaped(words)
            }
        }
        return out + (isItalic ? "</em>" : "") + (isBold ? "</strong>" : "")
    }

    static func text(_ source: String) -> String {
        pieces(source).map { piece in
            switch piece {
            case .text(let text): text
            case .bold, .italic: ""
            case .link(let words, let address): "\(words) (\(address))"
            }
        }.joined()
    }
}
