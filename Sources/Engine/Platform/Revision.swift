/// Which version of a definition somebody looked at before they changed it: a fingerprint of what is stored.
///
/// A form carries the revision of what it showed. The change is refused when what is stored by then is something else,
/// so that two people who edit the same definition are told and nothing is overwritten unseen.
package struct Revision: Sendable, Equatable {
    package let text: String
    private static let characters = 16

    /// The revision of a definition. Throws: `EncodingError` for values JSON cannot express.
    package init(of definition: some Encodable) throws {
        let content = try StoredDocument.text([definition])
        text = String(Digest.sha256(Array(content.utf8)).prefix(Revision.characters))
    }

    /// Call in the transaction that writes, with what is stored then. `seen` nil or empty stands for a form that was
    /// not shown any version. Throws: `EditConflict`.
    package static func check(_ seen: String?, against definition: some Encodable) throws {
        try check(seen, at: try Revision(of: definition))
    }

    /// The same of a definition that tells its revision. Throws: `EditConflict`.
    package static func check(_ seen: String?, at current: Revision) throws {
        guard seen == current.text else { throw EditConflict(current: current) }
    }
}

/// Somebody else changed the definition since it was opened for editing.
package struct EditConflict: Error, Sendable, Equatable {
    /// Of what is stored now: sent again with it, the change goes through.
    package let current: Revision
}
