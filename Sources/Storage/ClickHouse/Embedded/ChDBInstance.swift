import CADBC
import Foundation
import Synchronization

/// The engine running on one folder. A process can run it on one folder at a time, so every store of the process
/// shares it; it ends with the last of them.
///
/// `@unchecked Sendable`: the ADBC database is opened before anybody else sees it and closed when nobody uses it; in
/// between it is only handed to the engine, which takes its own locks.
final class ChDBInstance: @unchecked Sendable {
    let driver: ChDBDriver
    let folder: String
    private let database: UnsafeMutablePointer<AdbcDatabase>

    private struct Registry {
        var instance: ChDBInstance?
        var uses = 0
    }

    private static let registry = Mutex(Registry())

    /// Opens the engine on `folder`, or joins the one that already runs there. Blocks for a fraction of a second.
    /// Throws: `StorageError.unavailable` when another folder is open in this process.
    static func acquire(folder: String, library: String) throws -> ChDBInstance {
        try registry.withLock { registry in
            if let running = registry.instance {
                guard running.folder == folder else {
                    throw StorageError.unavailable(
                        message: "the embedded analytics engine serves one folder a process, and \(running.folder) "
                            + "is open already; close it before opening \(folder)")
                }
                registry.uses += 1
                return running
            }
            let instance = try ChDBInstance(folder: folder, library: library)
            registry.instance = instance
            registry.uses = 1
            return instance
        }
    }

    /// Gives up one use; the last closes the database. Connections must be closed before.
    func release() {
        Self.registry.withLock { registry in
            registry.uses -= 1
            guard registry.uses == 0 else { return }
            registry.instance = nil
            var error = AdbcError()
            _ = cadbc_database_release(driver.table, database, &error)
            cadbc_error_release(&error)
            database.deallocate()
        }
    }

    private init(folder: String, library: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let signals = cadbc_signals_save()
        defer { cadbc_signals_restore(signals) }
        self.folder = folder
        driver = try ChDBDriver.load(from: library)
        database = .allocate(capacity: 1)
        var error = AdbcError()
        let steps: [() -> AdbcStatusCode] = [
            { [driver, database] in cadbc_database_new(driver.table, database, &error) },
            { [driver, database] in cadbc_database_set(driver.table, database, "path", folder, &error) },
            { [driver, database] in cadbc_database_init(driver.table, database, &error) },
        ]
        for step in steps {
            let status = step()
            guard status == 0 else {
                database.deallocate()
                throw ChDBError.take(&error, status: status, sql: "open \(folder)")
            }
        }
    }

    /// A new connection for the calling thread. One at a time, so that the signal handlers which the engine sets while
    /// it starts can be put back.
    func connect() throws -> UnsafeMutablePointer<AdbcConnection> {
        try Self.registry.withLock { _ in
            let signals = cadbc_signals_save()
            defer { cadbc_signals_restore(signals) }
            let connection = UnsafeMutablePointer<AdbcConnection>.allocate(capacity: 1)
            var error = AdbcError()
            var status = cadbc_connection_new(driver.table, connection, &error)
            if status == 0 { status = cadbc_connection_init(driver.table, connection, database, &error) }
            guard status == 0 else {
                connection.deallocate()
                throw ChDBError.take(&error, status: status, sql: "open \(folder)")
            }
            return connection
        }
    }
}
