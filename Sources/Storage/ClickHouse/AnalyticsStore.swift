/// The analytics store: ClickHouse, embedded in the process (chDB) or a cluster over HTTP.
///
/// Open one with `openAnalyticsStore(_:)`. The same statements run on both; docs/analytics-sql.md lists the rules.
/// Every call throws `StorageError`.
package protocol AnalyticsStore: Sendable {
    /// Runs a read-only query under limits. A cancelled task stops the query at the store.
    func query(_ sql: AnalyticsSQL, limits: QueryLimits) async throws -> AnalyticsTable

    /// Loads rows durably. The same `token` with the same rows adds nothing the second time.
    func insert(_ block: AnalyticsBlock, token: String) async throws

    /// Whether a load that failed may be remembered as done, so that the same token adds nothing though the rows are
    /// missing. chDB notes a token before the part is in place: where the disk is full the one stays and the other does
    /// not. Whoever repeats a load there looks first what has arrived, and takes another token.
    var remembersLostLoads: Bool { get async throws }

    /// Runs a statement that answers nothing (DDL, mutation, drop partition) and waits for it. Tables that it changes
    /// are written with the tokens of `AnalyticsDDL`, so that it reaches every node: `ALTER TABLE {data events}
    /// DELETE …`.
    func execute(_ sql: AnalyticsSQL) async throws

    /// Applies missing migrations, written with the tokens of `AnalyticsDDL`. Safe to run twice and concurrently.
    /// Returns the versions applied now.
    @discardableResult
    func migrate(_ migrations: [Migration]) async throws -> [Int]

    /// Version, address without secrets, size in bytes, the applied schema version, and what should be mended.
    func diagnose() async throws -> StoreDiagnosis

    /// Copies every table into `folder` (one file in ClickHouse's Native format each, and a manifest). A backup of
    /// either kind of store can be restored into the other.
    func backup(to folder: String) async throws

    /// Loads a backup into a migrated store whose tables are empty.
    func restore(from folder: String) async throws

    /// Finishes running calls and closes every connection.
    func close() async
}

/// Bounds on one analytics query.
package struct QueryLimits: Sendable, Equatable {
    package var seconds: Int
    package var memoryBytes: Int64
    package var rows: Int
    /// The query groups by the beginning of its table's sorting key: groups are finished one after the other, in little
    /// memory. A server that does not know the setting is not told.
    package var groupsInKeyOrder: Bool

    package init(
        seconds: Int = 30, memoryBytes: Int64 = 2_000_000_000, rows: Int = 5_000_000, groupsInKeyOrder: Bool = false
    ) {
        self.seconds = seconds
        self.memoryBytes = memoryBytes
        self.rows = rows
        self.groupsInKeyOrder = groupsInKeyOrder
    }
}

extension AnalyticsStore {
    package var remembersLostLoads: Bool { false }

    package func query(_ sql: AnalyticsSQL) async throws -> AnalyticsTable {
        try await query(sql, limits: QueryLimits())
    }
}
