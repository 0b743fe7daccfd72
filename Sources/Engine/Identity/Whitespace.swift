/// Cutting blanks off the ends, without Foundation's cost on the usual value that has none.
package enum Whitespace {
    package static func trim(_ text: String) -> String {
        guard let first = text.utf8.first, let last = text.utf8.last else { return text }
        // Every blank outside ASCII begins and ends with a byte above 0x7F.
        if first > 0x20, first < 0x7F, last > 0x20, last < 0x7F { return text }
        let isBlank = { (character: Character) in character.isWhitespace || character == "\u{FEFF}" }
        guard let start = text.firstIndex(where: { !isBlank($0) }),
            let end = text.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(text[start...end])
    }
}
