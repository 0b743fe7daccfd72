import Synchronization

/// An analytics store that is opened in the background, so that a server answers its first page before chDB is in.
///
/// Every call waits until the store is open, and throws what opening threw.
package final class DeferredAnalyticsStore: AnalyticsStore {
    private let opening: Task<any AnalyticsStore, any Error>
    private let state = State()

    private final class State: Sendable {
        let isOpen = Atomic<Bool>(false)
    }

    /// Begins to open at once.
    package init(_ open: @escaping @Sendable () async throws -> any AnalyticsStore) {
        opening = Task { [state] in
            let store = try await open()
            state.isOpen.store(true, ordering: .releasing)
            return store
        }
    }

    /// Whether the store is open by now; false while it is opening and when that failed.
    package var isOpen: Bool { state.isOpen.load(ordering: .acquiring) }

    /// Waits until the store is open. Throws: what opening threw.
    @discardableResult
    package func waitUntilOpen() async throws -> any AnalyticsStore {
        try await opening.value
    }

    package func query(_ sql: AnalyticsSQL, limits: QueryLimits) async throws -> AnalyticsTable {
        try await waitUntilOpen().query(sql, limits: limits)
    }

    package func insert(_ block: AnalyticsBlock, token: String) async throws {
        try await waitUntilOpen().insert(block, token: token)
    }

    package var remembersLostLoads: Bool {
        get async throws { try await waitUntilOpen().remembersLostLoads }
    }

    package func execute(_ sql: AnalyticsSQL) async throws {
        try await waitUntilOpen().execute(sql)
    }

    @discardableResult
    package func migrate(_ migrations: [Migration]) async throws -> [Int] {
        try await waitUntilOpen().migrate(migrations)
    }

    package func diagnose() async throws -> StoreDiagnosis {
        try await waitUntilOpen().diagnose()
    }

    package func backup(to folder: String) async throws {
        try await waitUntilOpen().backup(to: folder)
    }

    package func restore(from folder: String) async throws {
        try await waitUntilOpen().restore(from: folder)
    }

    package func close() async {
        if case .success(let store) = await opening.result { await store.close() }
    }
}
