/// Addresses of electronic mail as identities: trimmed, lower-case, and plausible.
enum EmailAddress {
    /// RFC 5321, section 4.5.3.1.3.
    private static let bytesLimit = 254

    /// Nil when the text has no local part, no dotted domain, or blanks inside.
    static func normalise(_ text: String) -> String? {
        let address = text.lowercased()
        guard address.utf8.count <= bytesLimit, !address.contains(where: \.isWhitespace) else { return nil }
        guard let at = address.lastIndex(of: "@"), at > address.startIndex else { return nil }
        let domain = address[address.index(after: at)...]
        guard domain.contains("."), !domain.hasPrefix("."), !domain.hasSuffix("."), !domain.contains("..") else {
            return nil
        }
        return address
    }
}
