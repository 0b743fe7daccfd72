import Storage

/// The next events of the log as a snapshot showed them, with what can be told of each by itself.
struct ProcessorDraft: Sendable {
    /// What the snapshot was made for; another process or a restart may have moved it since.
    var held: [HeldShard]
    var scanned: Int
    var end: Int64
    var events: [LoggedEvent]
    /// Which are the first with their message id; nil where only the transaction can tell.
    var isFresh: [Bool]?
    /// Whose points or coupons changed, as Perennial itself says among the events.
    var holders: Set<Int64>
    var context: PeopleContext
    var readings: [Int64: PeopleBatch.Reading]
}

/// One transaction of the processor. See `Processor` for the invariants.
struct ProcessorBatch {
    let platform: Platform
    let lease: ConsumerLease
    let catalogue: CatalogueCache
    let recent: RecentMessages
    var segments = SegmentCache()
    var program = ProgramCache()
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

    /// Reads and applies the next events in one transaction.
    func run(_ connection: any SQLConnection) throws -> Result {
        guard let draft = try draft(connection) else { return Result() }
        return try commit(draft, connection) ?? Result()
    }

    /// Reads the next events and what can be told of each by itself; nil when there are none.
    ///
    /// Made on a snapshot before the transaction, so that the store's one writer is not kept waiting while events are
    /// read and parsed. `commit` finds out when the snapshot is no longer what is.
    func draft(_ connection: any SQLConnection) throws -> ProcessorDraft? {
        let held = try lease.held(connection)
        guard let start = held.map(\.position).min() else { return nil }
        let scanned = try LogReader.next(after: start, limit: limit, connection)
        guard let end = scanned.last?.event.position else { return nil }
        let checkpoints = Dictionary(uniqueKeysWithValues: held.map { ($0.shard, $0.position) })
        // Client events of the shards that this process holds, beyond each shard's own checkpoint.
        let mine = scanned.compactMap { shard, event -> LoggedEvent? in
            guard event.event.kind != .system, !SystemEventLog.isApplied(event),
                let checkpoint = checkpoints[shard], event.position > checkpoint
            else { return nil }
            return event
        }
        let changes = scanned.filter { shard, event in
            HoldingChanges.isOne(event.event) && checkpoints[shard].map { event.position > $0 } ?? false
        }
        let isFresh: [Bool]? =
            switch connection.dialect {
            case .sqlite: try recent.claim(mine, checkpoint: start, connection)
            case .postgresql: nil
            }
        let context = try PeopleContext.load(
            connection, platform: platform, now: platform.effects.now(), catalogue: catalogue)
        return ProcessorDraft(
            held: held, scanned: scanned.count, end: end, events: mine, isFresh: isFresh,
            holders: try HoldingChanges.people(at: changes.map(\.event.position), connection), context: context,
            readings: PeopleBatch.read(mine, context))
    }

    /// Applies a draft in the open transaction; nil when the log or the lease moved since it was made.
    func commit(_ draft: ProcessorDraft, _ connection: any SQLConnection) throws -> Result? {
        guard try lease.locked(connection) == draft.held else { return nil }
        let fresh = try MessageClaims.fresh(draft, connection)
        var systemEvents: [SystemEvent] = []
        if settingAside, let culprit = fresh.first {
            try setAside(culprit, connection)
        } else if !fresh.isEmpty || !settingAside && !draft.holders.isEmpty {
            systemEvents = try apply(fresh, draft, connection)
        }
        try lease.advance(to: draft.end, now: platform.effects.now(), connection)
        return Result(scanned: draft.scanned, systemEvents: systemEvents.count, end: draft.end)
    }

    /// Applies the events to people and writes all that follows from them. Returns what Perennial itself says.
    private func apply(
        _ events: [LoggedEvent], _ draft: ProcessorDraft, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        let now = platform.effects.now()
        let context = draft.context.at(now)
        // Where nothing that is kept asks for points or coupons, only the mirror has to take these people anew.
        let reviewed: Set<Int64> =
            try !draft.holders.isEmpty && segments.load(context.workspace, connection).needsHoldings
            ? draft.holders : []
        try ProfileRows.raiseVersions(draft.holders.subtracting(reviewed).sorted(), connection)
        guard !events.isEmpty || !reviewed.isEmpty else { return [] }
        var people = try PeopleBatch(
            loading: events, and: reviewed, context: context, readings: draft.readings, connection)
        people.countsVisitsLater = true
        var outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)] = []
        outcomes.reserveCapacity(events.count)
        for event in events {
            let applied = try people.apply(event)
            outcomes.append((event.position, applied.profileID, applied.outcome))
        }
        let systemEvents = try people.conclude(events, outcomes, program, segments, at: now)
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

extension PeopleBatch {
    /// Everything that follows from events that were applied, whoever applies them: the processor, or a command that is
    /// an event. Returns what Perennial itself says. Throws: `StorageError`.
    mutating func conclude(
        _ events: [LoggedEvent], _ outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)],
        _ program: ProgramCache, _ segments: SegmentCache, at now: Timestamp
    ) throws -> [SystemEvent] {
        try settle()
        try applyStages(try CurrentLifecycle.load(connection), at: now)
        try applyTiers(at: now)
        try applyTags(events, outcomes, at: now)
        try applySegments(events, outcomes, segments, at: now)
        var said = try save(to: connection)
        said += try bringMembers(events, outcomes, at: now)
        return said + (try earn(events, outcomes, program, segments, at: now))
    }
}
