import Dispatch
import Foundation
import GRDBSQLite

/// Copies the write-ahead log back into the store's file beside the writer, so that commits do not wait for it.
///
/// SQLite itself does that inside the commit that makes the log long enough, which then takes as long as many commits.
/// Here a connection of its own copies while the writer goes on (a passive checkpoint); only when the log grew far
/// nonetheless, because it was written without a pause, the writer waits for the rest to be copied, once.
///
/// `@unchecked Sendable` holds because `handle` is only touched on `queue`.
final class SQLiteCheckpoints: @unchecked Sendable {
    private let path: String
    private let queue = DispatchQueue(label: "perennial.sqlite.checkpoints", qos: .utility)
    private let timer: any DispatchSourceTimer
    private var handle: OpaquePointer?

    private static let pause = DispatchTimeInterval.milliseconds(250)
    /// The log is copied once it is this long.
    private static let passiveBytes = 16_777_216
    /// And begun anew once it is this long.
    private static let restartBytes = 134_217_728
    private static let waitMilliseconds: Int32 = 1_000
    /// What SQLite copies by itself, should this fall behind.
    static let fallbackPages = 131_072

    init(path: String) {
        self.path = path
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { [weak self] in self?.copyIfLong() }
        timer.schedule(deadline: .now() + Self.pause, repeating: Self.pause)
        timer.resume()
    }

    /// Waits for a copy at hand and ends.
    func stop() {
        timer.cancel()
        queue.sync {
            sqlite3_close_v2(handle)
            handle = nil
        }
    }

    private func copyIfLong() {
        let bytes = logBytes
        guard bytes >= Self.passiveBytes, open() else { return }
        // A refusal (another process copies, or a long read holds the log) is tried again at the next tick.
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        if bytes >= Self.restartBytes {
            sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_RESTART, nil, nil)
        }
    }

    private var logBytes: Int {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int(status.st_size) : 0
    }

    private func open() -> Bool {
        if handle != nil { return true }
        guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK else {
            sqlite3_close_v2(handle)
            handle = nil
            return false
        }
        sqlite3_busy_timeout(handle, Self.waitMilliseconds)
        sqlite3_exec(handle, "PRAGMA synchronous = FULL", nil, nil, nil)
        return true
    }
}
