import Storage
import Synchronization

/// An analytics store whose queries never end by themselves: each is given up as a real one is when its time is over, but at
/// once; or, when it `waits`, runs until its task is cancelled.
package final class SlowAnalytics: AnalyticsStore {
    private struct State {
        var seconds: [Int] = []
        var cancelled = 0
    }

    private let waits: Bool
    private let state = Mutex(State())

    package init(waits: Bool = false) {
        self.waits = waits
    }

    /// What each query was given.
    package var seconds: [Int] { state.withLock { $0.seconds } }
    /// Queries that were stopped.
    package var cancelled: Int { state.withLock { $0.cancelled } }

    package func query(_ sql: AnalyticsSQL, limits: QueryLimits) async throws -> AnalyticsTable {
        state.withLock { $0.seconds.append(limits.seconds) }
        guard waits else { throw StorageError.timedOut(seconds: Double(limits.seconds)) }
        do {
            try await Task.sleep(for: .seconds(limits.seconds))
        } catch {
            state.withLock { $0.cancelled += 1 }
            throw error
        }
        throw StorageError.timedOut(seconds: Double(limits.seconds))
    }

    package func insert(_ block: AnalyticsBlock, token: String) async throws {}
    package func execute(_ sql: AnalyticsSQL) async throws {}
    package func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    package func diagnose() async throws -> StoreDiagnosis {
        StoreDiagnosis(product: "slow", version: "", address: "", bytes: nil, schemaVersion: 0, warnings: [])
    }
    package func backup(to folder: String) async throws {}
    package func restore(from folder: String) async throws {}
    package func close() async {}
}
