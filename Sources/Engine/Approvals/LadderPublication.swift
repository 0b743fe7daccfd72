import Storage

/// A ladder of tiers that waits for a second user (`ApprovalPolicy.coversLadders`). It is published as it was asked for, in
/// place of the one that it was written after, or not at all.
package struct LadderPublication: Codable, Sendable, Equatable {
    package var ladder: TierLadder
    /// The version in force when it was asked for.
    package var after: Int64

    package static let kind = ApprovalKind(name: "tier_ladder") { approval, decidedBy, effects, connection in
        let asked = try StoredDocument.value(LadderPublication.self, from: approval.request)
        let published = try TierLadders.publish(
            asked.ladder, after: asked.after, isApproved: true, by: approval.askedBy, effects: effects, connection)
        try AuditLog.append(
            actor: decidedBy, action: "tiers.publish", subject: "tier_ladder:\(published.version)",
            detail: "asked by \(approval.askedBy)", connection, at: effects.now())
        return String(published.version)
    }

    package init(ladder: TierLadder, after: Int64) {
        self.ladder = ladder
        self.after = after
    }

    /// Asks for it; what could not be published is refused at once. Throws: `TierError`, `ApprovalError`.
    package func ask(
        by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Approval {
        try ladder.validate()
        let request = try StoredDocument.text(self)
        return try Approvals.ask(
            Self.kind, subject: "tier_ladder:\(after)", request: request,
            key: "\(after):\(Digest.sha256(Array(request.utf8)))", reason: "", by: actor, effects, connection)
    }
}
