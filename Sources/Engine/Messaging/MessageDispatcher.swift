import Storage

/// Sends what is due on one channel: claims under a lease, makes each message, asks the policy and writes it down as being
/// sent in one transaction, hands it over, writes down what became of it.
///
/// A few parts of what was claimed are on their way at once, so that one is made while another waits for its server. What
/// a process that dies had in its hands is bounded by `MessageLimits.handed` times `MessageLimits.lanes`.
struct MessageDispatcher: Sendable {
    let platform: Platform
    let channel: any MessageChannel
    let owner: String
    /// `https://perennial.example.com`, which links in messages begin with.
    let address: String
    let shelf = TemplateShelf()
    let held = HeldMessages()
    private let watch = ClockWatch()
    /// Asked before each part leaves: whether the process is about to end.
    let isStopping: @Sendable () -> Bool

    init(
        platform: Platform, channel: any MessageChannel, owner: String, address: String,
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) {
        self.platform = platform
        self.channel = channel
        self.owner = owner
        self.address = address
        self.isStopping = isStopping
    }

    struct Ready: Sendable {
        var message: SentMessage
        var outgoing: OutgoingMessage
        var version: Int64
        var variant: String
        var person: RecipientFacts
    }

    /// The name of the lock under which it is decided whether a person is written to.
    static func lock(of profileID: Int64) -> String { "message_person:\(profileID)" }

    /// One round. Returns whether there may be more that is due. Throws: `StorageError`, `CancellationError`.
    func round() async throws -> Bool {
        let now = platform.effects.now()
        try await watch.look(at: now) { try await bringBack(at: now) }
        try await sweep()
        let claimed = try await claim()
        guard !claimed.isEmpty else { return false }
        held.take(claimed.map(\.id), at: platform.effects.now())
        defer { held.leave(claimed.map(\.id)) }
        let waiting = claimed.filter { $0.timing == MessageChoices.Timing.bestHour.rawValue }
        if !waiting.isEmpty { try await MessageTimes(platform: platform, owner: owner).set(waiting) }
        var ready = try await prepare(claimed.filter { $0.timing != MessageChoices.Timing.bestHour.rawValue })
        // In the order of people, so that processes lock them in one order.
        ready.sort {
            ($0.person.profileID, -$0.message.priority, $0.message.id)
                < ($1.person.profileID, -$1.message.priority, $1.message.id)
        }
        let parts = stride(from: 0, to: ready.count, by: MessageLimits.handed).map {
            Array(ready[$0..<min($0 + MessageLimits.handed, ready.count)])
        }
        let isDueAgain = try await hand(parts)
        return (claimed.count == MessageLimits.claimed || isDueAgain) && !isStopping()
    }

    /// Hands parts over, a few at once. What fails in one stops none that has begun. Returns whether any message came
    /// back untried, and so is due at once.
    private func hand(_ parts: [[Ready]]) async throws -> Bool {
        let result = await withTaskGroup(of: Result<Bool, any Error>.self) { group in
            var rest = parts[...]
            var isDueAgain = false
            var failure: (any Error)?
            func next() {
                guard failure == nil, let part = rest.popFirst() else { return }
                group.addTask {
                    do { return .success(try await handOver(part)) } catch { return .failure(error) }
                }
            }
            for _ in 0..<MessageLimits.lanes { next() }
            while let done = await group.next() {
                switch done {
                case .success(let isUntried): isDueAgain = isDueAgain || isUntried
                case .failure(let error): failure = failure ?? error
                }
                next()
            }
            return failure.map { Result<Bool, any Error>.failure($0) } ?? .success(isDueAgain)
        }
        return try result.get()
    }

    private func handOver(_ part: [Ready]) async throws -> Bool {
        if isStopping() {
            try await release(part.map(\.message))
            return false
        }
        let leaving = try await permit(part)
        guard !leaving.isEmpty else { return false }
        let outcomes = await channel.send(leaving.map(\.outgoing), platform)
        await record(Array(zip(leaving, outcomes)).map { (one: $0, outcome: $1) })
        return outcomes.contains(.untried)
    }

    // MARK: Claiming

    /// SQLite has one process by design: what a killed one held is taken over at once. Throws: `StorageError`.
    func takeOver() async throws {
        guard platform.store.dialect == .sqlite else { return }
        let (now, name, owner) = (platform.effects.now(), channel.name, owner)
        _ = try await platform.store.write { connection in
            try connection.execute(
                """
                UPDATE messages SET lease_expires_ms = 0 WHERE owner <> '' AND owner <> \(owner) AND id IN (
                    SELECT id FROM messages WHERE state = 'sending' AND channel = \(name)
                    UNION SELECT id FROM (SELECT id FROM messages WHERE state = 'planned' AND channel = \(name)
                        AND due_ms <= \(now.milliseconds) ORDER BY due_ms, priority DESC, id
                        LIMIT \(10 * MessageLimits.claimed)) AS first)
                """)
        }
    }

