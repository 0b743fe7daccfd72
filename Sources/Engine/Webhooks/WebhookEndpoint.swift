import Storage

/// One address that is told what happens.
package struct WebhookEndpoint: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case enabled, paused
    }

    /// Why an endpoint is paused.
    package enum Reason: String, Sendable, CaseIterable {
        case byHand = "by_hand"
        /// It has accepted nothing for `WebhookLimits.failingDays`.
        case failing
        /// It answered 410 Gone.
        case gone
    }

    package var id: Int64
    package var url: String
    package var description: String
    /// Names of system events, as `WebhookEvents.names` has them.
    package var events: [String]
    /// What `Segment Entered` and `Segment Left` are narrowed to; empty: all.
    package var segments: [Int64]
    package var status: Status
    /// Nil while it is enabled.
    package var reason: Reason?
    /// Nil while it is enabled, and of what was paused before that was written down.
    package var pausedAt: Timestamp?
    package var sequence: Int64
    package var failingSince: Timestamp?
    /// Until when the secret before signs too; nil when there is none.
    package var oldSecretUntil: Timestamp?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    static let columns = """
        id, url, description, events, segments, status, reason, sequence, failing_since_ms, old_until_ms, created_ms, \
        updated_ms, paused_ms
        """

    init(row: SQLRow) throws {
        id = try row.int(0)
        url = try row.text(1)
        description = try row.text(2)
        events = try StoredDocument.value([String].self, from: try row.text(3))
        segments = try StoredDocument.value([Int64].self, from: try row.text(4))
        status = Status(rawValue: try row.text(5)) ?? .paused
        reason = Reason(rawValue: try row.text(6))
        sequence = try row.int(7)
        failingSince = try row.intOrNil(8).map(Timestamp.init(milliseconds:))
        let until = try row.int(9)
        oldSecretUntil = until > 0 ? Timestamp(milliseconds: until) : nil
        createdAt = Timestamp(milliseconds: try row.int(10))
        updatedAt = Timestamp(milliseconds: try row.int(11))
        pausedAt = status == .paused ? try row.intOrNil(12).map(Timestamp.init(milliseconds:)) : nil
    }

    /// What an endpoint is asked to be.
    package struct Draft: Sendable, Equatable {
        package var url: String
        package var description: String
        package var events: [String]
        package var segments: [Int64]

        package init(url: String, description: String = "", events: [String], segments: [Int64] = []) {
            self.url = url
            self.description = description
            self.events = events
            self.segments = segments
        }
    }

    /// Whether a system event is for this endpoint. `segment`: the one that the event is about.
    func wants(_ event: String, segment: Int64?, pushed: Set<Int64>) -> Bool {
        if let segment, pushed.contains(segment) { return true }
        guard events.contains(event) else { return false }
        guard WebhookEvents.isAboutSegment(event), !segments.isEmpty else { return true }
        return segment.map(segments.contains) ?? false
    }
}
