/// Writing JSON strings without a tree.
package enum JSONText {
    private static let hex = Array("0123456789abcdef".utf8)

    /// Appends a string in quotes, escaped as RFC 8259 asks and no further.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(JSONLexer.quote)
        for byte in text.utf8 {
            switch byte {
            case JSONLexer.quote, JSONLexer.backslash: bytes += [JSONLexer.backslash, byte]
            case 0x0A: bytes += [JSONLexer.backslash, UInt8(ascii: "n")]
            case 0x0D: bytes += [JSONLexer.backslash, UInt8(ascii: "r")]
            case 0x09: bytes += [JSONLexer.backslash, UInt8(ascii: "t")]
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes += [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(JSONLexer.quote)
    }

    /// A string in quotes.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 2)
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
