import Storage

/// Points that are given or taken by hand beyond what one user may (`PointsCurrency.approvalAbove`).
package struct PointsAdjustment: Codable, Sendable, Equatable {
    package var account: Int64
    package var currency: String
    /// Below zero: taken.
    package var amount: Int64

    package init(account: Int64, currency: String, amount: Int64) {
        self.account = account
        self.currency = currency
        self.amount = amount
    }

    package static let kind = ApprovalKind(name: "points_adjustment") { approval, decidedBy, effects, connection in
        let asked = try StoredDocument.value(PointsAdjustment.self, from: approval.request)
        let answer = try Points.perform(
            .adjust(
                account: asked.account, currency: asked.currency, asked.amount, key: "approval:\(approval.key)",
                note: [
                    "reason": approval.reason, "asked_by": approval.askedBy, "approved_by": decidedBy,
                ]),
            isApproved: true, effects: effects, connection)
        let done = answer.transactions[0]
        try AuditLog.append(
            actor: decidedBy, action: "points.adjust", subject: "member:\(done.account)",
            detail: "\(done.change) \(done.currency)", connection, at: effects.now())
        return "\(done.account)/\(done.sequence)"
    }

    /// Asks for it; what could never be done is refused at once. Throws: `PointsError`, `ApprovalError`.
    package func ask(
        key: String, reason: String, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Approval {
        guard let definition = try PointsCurrencies.stored(currency, connection)?.currency else {
            throw PointsError.unknownCurrency(currency)
        }
        guard amount != 0, amount.magnitude <= UInt64(PointsLimits.amountMax) else {
            throw PointsError.amount(amount, limit: PointsLimits.amountMax)
        }
        if let most = definition.adjustmentMax, amount.magnitude > UInt64(most) {
            throw PointsError.adjustmentLimit(most)
        }
        guard try PointsAccounts.get(account, connection).closedAt == nil else {
            throw PointsError.accountClosed(account)
        }
        return try Approvals.ask(
            Self.kind, subject: "member:\(account)", request: try StoredDocument.text(self), key: key,
            reason: reason, by: actor, effects, connection)
    }
}