    /// What a process left behind that died while it was sending: nobody knows of it.
    private func sweep() async throws {
        let (now, name, effects) = (platform.effects.now(), channel.name, platform.effects)
        let isLeft = try await platform.store.read { connection in
            try connection.first(
                """
                SELECT 1 FROM messages WHERE state = 'sending' AND channel = \(name) AND \(Self.isFree(at: now)) LIMIT 1
                """) != nil
        }
        guard isLeft else { return }
        try await platform.store.write { connection in
            let left = try connection.query(
                """
                SELECT \(raw: SentMessage.columns) FROM messages WHERE state = 'sending' AND channel = \(name)
                    AND \(Self.isFree(at: now)) ORDER BY id
                    LIMIT \(MessageLimits.claimed)\(raw: connection.dialect.forUpdateSkipLocked)
                """
            ).map(SentMessage.init(row:))
            var outcomes = MessageOutcomes(channel: name, at: now)
            for message in left { outcomes.end(message, .unknown, "cut_off", "") }
            try outcomes.write(effects, connection)
        }
    }

    /// Whether nobody holds a message.
    private static func isFree(at now: Timestamp) -> SQL { LeaseClock.isOver(MessageLimits.leaseMilliseconds, at: now) }

    private func claim() async throws -> [SentMessage] {
        let (now, name, owner) = (platform.effects.now(), channel.name, owner)
        let isDue = try await platform.store.read { [channel] connection in
            guard try channel.bounds(connection).isSetUp else { return false }
            if try MessageGate.isClosed(name, at: now, connection) { return false }
            return try connection.first(
                """
                SELECT 1 FROM messages WHERE state = 'planned' AND channel = \(name) AND due_ms <= \(now.milliseconds)
                    AND \(Self.isFree(at: now)) LIMIT 1
                """) != nil
        }
        guard isDue else { return [] }
        return try await platform.store.write { [channel] connection in
            let perSecond = try channel.bounds(connection).perSecond
            let wanted = try MessageGate.take(
                name, wanted: Int64(MessageLimits.claimed), most: perSecond * 10, every: 10_000, at: now, connection)
            guard wanted > 0 else { return [] }
            let rows = try connection.query(
                """
                SELECT \(raw: SentMessage.columns) FROM messages WHERE state = 'planned' AND channel = \(name)
                    AND due_ms <= \(now.milliseconds) AND \(Self.isFree(at: now))
                    ORDER BY due_ms, priority DESC, id LIMIT \(wanted)\(raw: connection.dialect.forUpdateSkipLocked)
                """
            ).map(SentMessage.init(row:))
            try MessageGate.giveBack(name, wanted - Int64(rows.count), of: perSecond, connection)
            try connection.executeMany(
                "UPDATE messages SET owner = ?, fence = fence + 1, lease_expires_ms = ? WHERE id = ?",
                rows.map {
                    [.text(owner), .integer(now.milliseconds + MessageLimits.leaseMilliseconds), .integer($0.id)]
                })
            return rows.map { row in
                var row = row
                row.fence += 1
                return row
            }
        }
    }

    /// Keeps what this process holds, where a server or a long letter takes its time. Throws: `StorageError`.
    func renew() async throws {
        let (now, owner) = (platform.effects.now(), owner)
        let ids = held.due(at: now)
        guard !ids.isEmpty else { return }
        _ = try await platform.store.write { connection in
            try connection.executeMany(
                """
                UPDATE messages SET lease_expires_ms = ? WHERE id = ? AND owner = ? AND state IN ('planned', 'sending')
                """,
                ids.map {
                    [.integer(now.milliseconds + MessageLimits.leaseMilliseconds), .integer($0), .text(owner)]
                })
        }
    }

    /// Gives back what was claimed and has not left. Throws: `StorageError`.
    func release(_ messages: [SentMessage]) async throws {
        let owner = owner
        try await platform.store.write { try Self.release(messages, owner, $0) }
    }

    static func release(_ messages: [SentMessage], _ owner: String, _ connection: any SQLConnection) throws {
        try connection.executeMany(
            """
            UPDATE messages SET owner = '', lease_expires_ms = 0 WHERE id = ? AND owner = ? AND fence = ?
                AND state = 'planned'
            """, messages.map { [.integer($0.id), .text(owner), .integer($0.fence)] })
    }
}
