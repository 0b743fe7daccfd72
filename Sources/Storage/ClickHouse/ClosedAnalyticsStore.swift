/// Stands where a command was told to do without analytics; every call says so.
package struct ClosedAnalyticsStore: AnalyticsStore {
    private let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }

    private var closed: StorageError { .unavailable(message: reason) }

    package func query(_ sql: AnalyticsSQL, limits: QueryLimits) async throws -> AnalyticsTable { throw closed }
    package func insert(_ block: AnalyticsBlock, token: String) async throws { throw closed }
    package func execute(_ sql: AnalyticsSQL) async throws { throw closed }
    package func migrate(_ migrations: [Migration]) async throws -> [Int] { throw closed }
    package func diagnose() async throws -> StoreDiagnosis { throw closed }
    package func backup(to folder: String) async throws { throw closed }
    package func restore(from folder: String) async throws { throw closed }
    package func close() async {}
}
