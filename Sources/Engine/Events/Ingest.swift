import Storage

/// Takes well-formed events into the log, and items that are not into quarantine.
///
/// Invariants: `append` returns only when everything in the batch is durable; a batch is stored whole or not at all;
/// batches that arrive together share one commit, so that the price of an fsync is split between them.
/// Deduplication is not done here: the processor does it in the transaction that applies the event.
package actor Ingest {
    private let platform: Platform
    private let signal: LogSignal
    private let meters: IngestMeters
    private var waiting: [Waiting] = []
    private var waitingRows = 0
    private var writing = false

    private struct Waiting {
        let rows: LogRows
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// Rows that one commit takes at the most, beyond the first batch.
    static let commitRows = 2_000
    /// Rows that may wait; more is refused as overload so that memory stays bounded.
    static let waitingRowsLimit = 50_000

    package init(platform: Platform, signal: LogSignal) {
        self.platform = platform
        self.signal = signal
        meters = IngestMeters(platform.metrics)
    }

    /// Stores a batch durably.
    ///
    /// Throws: `IngestError.overloaded` when too much is waiting (try again later, nothing was stored); `StorageError`.
    package nonisolated func append(_ batch: IncomingBatch) async throws {
        let rows = LogRows(batch, effects: platform.effects)
        guard !rows.isEmpty else { return }
        try await enqueue(rows)
    }

    private func enqueue(_ rows: LogRows) async throws {
        guard waitingRows + rows.count <= Self.waitingRowsLimit || waiting.isEmpty else {
            meters.failed.increment(by: rows.count)
            throw IngestError.overloaded(waiting: waitingRows)
        }
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(Waiting(rows: rows, continuation: continuation))
            waitingRows += rows.count
            if !writing {
                writing = true
                Task { await self.writeWaiting() }
            }
        }
    }

    /// Commits what waits, commit after commit, until nothing does. One runs at a time.
    private func writeWaiting() async {
        while !waiting.isEmpty {
            let batches = takeCommit()
            let start = ContinuousClock.now
            do {
                try await commit(batches.map(\.rows))
                meters.events.increment(by: batches.reduce(0) { $0 + $1.rows.events.count })
                meters.rejected.increment(by: batches.reduce(0) { $0 + $1.rows.rejected.count })
                meters.seconds.observe((ContinuousClock.now - start) / .seconds(1))
                for batch in batches { batch.continuation.resume() }
                signal.fire()
            } catch {
                meters.failed.increment(by: batches.reduce(0) { $0 + $1.rows.count })
                for batch in batches { batch.continuation.resume(throwing: error) }
            }
        }
        writing = false
    }

    private func takeCommit() -> [Waiting] {
        var rows = 0
        var count = 0
        for batch in waiting {
            if count > 0, rows + batch.rows.count > Self.commitRows { break }
            rows += batch.rows.count
            count += 1
        }
        let taken = Array(waiting[..<count])
        waiting.removeFirst(count)
        waitingRows -= rows
        return taken
    }

    private func commit(_ batches: [LogRows]) async throws {
        let events = batches.flatMap(\.events)
        let rejected = batches.flatMap(\.rejected)
        try await platform.store.write { connection in
            if !rejected.isEmpty {
                try connection.executeMany(LogRows.insertRejected, rejected)
            }
            if !events.isEmpty {
                try EventLog.append(events, to: connection)
            }
        }
    }
}

/// Why a batch was not taken.
package enum IngestError: Error, Sendable, Equatable {
    /// Too many rows wait for the store; the client should try again in a moment.
    case overloaded(waiting: Int)
}
