import Dispatch
import GRDBSQLite

/// Group commit: what waits for the writer is written in one transaction, each work behind a savepoint of its own, and the
/// disk is waited for once. Whoever waits is told when all of it is on the disk, so that nothing that was told can be lost and
/// nobody hears of what another work wrote before that is.
///
/// Works run one after the other, as in transactions of their own: each sees what the ones before it wrote, and one that fails
/// takes back its own alone. Should the whole transaction be lost (a full disk, a statement that took too long, a commit
/// that fails), each work of it is run again by itself; bodies have no effect outside the connection.
extension SQLiteLink {
    private static let companionsMax = 64
    /// Nothing joins a transaction that has been open for so long.
    private static let joinNanoseconds: UInt64 = 10_000_000

    private typealias Done = (work: SQLiteWork, attempt: SQLiteWork.Attempt)

    /// Writes what waits, the first at least.
    func write(_ works: SQLiteWrites) {
        guard let first = works.first() else { return }
        let begun = DispatchTime.now().uptimeNanoseconds
        guard begin(first) else { return }
        let attempt = attempted(first)
        guard attempt.failure == nil else {
            rollBack()
            return attempt.tell()
        }
        var done: [Done] = [(first, attempt)]
        while !first.isAlone, done.count < Self.companionsMax,
            DispatchTime.now().uptimeNanoseconds < begun + Self.joinNanoseconds, let next = works.companion()
        {
            guard let attempt = joined(next) else {
                rollBack()
                for work in done.map(\.work) + [next] { alone(work) }
                return
            }
            done.append((next, attempt))
        }
        commit(done)
    }

    /// The work of one transaction; nil when that transaction is lost.
    private func joined(_ work: SQLiteWork) -> SQLiteWork.Attempt? {
        guard did("SAVEPOINT work") else { return nil }
        let attempt = attempted(work)
        guard attempt.failure != nil else { return did("RELEASE work") ? attempt : nil }
        return isOpen && did("ROLLBACK TO work") && did("RELEASE work") ? attempt : nil
    }

    private func commit(_ done: [Done]) {
        guard let failure = refusal(of: "COMMIT") else {
            for one in done { one.attempt.tell() }
            return
        }
        rollBack()
        if done.count == 1 { return done[0].work.fail(failure) }
        for one in done { alone(one.work) }
    }

    private func alone(_ work: SQLiteWork) {
        guard begin(work) else { return }
        let attempt = attempted(work)
        if attempt.failure == nil { return commit([(work, attempt)]) }
        rollBack()
        attempt.tell()
    }

    /// Takes the write lock at once, so that the work never has to be run again for want of it.
    private func begin(_ work: SQLiteWork) -> Bool {
        guard let failure = refusal(of: "BEGIN IMMEDIATE") else { return true }
        work.fail(failure)
        return false
    }

    private func rollBack() {
        if isOpen { _ = did("ROLLBACK") }
    }

    private func did(_ statement: String) -> Bool {
        refusal(of: statement) == nil
    }

    private func refusal(of statement: String) -> (any Error)? {
        do {
            try control(statement)
            return nil
        } catch {
            return error
        }
    }

    private var isOpen: Bool { sqlite3_get_autocommit(handle) == 0 }

    private func attempted(_ work: SQLiteWork) -> SQLiteWork.Attempt {
        begin(timeoutSeconds: work.timeoutSeconds)
        return work.attempt(self)
    }
}
