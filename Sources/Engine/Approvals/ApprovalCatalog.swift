import Storage

/// One kind of thing that needs two people. To add one: a file with its `ApprovalKind`, and a line in `ApprovalCatalog`.
package struct ApprovalKind: Sendable {
    /// The word in `approvals.kind`.
    package let name: String
    /// Does what was asked for, in the transaction of the decision, and answers what came of it. What it throws keeps
    /// the decision from being made.
    let perform: @Sendable (Approval, _ decidedBy: String, Effects, any SQLConnection) throws -> String

    package init(
        name: String, perform: @escaping @Sendable (Approval, String, Effects, any SQLConnection) throws -> String
    ) {
        self.name = name
        self.perform = perform
    }
}

package enum ApprovalCatalog {
    package static let kinds: [ApprovalKind] = [
        PointsAdjustment.kind,
        LadderPublication.kind,
        BroadcastApproval.kind,
    ]
}
