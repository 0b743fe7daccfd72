import Foundation

/// Base64 with `-` and `_`, unpadded (RFC 4648 §5).
package enum Base64URL {
    private static let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let (plus, slash, padding) = (UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="))

    /// Nil of a text that was not made by `text`.
    package static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.allSatisfy({ $0 != plus && $0 != slash && $0 != padding }) else { return nil }
        var plain = Array(text.utf8)
        for place in plain.indices {
            switch plain[place] {
            case UInt8(ascii: "-"): plain[place] = plus
            case UInt8(ascii: "_"): plain[place] = slash
            default: break
            }
        }
        plain += repeatElement(padding, count: (4 - plain.count % 4) % 4)
        return Data(base64Encoded: Data(plain)).map(Array.init)
    }

    package static func text(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 4 / 3 + 4)
        append(bytes[...], to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// Three bytes are four signs; one that is left is two, two are three.
    static func append(_ bytes: ArraySlice<UInt8>, to out: inout [UInt8]) {
        let signs = Self.signs
        var place = bytes.startIndex
        while place < bytes.endIndex {
            let left = bytes.endIndex - place
            let first = Int(bytes[place])
            let second = left > 1 ? Int(bytes[place + 1]) : 0
            let third = left > 2 ? Int(bytes[place + 2]) : 0
            out.append(signs[first >> 2])
            out.append(signs[(first & 3) << 4 | second >> 4])
            if left > 1 { out.append(signs[(second & 15) << 2 | third >> 6]) }
            if left > 2 { out.append(signs[third & 63]) }
            place += 3
        }
    }
}
