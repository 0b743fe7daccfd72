import Storage

/// The people of a segment as CSV (RFC 4180), with a line of names: one page after the other.
package enum SegmentExport {
    package static let pagePeople = 2_000

    package static let header = "profile_id,name,user_id,phone,email,entered_at\r\n"

    /// The lines of one page and the id to continue after; nil when there are no more. Throws: `StorageError`.
    package static func page(
        _ id: Int64, after: Int64, _ connection: any SQLConnection
    ) throws -> (lines: String, next: Int64?) {
        let members = try Segments.members(id, after: after, limit: pagePeople, connection)
        guard let last = members.last else { return ("", nil) }
        let ids = members.map { [SQLValue.integer($0.profileID)] }
        let names = try connection.queryMany("SELECT display_name FROM profiles WHERE id = ?", ids)
        let identities = try connection.queryMany(
            """
            SELECT kind, value FROM identities WHERE profile_id = ? AND kind IN ('user_id', 'phone', 'email')
            ORDER BY kind, value
            """, ids)
        var lines = ""
        for (index, member) in members.enumerated() {
            var known: [String: String] = [:]
            for row in identities[index] {
                let kind = try row.text(0)
                if known[kind] == nil { known[kind] = try row.text(1) }
            }
            let fields = [
                String(member.profileID), try names[index].first?.textOrNil(0) ?? "", known["user_id"] ?? "",
                known["phone"] ?? "", known["email"] ?? "",
                Timestamp(milliseconds: member.enteredMS).iso8601,
            ]
            lines += fields.map(field).joined(separator: ",") + "\r\n"
        }
        return (lines, members.count < pagePeople ? nil : last.profileID)
    }

    /// Quoted where it has to be; a text that a spreadsheet would take for a formula gets an apostrophe before it.
    static func field(_ text: String) -> String {
        var text = text
        if let first = text.first, "=@\t\r".contains(first) || (first == "-" && Int64(text) == nil) {
            text = "'" + text
        }
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
