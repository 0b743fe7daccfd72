/// Turns the portable `?` into PostgreSQL's `$1`, `$2`, …, outside of quotes and comments.
enum PostgreSQLPlaceholders {
    static func number(_ text: String) -> (text: String, count: Int) {
        replace(text) { "$\($0)" }
    }

    /// Puts `name` of its number (from 1) in the place of each `?`.
    static func replace(_ text: String, _ name: (Int) -> String) -> (text: String, count: Int) {
        var scanner = Scanner()
        var numbered: [UInt8] = []
        numbered.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if scanner.isPlaceholder(byte) {
                numbered.append(contentsOf: name(scanner.count).utf8)
            } else {
                numbered.append(byte)
            }
        }
        return (String(decoding: numbered, as: UTF8.self), scanner.count)
    }

    /// Follows a statement byte by byte. A doubled quote inside a string ends one and begins the next, which is the same.
    private struct Scanner {
        private enum Place {
            case code, string, identifier, lineComment, blockComment
        }

        private(set) var count = 0
        private var place = Place.code
        private var previous: UInt8 = 0

        mutating func isPlaceholder(_ byte: UInt8) -> Bool {
            let pair = (previous, byte)
            previous = byte
            switch (place, byte) {
            case (.code, UInt8(ascii: "?")):
                count += 1
                return true
            case (.code, UInt8(ascii: "'")): place = .string
            case (.code, UInt8(ascii: "\"")): place = .identifier
            case (.code, UInt8(ascii: "-")) where pair.0 == byte: place = .lineComment
            case (.code, UInt8(ascii: "*")) where pair.0 == UInt8(ascii: "/"): place = .blockComment
            case (.string, UInt8(ascii: "'")), (.identifier, UInt8(ascii: "\"")), (.lineComment, UInt8(ascii: "\n")):
                place = .code
            case (.blockComment, UInt8(ascii: "/")) where pair.0 == UInt8(ascii: "*"): place = .code
            default: break
            }
            return false
        }
    }
}
