extension JSONLexer {
    private static let minus = UInt8(ascii: "-")
    private static let point = UInt8(ascii: ".")

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// The number that begins at `start` with a digit or a minus sign.
    static func number(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Token {
        var index = start
        func digits() -> Int {
            let from = index
            while index < bytes.count, isDigit(bytes[index]) { index += 1 }
            return index - from
        }
        func flawed(_ reason: JSONError.Reason) -> Token {
            Token(end: max(wordEnd(bytes, from: index), start + 1), flaw: JSONError(reason, at: start))
        }
        if bytes[index] == minus { index += 1 }
        let whole = index
        let wholeDigits = digits()
        guard wholeDigits > 0 else { return flawed(.badNumber) }
        if wholeDigits > 1, bytes[whole] == UInt8(ascii: "0") { return flawed(.badNumber) }
        var isInteger = true
        var exponentDigits = 0
        if index < bytes.count, bytes[index] == point {
            isInteger = false
            index += 1
            guard digits() > 0 else { return flawed(.badNumber) }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index += 1
            if index < bytes.count, bytes[index] == minus || bytes[index] == UInt8(ascii: "+") { index += 1 }
            exponentDigits = digits()
            guard exponentDigits > 0 else { return flawed(.badNumber) }
        }
        guard index == bytes.count || isDelimiter(bytes[index]) else { return flawed(.badNumber) }
        // Only such numbers can leave the range of a double.
        if exponentDigits > 2 || wholeDigits > 300, !double(bytes, start..<index).isFinite {
            return flawed(.numberOutOfRange)
        }
        return Token(end: index, isInteger: isInteger)
    }

    /// The value of a well-formed number.
    static func double(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Double {
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        return Double(text) ?? .infinity
    }

    /// The value of a well-formed integer; nil when it needs more than 64 bits.
    static func integer(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int64? {
        var value: Int64 = 0
        let negative = bytes[range.lowerBound] == minus
        for index in (negative ? range.lowerBound + 1 : range.lowerBound)..<range.upperBound {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let digit = Int64(bytes[index] &- UInt8(ascii: "0"))
            let (sum, carried) = product.addingReportingOverflow(negative ? -digit : digit)
            if overflow || carried { return nil }
            value = sum
        }
        return value
    }

    /// `true`, `false` or `null`; any other bare word is a flaw.
    static func literal(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> (token: Token, kind: JSONKind) {
        let end = wordEnd(bytes, from: start)
        if matches(bytes, start..<end, "true") { return (Token(end: end), .bool) }
        if matches(bytes, start..<end, "false") { return (Token(end: end), .bool) }
        if matches(bytes, start..<end, "null") { return (Token(end: end), .null) }
        return (Token(end: end, flaw: JSONError(.badLiteral, at: start)), .null)
    }

    /// Whether the bytes of a range spell an ASCII word.
    @inline(__always)
    static func matches(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != word.utf8Start[offset] {
            return false
        }
        return true
    }

    /// Where a bare word ends: at the next space or structural character.
    static func wordEnd(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, !isDelimiter(bytes[index]) { index += 1 }
        return index
    }

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ":"), UInt8(ascii: "["),
            UInt8(ascii: "{"), quote:
            return true
        default:
            return isSpace(byte)
        }
    }

    /// The text between the quotes of a flawless string, escapes resolved. A lone surrogate becomes U+FFFD.
    static func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, hasEscapes: Bool) -> String {
        let inner = UnsafeBufferPointer(rebasing: bytes[range.lowerBound + 1..<range.upperBound - 1])
        guard hasEscapes else { return String(decoding: inner, as: UTF8.self) }
        var text: [UInt8] = []
        text.reserveCapacity(inner.count)
        var index = 0
        while index < inner.count {
            guard inner[index] == backslash, index + 1 < inner.count else {
                text.append(inner[index])
                index += 1
                continue
            }
            if inner[index + 1] == UInt8(ascii: "u") {
                index = appendUnicode(inner, at: index, to: &text)
            } else {
                text.append(escaped(inner[index + 1]))
                index += 2
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func escaped(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        default: return letter
        }
    }

    private static func appendUnicode(
        _ bytes: UnsafeBufferPointer<UInt8>, at index: Int, to text: inout [UInt8]
    ) -> Int {
        guard let unit = hexUnit(bytes, at: index + 2) else { return index + 2 }
        var scalar = Unicode.Scalar(unit)
        var next = index + 6
        if (0xD800...0xDBFF).contains(unit), next + 6 <= bytes.count, bytes[next] == backslash,
            bytes[next + 1] == UInt8(ascii: "u"), let low = hexUnit(bytes, at: next + 2),
            (0xDC00...0xDFFF).contains(low)
        {
            scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            next += 6
        }
        text.append(contentsOf: Unicode.UTF8.encode(scalar ?? "\u{FFFD}") ?? Unicode.UTF8.encodedReplacementCharacter)
        return next
    }
}
