import Storage

/// What of approvals the workspace decides. Every change is in the audit log.
package struct ApprovalPolicy: Codable, Sendable, Equatable {
    /// Who is the only one who may approve approves what they asked for themselves; over as soon as there is a second.
    package var allowsAlone: Bool
    /// A ladder of tiers that takes the place of another needs a second user, as a version of the program always does.
    package var coversLadders: Bool

    private enum CodingKeys: String, CodingKey {
        case allowsAlone = "allows_alone"
        case coversLadders = "covers_ladders"
    }

    package init(allowsAlone: Bool = false, coversLadders: Bool = false) {
        self.allowsAlone = allowsAlone
        self.coversLadders = coversLadders
    }

    private static let setting = "approval_policy"

    /// Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> ApprovalPolicy {
        try Settings.load(ApprovalPolicy.self, setting, connection) ?? ApprovalPolicy()
    }

    /// Throws: `StorageError`.
    package func save(by actor: String, at now: Timestamp, _ connection: any SQLConnection) throws {
        guard try Self.load(connection) != self else { return }
        try Settings.save(self, Self.setting, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "approval.policy", subject: "workspace",
            detail: "alone: \(allowsAlone ? "yes" : "no"), ladders: \(coversLadders ? "yes" : "no")", connection,
            at: now)
    }

    /// Whether a user is the only one who may approve. Throws: `StorageError`.
    package static func isAlone(_ actor: String, _ connection: any SQLConnection) throws -> Bool {
        let may = try Users.list(connection).filter { $0.disabledAt == nil && $0.role.may(.approveLoyalty) }
        return may.map { "user:\($0.id)" } == [actor]
    }

    /// Whether a user may approve what they asked for. Throws: `StorageError`.
    package static func allowsOwn(_ actor: String, _ connection: any SQLConnection) throws -> Bool {
        guard try load(connection).allowsAlone else { return false }
        return try isAlone(actor, connection)
    }
}
