/// Writing JSON strings and integers without a tree.
package enum JSONText {
    private static let hex = Array("0123456789abcdef".utf8)

    /// Appends a string in quotes, escaped as RFC 8259 asks and no further.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(JSONLexer.quote)
        var text = text
        text.withUTF8 { utf8 in
            // What needs no escape, which is nearly all, is copied in runs.
            var start = 0
            for index in 0..<utf8.count where needsEscape(utf8[index]) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
                escape(utf8[index], to: &bytes)
                start = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<utf8.count]))
        }
        bytes.append(JSONLexer.quote)
    }

    /// Appends an integer in decimal digits.
    package static func append(_ number: Int64, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: digitsMax) { text in
            var first = text.count
            var rest = number.magnitude
            repeat {
                first -= 1
                text[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                first -= 1
                text[first] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: UnsafeMutableBufferPointer(rebasing: text[first...]))
        }
    }

    /// Of the smallest integer, with its sign.
    private static let digitsMax = 20

    /// A string in quotes.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 2)
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == JSONLexer.quote || byte == JSONLexer.backslash
    }

    private static func escape(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(JSONLexer.backslash)
        switch byte {
        case JSONLexer.quote, JSONLexer.backslash: bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(hex[Int(byte >> 4)])
            bytes.append(hex[Int(byte & 15)])
        }
    }
}
