import Storage
import Synchronization

/// The message ids of events that were applied and whose receipts the roll-up has not yet written.
///
/// SQLite only, where one process applies the log: an index over random ids is then written in large sorted strokes and
/// not page by page. What is remembered is always what the log says beyond the roll-up; it is read from there again
/// after a start, a lost lease or a commit without an answer.
final class RecentMessages: Sendable {
    struct Key: Hashable {
        var sourceID: Int64
        var messageID: String
    }

    private struct Memory {
        var positions: [Key: Int64] = [:]
        /// The checkpoint of the processor that this is true for; nil when nothing was read yet.
        var through: Int64?
        /// Claimed in a transaction that is not yet known to be committed.
        var staged: [(key: Key, position: Int64)] = []
    }

    private let memory = Mutex(Memory())

    init() {}

    /// Which of the events are the first with their message id. They are remembered once `commit` is called.
    ///
    /// - Parameter checkpoint: up to where the log is processed in the open transaction.
    func claim(_ events: [LoggedEvent], checkpoint: Int64, _ connection: any SQLConnection) throws -> [Bool] {
        if memory.withLock({ $0.through }) != checkpoint { try read(checkpoint, connection) }
        var isFresh = [Bool](repeating: false, count: events.count)
        var unknown: [(index: Int, key: Key)] = []
        var seen: Set<Key> = []
        seen.reserveCapacity(events.count)
        memory.withLock { memory in
            for (index, event) in events.enumerated() {
                let key = Key(sourceID: event.sourceID, messageID: event.event.messageID)
                if memory.positions[key] == nil, seen.insert(key).inserted { unknown.append((index, key)) }
            }
        }
        let written = try connection.queryMany(
            "SELECT 1 FROM event_receipts WHERE source_id = ? AND message_id = ?",
            unknown.map { [.integer($0.key.sourceID), .text($0.key.messageID)] })
        var staged: [(key: Key, position: Int64)] = []
        staged.reserveCapacity(unknown.count)
        for (claim, rows) in zip(unknown, written) where rows.isEmpty {
            isFresh[claim.index] = true
            staged.append((claim.key, events[claim.index].position))
        }
        memory.withLock { $0.staged = staged }
        return isFresh
    }

    /// An event claimed in the open transaction could not be applied: its id is free again.
    func release(_ event: LoggedEvent) {
        memory.withLock { $0.staged.removeAll { $0.position == event.position } }
    }

    /// The transaction that claimed is durable, and the log is processed up to `checkpoint`.
    func commit(through checkpoint: Int64) {
        memory.withLock { memory in
            for claim in memory.staged { memory.positions[claim.key] = claim.position }
            memory.staged = []
            memory.through = checkpoint
        }
    }

    /// The receipts up to a position are written.
    func forget(upTo position: Int64) {
        memory.withLock { memory in
            memory.positions = memory.positions.filter { $0.value > position }
        }
    }

    private func read(_ checkpoint: Int64, _ connection: any SQLConnection) throws {
        let border = try LogProgress.rolledUp(connection)
        var positions: [Key: Int64] = [:]
        try connection.forEach(
            """
            SELECT e.source_id, e.message_id, e.position FROM event_outcomes o JOIN event_log e ON e.position = o.position
            WHERE o.position > \(border) AND o.outcome NOT IN ('duplicate', 'failed') AND e.kind <> 'system'
            """, batch: Self.rowsAtOnce
        ) { rows in
            for row in rows {
                positions[Key(sourceID: try row.int(0), messageID: try row.text(1))] = try row.int(2)
            }
        }
        memory.withLock { $0 = Memory(positions: positions, through: checkpoint) }
    }

    private static let rowsAtOnce = 2_000
}
