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

    private struct Table {
        var sources: [String: Int64] = [:]
        var readAt: Timestamp?
        var isReading = false
    }

    private let platform: Platform
    private let table = Mutex(Table())

    package init(platform: Platform) {
        self.platform = platform
    }

    /// The source of a live key, or nil. Throws: `StorageError` only when no table was ever read.
    package func source(of key: String) async throws -> Int64? {
        let now = platform.effects.now()
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
        }
    }
}
