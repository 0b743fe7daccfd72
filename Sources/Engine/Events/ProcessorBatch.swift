import Storage

/// One transaction of the processor. See `Processor` for the invariants.
struct ProcessorBatch {
    let platform: Platform
    let lease: ConsumerLease
    let catalogue: CatalogueCache
    /// Events looked at, at the most.
    let limit: Int
    /// Whether the first event is to be put into quarantine instead of applied.
    let settingAside: Bool

    struct Result: Sendable, Equatable {
        var scanned = 0
        var systemEvents = 0
    }

    func run(_ connection: any SQLConnection) throws -> Result {
        let held = try lease.locked(connection)
        guard let start = held.map(\.position).min() else { return Result() }
        let scanned = try LogReader.next(after: start, limit: limit, connection)
        guard let end = scanned.last?.event.position else { return Result() }
        let mine = mine(scanned, held)
        let fresh = try dropDuplicates(mine, connection)
        var systemEvents: [SystemEvent] = []
        if settingAside, let culprit = fresh.first {
            try setAside(culprit, connection)
        } else if !fresh.isEmpty {
            systemEvents = try apply(fresh, connection)
        }
        try lease.advance(to: end, now: platform.effects.now(), connection)
        return Result(scanned: scanned.count, systemEvents: systemEvents.count)
    }

    /// Client events of the shards that this process holds, beyond each shard's own checkpoint.
    private func mine(
        _ scanned: [(shard: Int64, event: LoggedEvent)], _ held: [HeldShard]
    ) -> [LoggedEvent] {
        let checkpoints = Dictionary(uniqueKeysWithValues: held.map { ($0.shard, $0.position) })
        return scanned.compactMap { shard, event in
            guard event.event.kind != .system, let checkpoint = checkpoints[shard], event.position > checkpoint else {
                return nil
            }
            return event
        }
    }

    /// Claims each message id; the ones claimed before are counted on their receipt and get the outcome `duplicate`.
    private func dropDuplicates(_ events: [LoggedEvent], _ connection: any SQLConnection) throws -> [LoggedEvent] {
        guard !events.isEmpty else { return [] }
        let claimed = try connection.executeMany(
            """
            INSERT INTO event_receipts (source_id, message_id, position, received_ms) VALUES (?, ?, ?, ?) \
            ON CONFLICT DO NOTHING
            """,
            events.map {
                [
                    .integer($0.sourceID), .text($0.event.messageID), .integer($0.position),
                    .integer($0.event.receivedAt.milliseconds),
                ]
            })
        guard claimed.contains(0) else { return events }
        let repeated = zip(events, claimed).filter { $0.1 == 0 }.map(\.0)
        try connection.executeMany(
            "UPDATE event_receipts SET duplicates = duplicates + 1 WHERE source_id = ? AND message_id = ?",
            repeated.map { [.integer($0.sourceID), .text($0.event.messageID)] })
        try EventOutcomes.write(repeated.map { ($0.position, 0, .duplicate) }, connection)
        return zip(events, claimed).filter { $0.1 != 0 }.map(\.0)
    }

    /// Applies the events to people and writes all that follows from them. Returns what Perennial itself says.
    private func apply(_ events: [LoggedEvent], _ connection: any SQLConnection) throws -> [SystemEvent] {
        let now = platform.effects.now()
        var people = try PeopleBatch(
            loading: events,
            context: try PeopleContext.load(connection, platform: platform, now: now, catalogue: catalogue), connection)
        var outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)] = []
        outcomes.reserveCapacity(events.count)
        for event in events {
            let applied = try people.apply(event)
            outcomes.append((event.position, applied.profileID, applied.outcome))
        }
        try people.settle()
        try people.applyStages(try CurrentLifecycle.load(connection), at: now)
        let systemEvents = try people.save(to: connection)
        try EventOutcomes.write(outcomes, connection)
        try SystemEventLog.append(systemEvents, now: now, effects: platform.effects, to: connection)
        return systemEvents
    }

    /// Puts an event that cannot be applied into quarantine, whole, so that the log goes on behind it.
    private func setAside(_ event: LoggedEvent, _ connection: any SQLConnection) throws {
        let item = RejectedItem(
            messageID: event.event.messageID, reason: .processingFailed,
            explanation: "The event was logged but could not be applied; replay it after the fault is mended.",
            raw: Array(NativeEventText.encode(event.event).utf8), dialect: "native")
        let rows = LogRows(
            IncomingBatch(sourceID: event.sourceID, events: [], rejected: [item]), effects: platform.effects)
        try connection.executeMany(LogRows.insertRejected, rows.rejected)
        try connection.execute(
            """
            DELETE FROM event_receipts \
            WHERE source_id = \(event.sourceID) AND message_id = \(event.event.messageID)
            """)
        try EventOutcomes.write([(event.position, 0, .failed)], connection)
    }
}
