/// The small markup of texts in letters: `**bold**`, `*italic*`, `[words](https://…)`; a backslash takes a sign's meaning.
enum EmailMarkup {
    private static let signs = Set("*[]()\\".utf8)
    private static let backslash = UInt8(ascii: "\\")

    /// What a value says, with its signs meaning nothing.
    @Sendable static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: signs.contains) else { return text }
        var out: [UInt8] = []
        for byte in text.utf8 {
            if signs.contains(byte) { out.append(backslash) }
            out.append(byte)
        }
        return String(decoding: out, as: UTF8.self)
    }

    private enum Piece {
        case text(String)
        case bold, italic
        case link(String, String)
    }

    /// The signs are ASCII, so none of them is part of another character's bytes.
    private static func pieces(_ source: String) -> [Piece] {
        guard source.utf8.contains(where: signs.contains) else { return source.isEmpty ? [] : [.text(source)] }
        let bytes = Array(source.utf8)
        var pieces: [Piece] = []
        var text: [UInt8] = []
        func flush() {
            if !text.isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self))) }
            text = []
        }
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case backslash:
                if place < bytes.count { text.append(bytes[place]) }
                place += 1
            case UInt8(ascii: "*"):
                flush()
                let isDouble = place < bytes.count && bytes[place] == byte
                if isDouble { place += 1 }
                pieces.append(isDouble ? .bold : .italic)
            case UInt8(ascii: "["):
                guard let (words, middle) = run(bytes, from: place, to: UInt8(ascii: "]"), hasBlanks: true),
                    middle < bytes.count, bytes[middle] == UInt8(ascii: "("),
                    let (address, end) = run(bytes, from: middle + 1, to: UInt8(ascii: ")"), hasBlanks: false)
                else {
                    text.append(byte)
                    continue
                }
                flush()
                pieces.append(.link(words, address))
                place = end
            default: text.append(byte)
            }
        }
        flush()
        return pieces
    }

    /// What stands before a closing sign, and the place behind it; nil where it is not closed.
    private static func run(
        _ bytes: [UInt8], from start: Int, to closing: UInt8, hasBlanks: Bool
    ) -> (String, Int)? {
        var inside: [UInt8] = []
        var place = start
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == closing { return (String(decoding: inside, as: UTF8.self), place) }
            if byte == backslash {
                guard place < bytes.count else { return nil }
                inside.append(bytes[place])
                place += 1
            } else if !hasBlanks, byte == 0x20 || (9...13).contains(byte) {
                return nil
            } else {
                inside.append(byte)
            }
        }
        return nil
    }

    static func html(_ source: String, _ link: (String) -> String) -> String {
        var out = ""
        var (isBold, isItalic) = (false, false)
        for piece in pieces(source) {
            switch piece {
            case .text(let text):
                let safe = HTMLText.escaped(text)
                out += safe.utf8.contains(UInt8(ascii: "\n")) ? safe.replacing("\n", with: "<br>") : safe
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
