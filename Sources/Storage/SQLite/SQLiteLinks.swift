import GRDB
import GRDBSQLite
import Synchronization

/// Our side of every connection that GRDB's pool has opened, found by the address of SQLite's handle.
final class SQLiteLinks: Sendable {
    private static let writerCacheKiB = 65_536
    private static let readerCacheKiB = 16_384
    private static let mappedBytesMax = 134_217_728
    private static let idleLogBytesMax = 67_108_864

    private let links = Mutex<[Int: SQLiteLink]>([:])

    /// Sets a fresh connection up. Throws: `DatabaseError`.
    func prepare(_ database: Database) throws {
        guard let handle = database.sqliteConnection else { return }
        let readOnly = sqlite3_db_readonly(handle, "main") == 1
        let pragmas = [
            "PRAGMA cache_size = -\(readOnly ? Self.readerCacheKiB : Self.writerCacheKiB)",
            "PRAGMA mmap_size = \(Self.mappedBytesMax)",
            "PRAGMA temp_store = MEMORY",
            "PRAGMA case_sensitive_like = ON",
            "PRAGMA wal_autocheckpoint = \(SQLiteCheckpoints.fallbackPages)",
            "PRAGMA journal_size_limit = \(Self.idleLogBytesMax)",
        ]
        for pragma in pragmas {
            let code = sqlite3_exec(handle, pragma, nil, nil, nil)
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code), sql: pragma) }
        }
        let link = SQLiteLink(handle: handle)
        links.withLock { $0[Int(bitPattern: handle)] = link }
    }

    /// Throws: `StorageError.unavailable` when the connection is closed.
    func link(of database: Database, path: String) throws -> SQLiteLink {
        guard let handle = database.sqliteConnection, let link = links.withLock({ $0[Int(bitPattern: handle)] }) else {
            throw StorageError.unavailable(message: "the store \(path) is closed")
        }
        return link
    }

    /// Lets go of every connection; the caller makes sure that none is in use.
    func removeAll() {
        let all = links.withLock { links in
            defer { links.removeAll() }
            return Array(links.values)
        }
        for link in all { link.finalizeStatements() }
    }
}
