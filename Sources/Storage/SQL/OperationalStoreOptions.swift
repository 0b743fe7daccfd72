/// Bounds under which an operational store works.
package struct OperationalStoreOptions: Sendable, Equatable {
    /// Connections at most: to PostgreSQL in all, to SQLite for reading (it has one writer besides).
    package var connectionsMax: Int
    /// How long one statement may run before it is stopped with `StorageError.timedOut`.
    package var statementTimeoutSeconds: Double
    /// How long a transaction waits for a free connection, for SQLite's write lock, or for a server that restarts,
    /// before `StorageError.unavailable`.
    package var waitSeconds: Double

    package init(connectionsMax: Int = 8, statementTimeoutSeconds: Double = 60, waitSeconds: Double = 10) {
        self.connectionsMax = connectionsMax
        self.statementTimeoutSeconds = statementTimeoutSeconds
        self.waitSeconds = waitSeconds
    }
}
