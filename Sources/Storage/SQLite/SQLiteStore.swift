import Dispatch
import Foundation
import GRDB
import GRDBSQLite

/// The operational store in one file, for everything on one machine.
///
/// Invariants: write-ahead log with `synchronous = FULL`, so a committed transaction has been fsynced; one writer,
/// which takes the write lock when its transaction begins and commits what waits for it together; readers see a snapshot
/// and never wait for the writer.
/// GRDB keeps the connections, `SQLiteLink` speaks on them.
final class SQLiteStore: OperationalBackend {
    let dialect = SQLDialect.sqlite
    let options: OperationalStoreOptions
    private let path: String
    private let pool: DatabasePool
    private let links: SQLiteLinks
    private let checkpoints: SQLiteCheckpoints
    private let writes = SQLiteWrites()

    private init(path: String, pool: DatabasePool, links: SQLiteLinks, options: OperationalStoreOptions) {
        self.path = path
        self.pool = pool
        self.links = links
        self.options = options
        checkpoints = SQLiteCheckpoints(path: path)
    }

    /// Opens or creates the file. Throws: `StorageError.unavailable`, `.cannotWrite`.
    static func open(path: String, options: OperationalStoreOptions) async throws -> SQLiteStore {
        try await DispatchQueue.global().run {
            let links = SQLiteLinks()
            do {
                makePrivate(path)
                let pool = try DatabasePool(path: path, configuration: configuration(links, options))
                try makeDurable(pool, path: path)
                return SQLiteStore(path: path, pool: pool, links: links, options: options)
            } catch let error as DatabaseError {
                throw SQLiteFailure.error(error, path: path)
            }
        }
    }

    private static func configuration(_ links: SQLiteLinks, _ options: OperationalStoreOptions) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(options.waitSeconds)
        configuration.maximumReaderCount = options.connectionsMax
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { try links.prepare($0) }
        return configuration
    }

    /// A new store is for its owner alone; the write-ahead log takes the file's permissions. When the file cannot be
    /// made here, SQLite says why it cannot either.
    private static func makePrivate(_ path: String) {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
    }

    /// GRDB's pool sets `synchronous = NORMAL` on its writer when it opens; that would lose commits at a power cut.
    private static func makeDurable(_ pool: DatabasePool, path: String) throws {
        let full = 2
        try pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
            let journal = try String.fetchOne(database, sql: "PRAGMA journal_mode")
            guard synchronous == full, journal == "wal" else {
                throw StorageError.unavailable(
                    message: "\(path) takes no write-ahead log with full synchronisation; is it on a network disk?")
            }
        }
    }

    func transaction<T: Sendable>(
        _ mode: TransactionMode, _ body: @escaping @Sendable (any OperationalLink) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            if mode.readOnly {
                pool.asyncRead { database in
                    let link = Result { try self.links.link(of: try self.opened(database), path: self.path) }
                    continuation.resume(
                        with: link.flatMap { link in
                            Result { try link.reading(timeoutSeconds: mode.statementTimeoutSeconds, body) }
                        })
                }
            } else {
                writes.add(SQLiteWork(mode, { try $0.working(body) }, { continuation.resume(with: $0) }))
                // As many turns as works: one that was written with another leaves its turn without any.
                pool.asyncWriteWithoutTransaction { [self] database in
                    do {
                        try links.link(of: database, path: path).write(writes)
                    } catch {
                        writes.first()?.fail(error)
                    }
                }
            }
        }
    }

    private func opened(_ database: Result<Database, any Error>) throws -> Database {
        do {
            return try database.get()
        } catch let error as DatabaseError {
            throw SQLiteFailure.error(error, path: path)
        }
    }

    func diagnose() async throws -> StoreDiagnosis {
        let version = try await transaction(TransactionMode(readOnly: true)) { try MigrationTable.version(on: $0) }
        return StoreDiagnosis(
            product: "SQLite", version: String(cString: sqlite3_libversion()), address: "sqlite:\(path)",
            bytes: try fileBytes(), schemaVersion: version)
    }

    /// The file with its write-ahead log.
    private func fileBytes() throws -> Int64 {
        try [path, path + "-wal"].filter { FileManager.default.fileExists(atPath: $0) }.reduce(0) { sum, file in
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber
            return sum + (size?.int64Value ?? 0)
        }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [checkpoints] in
                checkpoints.stop()
                continuation.resume()
            }
        }
        await withCheckedContinuation { continuation in
            // The barrier waits for the writer and for every reader.
            pool.asyncBarrierWriteWithoutTransaction { [links] _ in
                links.removeAll()
                continuation.resume()
            }
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [pool, path] in
                do {
                    try pool.close()
                } catch {
                    // Nothing is lost: every commit has been fsynced, and the connections end with the process.
                    StorageLog.logger.warning("SQLite did not close", metadata: ["path": "\(path)"])
                }
                continuation.resume()
            }
        }
    }
}
