/// Text as it may stand in HTML.
package enum HTMLText {
    private static let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

    package static func escaped(_ text: String) -> String { written(text, breaksLines: false) }

    /// The same with `<br>` for each line feed; the two characters of CRLF stay as they are.
    static func escapedInLines(_ text: String) -> String { written(text, breaksLines: true) }

    private static func written(_ source: String, breaksLines: Bool) -> String {
        var text = source
        let out = text.withUTF8 { bytes -> [UInt8] in
            var out: [UInt8] = []
            var start = 0
            for place in 0..<bytes.count {
                let byte = bytes[place]
                // All that are looked for stand there or before.
                guard byte <= UInt8(ascii: ">") else { continue }
                let isBreak = breaksLines && byte == lineFeed && (place == 0 || bytes[place - 1] != carriageReturn)
                guard let sign = isBreak ? "<br>" : entity(of: byte) else { continue }
                if start == 0 { out.reserveCapacity(bytes.count + 64) }
                out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<place]))
                out.append(contentsOf: sign.utf8)
                start = place + 1
            }
            if start > 0 { out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<bytes.count])) }
            return out
        }
        return out.isEmpty ? source : String(decoding: out, as: UTF8.self)
    }

    private static func entity(of byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }
}
