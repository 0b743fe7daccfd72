#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Bytes of a record inside a reader's buffer, valid until the reader moves on.
typealias ByteView = UnsafeBufferPointer<UInt8>

/// ASCII that the parsers look for.
enum ASCII {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let comma = UInt8(ascii: ",")
    static let minus = UInt8(ascii: "-")
    static let plus = UInt8(ascii: "+")
    static let point = UInt8(ascii: ".")
    static let slash = UInt8(ascii: "/")
    static let colon = UInt8(ascii: ":")
    static let zero = UInt8(ascii: "0")
    static let nine = UInt8(ascii: "9")

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }
}

extension UnsafeBufferPointer<UInt8> {
    /// The text; the reader has checked that it is UTF-8.
    @inline(__always)
    var text: String { String(decoding: self, as: UTF8.self) }

    @inline(__always)
    func part(_ from: Int, _ to: Int) -> ByteView { ByteView(rebasing: self[from..<to]) }

    /// Without spaces, tabs and U+3000 (the wide space of Chinese text) around it.
    var trimmed: ByteView {
        var start = 0
        var end = count
        while start < end {
            if self[start] == ASCII.space || self[start] == ASCII.tab {
                start += 1
            } else if end - start >= 3, isWideSpace(at: start) {
                start += 3
            } else {
                break
            }
        }
        while end > start {
            if self[end - 1] == ASCII.space || self[end - 1] == ASCII.tab {
                end -= 1
            } else if end - start >= 3, isWideSpace(at: end - 3) {
                end -= 3
            } else {
                break
            }
        }
        return start == 0 && end == count ? self : part(start, end)
    }

    /// U+3000 and U+00A0 would be invisible in a message; only the first is common in exports.
    private func isWideSpace(at index: Int) -> Bool {
        self[index] == 0xE3 && self[index + 1] == 0x80 && self[index + 2] == 0x80
    }

    var hasHighBytes: Bool {
        var index = 0
        let base = UnsafeRawPointer(baseAddress)
        while let base, index + 8 <= count {
            if base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return true }
            index += 8
        }
        while index < count {
            if self[index] >= 0x80 { return true }
            index += 1
        }
        return false
    }

    /// The offset of the first byte that breaks UTF-8 (RFC 3629: no overlong forms, no surrogates), if any.
    var firstInvalidUTF8: Int? {
        var index = 0
        while index < count {
            let lead = self[index]
            if lead < 0x80 {
                index += 1
                continue
            }
            let length = UTF8Shape.length(ofLead: lead)
            guard length > 0, index + length <= count, UTF8Shape.isSecond(self[index + 1], after: lead) else {
                return index
            }
            for offset in 2..<Swift.max(length, 2) where self[index + offset] & 0xC0 != 0x80 { return index }
            index += length
        }
        return nil
    }

    func contains(byte: UInt8) -> Bool {
        guard let baseAddress, count > 0 else { return false }
        return memchr(baseAddress, Int32(byte), count) != nil
    }

    func hasPrefix(_ other: StaticString) -> Bool {
        count >= other.utf8CodeUnitCount && part(0, other.utf8CodeUnitCount).equals(other)
    }

    func hasSuffix(_ other: StaticString) -> Bool {
        count >= other.utf8CodeUnitCount && part(count - other.utf8CodeUnitCount, count).equals(other)
    }

    func equals(_ other: StaticString) -> Bool {
        guard count == other.utf8CodeUnitCount else { return false }
        guard let baseAddress, count > 0 else { return true }
        return memcmp(baseAddress, other.utf8Start, count) == 0
    }
}

/// Well-formed UTF-8 byte sequences. Source: The Unicode Standard, table 3-7.
enum UTF8Shape {
    /// Bytes of the sequence that a lead byte opens; 0 for a byte that cannot lead.
    static func length(ofLead lead: UInt8) -> Int {
        switch lead {
        case 0..<0x80: 1
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 0
        }
    }

    static func isSecond(_ byte: UInt8, after lead: UInt8) -> Bool {
        switch lead {
        case 0xE0: 0xA0...0xBF ~= byte
        case 0xED: 0x80...0x9F ~= byte
        case 0xF0: 0x90...0xBF ~= byte
        case 0xF4: 0x80...0x8F ~= byte
        default: 0x80...0xBF ~= byte
        }
    }
}
