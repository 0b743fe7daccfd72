/// Something that one user asked for and another decides.
package struct Approval: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case asked, approved, refused, withdrawn
    }

    package var id: Int64
    /// A word of `ApprovalCatalog`.
    package var kind: String
    /// What it is about: `member:ID`.
    package var subject: String
    /// What is done once it is approved: JSON, of the kind.
    package var request: String
    package var key: String
    /// Why, in the words of who asked.
    package var reason: String
    /// `user:ID` or `key:ID`.
    package var askedBy: String
    package var askedAt: Timestamp
    package var state: State
    package var decidedBy: String
    package var decidedAt: Timestamp?
    /// Of who decided.
    package var note: String
    /// What came of it, of the kind.
    package var result: String
}

/// Why an approval was refused its way. What is refused changes nothing.
package enum ApprovalError: Error, Sendable, Equatable {
    case notFound(Int64)
    /// Approved, refused or withdrawn before.
    case decided(Approval.State)
    /// Who asks does not decide.
    case own
    /// Only who asked withdraws.
    case notYours
    case keyReused(String)
    case tooLong(field: String, limit: Int)
}

/// Bounds of approvals.
package enum ApprovalLimits {
    /// As much as a note in the ledger takes.
    package static let reasonBytes = 500
    package static let keyBytes = 160
}
