/// The small markup of texts in letters: `**bold**`, `*italic*`, `[words](https://…)`; a backslash takes a sign's meaning.
enum EmailMarkup {
    private static let backslash = UInt8(ascii: "\\")

    private static func isSign(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "*"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "("), UInt8(ascii: ")"), backslash:
            true
        default: false
        }
    }

    private static func hasSigns(_ text: String) -> Bool { text.utf8.contains(where: isSign) }

    /// What a value says, with its signs meaning nothing.
    @Sendable static func escaped(_ text: String) -> String {
        guard hasSigns(text) else { return text }
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if isSign(byte) { out.append(backslash) }
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
        let bytes = Array(source.utf8)
        var pieces: [Piece] = []
        var text: [UInt8] = []
        func flush() {
            guard !text.isEmpty else { return }
            pieces.append(.text(String(decoding: text, as: UTF8.self)))
            text.removeAll(keepingCapacity: true)
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
        guard hasSigns(source) else { return HTMLText.escapedInLines(source) }
        var out = ""
        var (isBold, isItalic) = (false, false)
        for piece in pieces(source) {
            switch piece {
            case .text(let text): out += HTMLText.escapedInLines(text)
            case .bold:
                out += isBold ? "</strong>" : "<strong>"
                isBold.toggle()
            case .italic:
                out += isItalic ? "</em>" : "<em>"
                isItalic.toggle()
            case .link(let words, let address):
                let safe = HTMLText.escaped(words)
                out += address.isLink ? EmailPage.anchor(link(address), safe) : safe
            }
        }
        return out + (isItalic ? "</em>" : "") + (isBold ? "</strong>" : "")
    }

    static func text(_ source: String) -> String {
        guard hasSigns(source) else { return source }
        var out = ""
        for piece in pieces(source) {
            switch piece {
            case .text(let text): out += text
            case .bold, .italic: break
            case .link(let words, let address): out += "\(words) (\(address))"
            }
        }
        return out
    }

    /// The parts of a text between lines with nothing in them.
    static func paragraphs(_ source: String) -> [Substring] {
        guard source.utf8.contains(UInt8(ascii: "\n")) else { return source.isEmpty ? [] : [Substring(source)] }
        return source.split(separator: /\n\s*\n/)
    }
}
