import Storage
import Synchronization

/// Writes down in large strokes what the processed log adds up to: how often and when last people were seen, and on
/// SQLite the receipts of messages.
///
/// Written event by event, each of these would rewrite pages of the store at random places, which is what a single
/// writer cannot do twenty thousand times a second; sorted, a page is written once for all that it holds. The log itself
/// is the memory of what is still to be done: a range is planned, its strokes are transactions of bounded size with
/// a cursor, and the last one moves the checkpoint. Only one process rolls up at a time.
final class LogRollup: Sendable {
    private let platform: Platform
    private let recent: RecentMessages
    let lease: ConsumerLease

    private struct State {
        var current: RollupRange?
        var finishedAt = Timestamp.longAgo
        /// Events processed since a range was begun.
        var waiting: Int64 = 0
    }

    private let state = Mutex(State())

    /// Rows of one stroke, short enough that appends waiting for the writer are acknowledged soon.
    private static let strokeRows = 2_000
    /// Log rows of one range at the most, and how many waiting rows begin one early.
    private static let rangeEvents: Int64 = 400_000
    private static let earlyEvents: Int64 = 350_000
    /// How long visits may wait while the log is busy.
    private static let busyMilliseconds: Int64 = 20_000
    /// How long they wait while it is idle: a moment, and the longer the more come, since many cost little more than few.
    private static let idleMilliseconds: Int64 = 1_000
    private static let idleEventsPerMillisecond: Int64 = 5

    enum Pace {
        case busy, idle, now
    }

    init(platform: Platform, recent: RecentMessages, owner: String) {
        self.platform = platform
        self.recent = recent
        lease = ConsumerLease(consumer: "rollup", owner: owner, shards: 1)
    }

    /// So many events were processed and wait for their range.
    func note(events: Int) {
        state.withLock { $0.waiting += Int64(events) }
    }

    /// One stroke, when one is due. Returns whether the range at hand has more.
    func stroke(_ pace: Pace) async throws -> Bool {
        if state.withLock({ $0.current }) == nil {
            guard isDue(pace), try await begin() else { return false }
        }
        guard let current = state.withLock({ $0.current }) else { return false }
        let rest = try await platform.store.write { [lease, platform] connection in
            try Self.write(current, lease, now: platform.effects.now(), connection)
        }
        guard let rest else {
            // Done, or another process took it over: what is left is read again.
            recent.forget(upTo: try await platform.store.read { try LogProgress.rolledUp($0) })
            let now = platform.effects.now()
            state.withLock { state in
                state.current = nil
                state.finishedAt = now
            }
            return pace == .now
        }
        state.withLock { $0.current = rest }
        return true
    }

    private func isDue(_ pace: Pace) -> Bool {
        let (finishedAt, waiting) = state.withLock { ($0.finishedAt, $0.waiting) }
        let waited = platform.effects.now().elapsedMilliseconds(since: finishedAt)
        return switch pace {
        case .now: true
        case .idle:
            waited
                >= min(Self.idleMilliseconds + waiting / Self.idleEventsPerMillisecond, Self.busyMilliseconds)
        case .busy: waited >= Self.busyMilliseconds || waiting >= Self.earlyEvents
        }
    }

    /// Plans the next range, or finds the one that was begun, and reads it. Returns whether there is one.
    private func begin() async throws -> Bool {
        let plan = try await platform.store.write { [lease, platform] connection in
            try Self.plan(lease, now: platform.effects.now(), connection)
        }
        state.withLock { $0.waiting = 0 }
        guard let plan else { return false }
        let range = try await platform.store.read { try RollupRange.read(plan.range, cursor: plan.cursor, $0) }
        state.withLock { $0.current = range }
        return true
    }

    private static func plan(
        _ lease: ConsumerLease, now: Timestamp, _ connection: any SQLConnection
    ) throws -> (range: ArchiveRange, cursor: Int64)? {
        guard let held = try lease.locked(connection).first else { return nil }
        let cursor = try connection.first("SELECT profile_id FROM rollup_cursor WHERE consumer = 'rollup'")?.int(0) ?? 0
        if held.planned > held.position {
            return (ArchiveRange(lowerBound: held.position, upperBound: held.planned), cursor)
        }
        let processed = try LogProgress.processed(connection)
        guard processed > held.position else { return nil }
        let end = min(processed, held.position + rangeEvents)
        try lease.advance(to: held.position, planned: end, now: now, connection)
        return (ArchiveRange(lowerBound: held.position, upperBound: end), cursor)
    }

    /// Writes the next rows of a range. Returns what is left of it, nil when all is written and the checkpoint moved,
    /// or when the range is no longer this process's.
    private static func write(
        _ whole: RollupRange, _ lease: ConsumerLease, now: Timestamp, _ connection: any SQLConnection
    ) throws -> RollupRange? {
        guard let held = try lease.locked(connection).first, held.position == whole.range.lowerBound,
            held.planned == whole.range.upperBound
        else { return nil }
        var rest = whole
        var room = strokeRows
        let receipts = rest.receipts.suffix(room)
        rest.receipts.removeLast(receipts.count)
        room -= receipts.count
        try connection.executeMany(ReceiptRows.insert, Array(receipts))
        let visits = Array(rest.visits.prefix(room))
        rest.visits.removeFirst(visits.count)
        if !visits.isEmpty { try ProfileVisits.count(visits, connection) }
        let isDone = rest.receipts.isEmpty && rest.visits.isEmpty && visits.count + receipts.count < strokeRows
        if isDone { try connection.executeMany(ReceiptRows.addRepeats, rest.repeats) }
        let cursor = isDone ? 0 : visits.last?.profileID
        if let cursor {
            try connection.execute(
                """
                INSERT INTO rollup_cursor (consumer, profile_id) VALUES ('rollup', \(cursor)) \
                ON CONFLICT (consumer) DO UPDATE SET profile_id = excluded.profile_id
                """)
        }
        try lease.advance(
            to: isDone ? whole.range.upperBound : whole.range.lowerBound, planned: whole.range.upperBound, now: now,
            connection)
        return isDone ? nil : rest
    }
}
