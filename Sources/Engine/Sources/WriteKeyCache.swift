import Storage
import Synchronization

/// Which source a write key stands for, without asking the store for every request.
///
/// The whole table is held and read again when it is older than `refreshMilliseconds`; a revoked key is refused and a
/// new one accepted within that time. While the store cannot be read the last table holds: collection must not stop
/// because a lookup failed (the log itself says whether it can still take events).
package final class WriteKeyCache: Sendable {
    package static let refreshMilliseconds: Int64 = 2_000
    /// An unknown key asks for a fresh table at most this often.
    private static let unknownRefreshMilliseconds: Int64 = 250

    /// The time of last use is written at most this often.
    private static let noteMilliseconds: Int64 = 60_000

    private struct Table {
        var sources: [String: Int64] = [:]
        var readAt: Timestamp?
        var isReading = false
        /// When the use of a key was last written down by this process.
        var noted: [String: Timestamp] = [:]
    }

    private let platform: Platform
    private let table = Mutex(Table())

    package init(platform: Platform) {
        self.platform = platform
    }

    /// The source of a live key, or nil. Notes the use, at most once a minute.
    /// Throws: `StorageError` only when no table was ever read.
    package func source(of key: String) async throws -> Int64? {
        let now = platform.effects.now()
        guard let source = try await lookUp(key, at: now) else { return nil }
        let isDue = table.withLock { table in
            if let noted = table.noted[key], now.elapsedMilliseconds(since: noted) < Self.noteMilliseconds {
                return false
            }
            table.noted[key] = now
            return true
        }
        if isDue { await noteUse(of: key, at: now) }
        return source
    }

    /// A note only: a store that cannot be written to now is for the log of events to report.
    private func noteUse(of key: String, at now: Timestamp) async {
        do {
            try await platform.store.write { try WriteKeys.noteUse(of: key, at: now, $0) }
        } catch {
            platform.logger.warning("The use of a write key could not be noted", metadata: ["error": "\(error)"])
        }
    }

    private func lookUp(_ key: String, at now: Timestamp) async throws -> Int64? {
        let (known, readAt) = table.withLock { ($0.sources[key], $0.readAt) }
        guard let readAt else {
            try await read()
            return table.withLock { $0.sources[key] }
        }
        let age = now.milliseconds - readAt.milliseconds
        let tolerated = known == nil ? Self.unknownRefreshMilliseconds : Self.refreshMilliseconds
        guard age > tolerated || age < 0 else { return known }
        let isMine = table.withLock { table in
            defer { table.isReading = true }
            return !table.isReading
        }
        // Someone else is at it: an old answer is better than a queue.
        guard isMine else { return known }
        defer { table.withLock { $0.isReading = false } }
        do {
            try await read()
        } catch {
            platform.logger.warning("Write keys could not be read again", metadata: ["error": "\(error)"])
        }
        return table.withLock { $0.sources[key] }
    }

    private func read() async throws {
        let started = platform.effects.now()
        let rows = try await platform.store.read { connection in
            try connection.query(
                """
                SELECT write_key, source_id FROM write_keys WHERE revoked_ms IS NULL
                LIMIT \(SourceLimits.cachedKeys)
                """
            ).map { (try $0.text(0), try $0.int(1)) }
        }
        let sources = Dictionary(rows, uniquingKeysWith: { first, _ in first })
        table.withLock { table in
            table.sources = sources
            table.readAt = started
            table.noted = table.noted.filter { sources[$0.key] != nil }
        }
    }
}
