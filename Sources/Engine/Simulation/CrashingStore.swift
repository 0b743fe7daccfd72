import Storage
import Synchronization

/// A store whose process dies at a commit when told: before it, and nothing of the transaction is there; or behind it,
/// and nobody hears the answer.
final class CrashingStore: OperationalStore {
    enum Moment: Sendable { case beforeCommit, afterCommit }

    /// Thrown where the process dies.
    struct Crash: Error {}

    private struct Plan {
        /// Commits that still go well.
        var commits: Int
        var moment: Moment
    }

    private let base: any OperationalStore
    private let plan = Mutex<Plan?>(nil)

    init(_ base: any OperationalStore) {
        self.base = base
    }

    var dialect: SQLDialect { base.dialect }

    /// The process dies at the commit after so many.
    func die(after commits: Int, _ moment: Moment) {
        plan.withLock { $0 = Plan(commits: commits, moment: moment) }
    }

    /// Nothing dies any more. Returns whether something did since it was told to.
    @discardableResult
    func live() -> Bool {
        plan.withLock { plan in
            defer { plan = nil }
            return plan.map { $0.commits < 0 } ?? false
        }
    }

    private func next() -> Moment? {
        plan.withLock { plan in
            guard var told = plan, told.commits >= 0 else { return nil }
            told.commits -= 1
            plan = told
            return told.commits < 0 ? told.moment : nil
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await base.read(body)
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        switch next() {
        case nil: return try await base.write(body)
        case .beforeCommit:
            return try await base.write { connection -> T in
                _ = try body(connection)
                throw Crash()
            }
        case .afterCommit:
            _ = try await base.write(body)
            throw Crash()
        }
    }

    func writeAlone<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await write(body)
    }

    func migrate(_ migrations: [Migration]) async throws -> [Int] { try await base.migrate(migrations) }
    func diagnose() async throws -> StoreDiagnosis { try await base.diagnose() }
    func backup(to folder: String) async throws { try await base.backup(to: folder) }
    func restore(from folder: String) async throws { try await base.restore(from: folder) }
    func close() async { await base.close() }
}
