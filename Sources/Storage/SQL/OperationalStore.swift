/// The transactional store: SQLite in a file, or PostgreSQL.
///
/// Open one with `openOperationalStore(_:)`. Statements are the portable subset of both (see `SQL`, `SQLConnection`).
/// A transaction that has begun runs to its end, also when the task that waits for it is cancelled.
package protocol OperationalStore: Sendable {
    var dialect: SQLDialect { get }

    /// Runs `body` on a snapshot; it must not write.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T

    /// Runs `body` in one transaction that is durable (fsynced) when this returns, and rolled back when it throws.
    ///
    /// A transaction that loses to a concurrent one (deadlock, serialisation failure) is run again a bounded number
    /// of times, and so is one that was committed together with another which took it down, so `body` must have no
    /// effect outside the connection. A connection that breaks fails it with
    /// `StorageError.unavailable`; only when it broke during the commit itself may the work have been done.
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T

    /// The same for work that takes long, such as a batch of many rows: what is quick is not committed with it, and so does
    /// not wait for its end.
    func writeAlone<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T

    /// Applies the migrations that are missing, in order, each in its transaction. Safe to run twice and concurrently.
    /// Returns the versions applied now.
    @discardableResult
    func migrate(_ migrations: [Migration]) async throws -> [Int]

    /// Server or library version, address without secrets, size in bytes, and the applied schema version.
    func diagnose() async throws -> StoreDiagnosis

    /// Copies the whole store, consistent as of now, into `folder`; `restore` brings it back into an empty store.
    func backup(to folder: String) async throws
    func restore(from folder: String) async throws

    /// Waits for running transactions and closes every connection.
    func close() async
}

/// What `perennial doctor` and the status page tell of a store.
package struct StoreDiagnosis: Sendable, Equatable {
    package var product: String
    package var version: String
    package var address: String
    package var bytes: Int64?
    package var schemaVersion: Int
    /// Things that work but should be mended, as sentences.
    package var warnings: [String]

    package init(
        product: String, version: String, address: String, bytes: Int64?, schemaVersion: Int, warnings: [String] = []
    ) {
        self.product = product
        self.version = version
        self.address = address
        self.bytes = bytes
        self.schemaVersion = schemaVersion
        self.warnings = warnings
    }
}
