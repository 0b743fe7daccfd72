/// The lexical rules of RFC 8259 over raw bytes, shared by `JSONScanner` and the tree parser.
///
/// Flaws inside a token (a bad escape, bytes that are not UTF-8, `NaN`) are reported beside its end instead of being
/// thrown, so that the scanner can tell where the flawed value ends and go on behind it.
enum JSONLexer {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")

    struct Token {
        var end: Int
        var hasEscapes = false
        /// A string with an escaped U+0000, which PostgreSQL cannot keep as text.
        var hasNUL = false
        /// A number without fraction and exponent.
        var isInteger = false
        var flaw: JSONError?

        fileprivate mutating func note(_ reason: JSONError.Reason, at offset: Int) {
            if flaw == nil { flaw = JSONError(reason, at: offset) }
        }
    }

    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// The string whose opening quote is at `start`.
    static func string(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws(JSONError) -> Token {
        var token = Token(end: start)
        var index = start + 1
        while true {
            index = plainRun(bytes, from: index)
            guard index < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
            let byte = bytes[index]
            if byte == quote {
                token.end = index + 1
                return token
            } else if byte == backslash {
                token.hasEscapes = true
                index = try escape(bytes, at: index, &token)
            } else if byte < 0x20 {
                token.note(.controlCharacter, at: index)
                index += 1
            } else {
                let length = sequenceLength(bytes, at: index)
                if length == 0 { token.note(.badUTF8, at: index) }
                index += max(length, 1)
            }
        }
    }

    /// Where the next quote, backslash, control character or byte above ASCII is; eight bytes at a time.
    @inline(__always)
    private static func plainRun(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        var index = start
        if let base = bytes.baseAddress {
            let raw = UnsafeRawPointer(base)
            while index + 8 <= bytes.count {
                let chunk = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let quotes = chunk ^ (ones &* 0x22)
                let slashes = chunk ^ (ones &* 0x5C)
                let hits =
                    ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes)
                    | ((chunk &- (ones &* 0x20)) & ~chunk) | chunk
                let mask = hits & high
                if mask != 0 { return index + mask.trailingZeroBitCount / 8 }
                index += 8
            }
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == quote || byte == backslash || byte < 0x20 || byte >= 0x80 { return index }
            index += 1
        }
        return index
    }

    private static func escape(
        _ bytes: UnsafeBufferPointer<UInt8>, at index: Int, _ token: inout Token
    ) throws(JSONError) -> Int {
        guard index + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        switch bytes[index + 1] {
        case quote, backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return index + 2
        case UInt8(ascii: "u"):
            guard let unit = hexUnit(bytes, at: index + 2) else {
                token.note(.badEscape, at: index)
                return index + 2
            }
            if unit == 0 { token.hasNUL = true }
            return index + 6
        default:
            token.note(.badEscape, at: index)
            // A control character or a byte above ASCII is looked at by itself.
            return bytes[index + 1] < 0x20 || bytes[index + 1] >= 0x80 ? index + 1 : index + 2
        }
    }

    /// The four hexadecimal digits of a `\u` escape.
    static func hexUnit(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for index in start..<start + 4 {
            guard let digit = hexDigit(bytes[index]) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): return UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): return UInt32(byte - UInt8(ascii: "A") + 10)
        default: return nil
        }
    }

    /// Length of the well-formed UTF-8 sequence that begins here, 0 when there is none. Unicode 15, table 3-7.
    static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        func continues(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            index + offset < bytes.count && range.contains(bytes[index + offset])
        }
        switch bytes[index] {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: return continues(1) ? 2 : 0
        case 0xE0: return continues(1, 0xA0...0xBF) && continues(2) ? 3 : 0
        case 0xED: return continues(1, 0x80...0x9F) && continues(2) ? 3 : 0
        case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : 0
        case 0xF0: return continues(1, 0x90...0xBF) && continues(2) && continues(3) ? 4 : 0
        case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
        case 0xF4: return continues(1, 0x80...0x8F) && continues(2) && continues(3) ? 4 : 0
        default: return 0
        }
    }
}
