import Storage

/// What may hold a message back for a while at the moment it leaves: its account or its template is closed, or its
/// person has just had one.
struct OpenGates {
    let channel: any MessageChannel
    let bounds: ChannelBounds
    let now: Timestamp
    /// By scope, as they were when they were first asked for.
    private var known: [String: Timestamp?] = [:]
    /// Whom something was let through to: it is not in the store yet.
    private var reached: Set<Int64> = []

    init(channel: any MessageChannel, bounds: ChannelBounds, now: Timestamp) {
        self.channel = channel
        self.bounds = bounds
        self.now = now
    }

    /// Until when its account or its template is closed; nil: neither is. Throws: `StorageError`.
    mutating func closed(_ message: OutgoingMessage, _ connection: any SQLConnection) throws -> Timestamp? {
        let account = channel.account(of: message)
        for closure in [MessageClosure.account, .template] {
            let scope = closure.scope(channel: channel.name, account: account, template: message.templateID)
            if let until = try closedUntil(scope, connection) { return until }
        }
        return nil
    }

    /// When the person may have one again; nil: now, and it counts as gone. Throws: `StorageError`.
    mutating func paced(_ profileIDs: [Int64], _ connection: any SQLConnection) throws -> Timestamp? {
        guard bounds.perPersonMilliseconds > 0 else { return nil }
        if !reached.isDisjoint(with: profileIDs) { return now.adding(milliseconds: bounds.perPersonMilliseconds) }
        let last = try connection.first(
            """
            SELECT max(eligible_ms) FROM messages WHERE profile_id IN (\(list: profileIDs))
                AND channel = \(channel.name) AND eligible_ms > \(now.milliseconds - bounds.perPersonMilliseconds)
                AND eligible_ms <= \(now.milliseconds + bounds.perPersonMilliseconds)
            """)?.intOrNil(0)
        if let last { return Timestamp(milliseconds: last + bounds.perPersonMilliseconds) }
        reached.formUnion(profileIDs)
        return nil
    }

    private mutating func closedUntil(_ scope: String, _ connection: any SQLConnection) throws -> Timestamp? {
        if let known = known[scope] { return known }
        let until = try MessageGate.closedUntil(scope, at: now, connection)
        known[scope] = .some(until)
        return until
    }
}
