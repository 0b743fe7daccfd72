import Storage

/// One transaction of the processor. See `Processor` for the invariants.
struct ProcessorBatch {
    let platform: Platform
    let lease: ConsumerLease
    let catalogue: CatalogueCache
    let recent: RecentMessages
    /// Events looked at, at the most.
    let limit: Int
    /// Whether the first event is to be put into quarantine instead of applied.
    let settingAside: Bool

    struct Result: Sendable, Equatable {
        var scanned = 0
        var systemEvents = 0
        /// Up to where the log is processed once the transaction is durable; nil when nothing was to be done.
        var end: Int64?
    }

    func run(_ connection: any SQLConnection) throws -> Result {
        let held = try lease.locked(connection)
        guard let start = held.map(\.position).min() else { return Result() }
        let scanned = try LogReader.next(after: start, limit: limit, connection)
        guard let end = scanned.last?.event.position else { return Result() }
        let mine = mine(scanned, held)
        let fresh = try MessageClaims.fresh(mine, checkpoint: start, recent, connection)
        var systemEvents: [SystemEvent] = []
        if settingAside, let culprit = fresh.first {
            try setAside(culprit, connection)
        } else if !fresh.isEmpty {
            systemEvents = try apply(fresh, connection)
        }
        try lease.advance(to: end, now: platform.effects.now(), connection)
        return Result(scanned: scanned.count, systemEvents: systemEvents.count, end: end)
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

    /// Applies the events to people and writes all that follows from them. Returns what Perennial itself says.
    private func apply(_ events: [LoggedEvent], _ connection: any SQLConnection) throws -> [SystemEvent] {
        let now = platform.effects.now()
        var people = try PeopleBatch(
            loading: events,
            context: try PeopleContext.load(connection, platform: platform, now: now, catalogue: catalogue), connection)
        people.countsVisitsLater = true
        var outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)] = []
        outcomes.reserveCapacity(events.count)
        for event in events {
            let applied = try people.apply(event)
            outcomes.append((event.position, applied.profileID, applied.outcome))
        }
        try people.settle()
        try people.applyStages(try CurrentLifecycle.load(connection), at: now)
        let systemEvents = try people.save(to: connection)
        try EventOutcomes.write(outcomes, laterVisitors: people.laterVisitors, connection)
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
        try MessageClaims.release(event, recent, connection)
        try EventOutcomes.write([(event.position, 0, .failed)], connection)
    }
}
