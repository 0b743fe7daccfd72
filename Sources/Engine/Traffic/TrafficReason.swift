import Storage

/// Why a hit is not a person's.
package enum TrafficReason: String, Sendable, Codable, CaseIterable {
    /// A crawler, scanner or program that its user agent names.
    case machine
    /// A browser that a program drives.
    case automation
    /// A page that a browser loaded ahead, before anybody saw it.
    case prefetch
    /// It claims to come from a site that only wants to be seen in reports.
    case spam
}

/// What becomes of hits that are not people's.
package enum TrafficPolicy: String, Sendable, Codable, CaseIterable {
    /// They are counted, and no event and no person is made of them.
    case apart
    /// They are events like others, with `context.traffic` telling what they are.
    case keep

    static let setting = "traffic_policy"

    /// The saved policy, or the usual one. Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> TrafficPolicy {
        try Settings.load(TrafficPolicy.self, setting, connection) ?? .apart
    }

    package func save(by actor: String, _ connection: any SQLConnection, at now: Timestamp) throws {
        try Settings.save(self, Self.setting, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "traffic.policy", subject: "workspace", detail: rawValue, connection, at: now)
    }
}
