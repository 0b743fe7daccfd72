/// Identity claims as they stand in the log: kinds and values in turn, parted by U+001F, which is dropped from values.
///
/// A plain separator instead of JSON keeps the hot path free of a parser.
enum IdentityText {
    private static let separator: UInt8 = 0x1F

    static func encode(_ claims: [IdentityClaim]) -> String {
        var text = ""
        for claim in claims {
            if !text.isEmpty { text.unicodeScalars.append("\u{1F}") }
            text += clean(claim.kind)
            text.unicodeScalars.append("\u{1F}")
            text += clean(claim.value)
        }
        return text
    }

    private static func clean(_ text: String) -> String {
        guard text.utf8.contains(separator) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value != UInt32(separator) }))
    }

    static func decode(_ text: String) -> [IdentityClaim] {
        guard !text.isEmpty else { return [] }
        let parts = text.utf8.split(separator: separator, omittingEmptySubsequences: false)
        var claims: [IdentityClaim] = []
        claims.reserveCapacity(parts.count / 2)
        var index = 0
        while index + 1 < parts.count {
            claims.append(
                IdentityClaim(
                    kind: String(decoding: parts[index], as: UTF8.self),
                    value: String(decoding: parts[index + 1], as: UTF8.self)))
            index += 2
        }
        return claims
    }
}
