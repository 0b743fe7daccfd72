import Storage

/// The people of a segment for the audience upload of an ad platform: hashed addresses and numbers, nothing else.
///
/// SHA-256 in lower-case hexadecimal over what the platforms ask for: e-mail in lower case and without blanks (Google
/// Customer Match; Meta Custom Audiences); phone as E.164 with its plus (Google), as digits with the country's code
/// (Meta), and, of numbers of mainland China, as the eleven digits (Tencent Ads, Ocean Engine). A hash of a phone number
/// can be guessed by trying all numbers: the file stays personal data.
///
/// Somebody who refused a channel is not advertised to by its address: e-mail goes with `email`, phone with `sms`.
package enum SegmentAdExport {
    package static let header = "email_sha256,phone_e164_sha256,phone_digits_sha256,phone_cn_sha256\r\n"

    private static let mainland = "+86"
    private static let mainlandDigits = 11

    /// The lines of one page and the id to continue after; nil when there are no more. Throws: `StorageError`.
    package static func page(
        _ id: Int64, after: Int64, _ connection: any SQLConnection
    ) throws -> (lines: String, next: Int64?) {
        let members = try Segments.members(id, after: after, limit: SegmentExport.pagePeople, connection)
        guard let last = members.last else { return ("", nil) }
        let ids = members.map { [SQLValue.integer($0.profileID)] }
        let states = try connection.queryMany("SELECT state FROM profiles WHERE id = ?", ids)
        let identities = try connection.queryMany(
            "SELECT kind, value FROM identities WHERE profile_id = ? AND kind IN ('phone', 'email') ORDER BY kind, value",
            ids)
        var lines = ""
        for index in members.indices {
            let consent = try states[index].first.map { try ProfileState(parsing: $0.text(0)).consent } ?? [:]
            var known: [String: String] = [:]
            for row in identities[index] {
                let kind = try row.text(0)
                if known[kind] == nil { known[kind] = try row.text(1) }
            }
            if consent["email"]?.isGranted == false { known["email"] = nil }
            if consent["sms"]?.isGranted == false { known["phone"] = nil }
            lines += line(email: known["email"], phone: known["phone"])
        }
        return (lines, members.count < SegmentExport.pagePeople ? nil : last.profileID)
    }

    /// Empty when there is nothing to match by.
    static func line(email: String?, phone: String?) -> String {
        guard email != nil || phone != nil else { return "" }
        let address = email.map { $0.filter { !$0.isWhitespace }.lowercased() }
        let digits = phone.map { $0.filter(\.isNumber) }
        let local = phone.flatMap { phone -> String? in
            guard phone.hasPrefix(mainland) else { return nil }
            let rest = String(phone.dropFirst(mainland.count))
            return rest.count == mainlandDigits ? rest : nil
        }
        let international = digits.map { "+" + $0 }
        return [address, international, digits, local].map { $0.map(hash) ?? "" }.joined(separator: ",") + "\r\n"
    }

    private static func hash(_ text: String) -> String { Digest.sha256(Array(text.utf8)) }
}
