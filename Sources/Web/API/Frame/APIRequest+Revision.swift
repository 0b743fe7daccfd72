import Engine
import HTTPTypes

/// Two programs, or a program and a person, that change the same definition: an answer carries the definition's
/// revision as `ETag` and in its body, and a change that names it in `If-Match` is made only while it holds (RFC 9110,
/// 13.1.1). It is the revision that forms of the console carry; without `If-Match` the last one wins.
extension APIRequest {
    private static let tagsMax = 20

    /// Call in the transaction that writes, with what is stored then; nil when nothing is.
    /// Throws: `Problem` 412 with the revision that holds.
    package func match(_ current: Revision?) throws {
        guard let wanted = raw.headers[.ifMatch] else { return }
        let tags = wanted.split(separator: ",").prefix(Self.tagsMax).map { tag in
            tag.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        }
        if let current, tags.contains("*") || tags.contains(where: { $0 == current.tag }) { return }
        guard let current else {
            throw Problem(.preconditionFailed, "changed", "There is nothing at this address yet.")
        }
        throw Problem(
            .preconditionFailed, "changed",
            "Somebody changed it since; its revision is \(current.tag) now. Read it, then send that in If-Match.",
            headers: [.eTag: current.tag])
    }
}

extension Revision {
    /// As a strong entity tag.
    var tag: String { "\"\(text)\"" }
}

extension APIResponse {
    /// An answer about one definition at this revision.
    init(_ body: JSONValue, at revision: Revision) {
        self.init(body, headers: [.eTag: revision.tag])
    }
}
