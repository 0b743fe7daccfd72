import Engine
import Foundation
import Storage
import Synchronization

/// Analytics stores for tests, each with a database of its own that goes when the test ends.
package enum TestAnalytics {
    private static let made = Atomic<Int>(0)

    /// Runs `body` with an empty store of the kind, migrated unless `migrated` is false.
    @discardableResult
    package static func with<T>(
        _ kind: AnalyticsKind, migrated: Bool = true, _ body: (any AnalyticsStore) async throws -> T
    ) async throws -> T {
        let database = newDatabase()
        let store = try await openAnalyticsStore(try await url(kind, database: database))
        let result: Result<T, any Error>
        do {
            if migrated { try await store.migrate(SchemaFiles.analytics()) }
            result = .success(try await body(store))
        } catch {
            result = .failure(error)
        }
        try await drop(database, kind, store)
        await store.close()
        return try result.get()
    }

    /// A database name that no other test of this run has.
    package static func newDatabase() -> String {
        "test_\(getpid())_\(made.wrappingAdd(1, ordering: .relaxed).newValue)"
    }

    /// The address of a store of the kind; starts what it needs.
    package static func url(_ kind: AnalyticsKind, database: String) async throws -> String {
        switch kind {
        case .embedded: "chdb://\(TestFolder.root)/chdb?database=\(database)"
        case .cluster: try await ClickHouseCluster.shared().url(database: database)
        }
    }

    private static func drop(_ database: String, _ kind: AnalyticsKind, _ store: any AnalyticsStore) async throws {
        switch kind {
        case .embedded: try await store.execute("DROP DATABASE IF EXISTS \(raw: database)")
        case .cluster:
            let on = "ON CLUSTER \(ClickHouseCluster.name)"
            // The store's own database goes last: statements run inside it.
            try await store.execute("DROP DATABASE IF EXISTS \(raw: database)_local \(raw: on)")
            try await store.execute("DROP DATABASE IF EXISTS \(raw: database) \(raw: on)")
        }
    }
}
