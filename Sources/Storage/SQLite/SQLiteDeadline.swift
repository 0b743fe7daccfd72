import Dispatch
import GRDBSQLite

/// Stops a statement that runs too long: SQLite asks it every few thousand steps of its virtual machine.
///
/// Belongs to one `SQLiteLink` and is only touched by the thread that runs a statement on it.
final class SQLiteDeadline {
    private static let stepsBetweenChecks: Int32 = 20_000

    private var uptimeNanoseconds: UInt64 = 0

    func install(on handle: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(
            handle, Self.stepsBetweenChecks,
            { context in
                guard let context else { return 0 }
                return Unmanaged<SQLiteDeadline>.fromOpaque(context).takeUnretainedValue().hasPassed ? 1 : 0
            }, context)
    }

    func start(seconds: Double?) {
        guard let seconds else {
            uptimeNanoseconds = 0
            return
        }
        uptimeNanoseconds = DispatchTime.now().uptimeNanoseconds + UInt64(seconds * 1_000_000_000)
    }

    private var hasPassed: Bool {
        uptimeNanoseconds != 0 && DispatchTime.now().uptimeNanoseconds > uptimeNanoseconds
    }
}
