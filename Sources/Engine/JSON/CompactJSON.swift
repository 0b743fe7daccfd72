/// JSON without blanks between its parts: what ClickHouse's `visitParam…` functions can read.
///
/// SDKs that write `"path": "/tea"` would otherwise have properties that no report finds.
enum CompactJSON {
    /// The same text when it has no such blanks.
    static func text(_ json: String) -> String {
        var json = json
        let compact: [UInt8]? = json.withUTF8 { bytes in
            guard let first = blank(in: bytes) else { return nil }
            var kept = Array(bytes[..<first])
            kept.reserveCapacity(bytes.count)
            walk(bytes, from: first) { byte, isBlank in
                if !isBlank { kept.append(byte) }
                return true
            }
            return kept
        }
        return compact.map { String(decoding: $0, as: UTF8.self) } ?? json
    }

    /// Where the first blank outside a text stands.
    private static func blank(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var (place, found): (Int, Int?) = (0, nil)
        walk(bytes, from: 0) { _, isBlank in
            if isBlank { found = place }
            place += 1
            return !isBlank
        }
        return found
    }

    /// Every byte, and whether it is a blank outside a text; `start` is outside of one. Ends when `take` says no.
    private static func walk(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ take: (UInt8, Bool) -> Bool
    ) {
        var (inText, isEscaped) = (false, false)
        for byte in bytes[start...] {
            let isBlank = !inText && (byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09)
            guard take(byte, isBlank) else { return }
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = inText
            } else if byte == UInt8(ascii: "\"") {
                inText.toggle()
            }
        }
    }
}
