import Dispatch

/// What SQLite and PostgreSQL each bring; migrations, backup and restore are written once on top of it.
protocol OperationalBackend: OperationalStore {
    var options: OperationalStoreOptions { get }

    /// Runs `body` in a transaction of the given kind, on a thread that may block.
    func transaction<T: Sendable>(
        _ mode: TransactionMode, _ body: @escaping @Sendable (any OperationalLink) throws -> T
    ) async throws -> T
}

/// A connection with what only this target needs.
protocol OperationalLink: SQLConnection {
    /// Runs one statement that is not worth keeping prepared: the schema's own.
    func executeOnce(_ statement: String) throws
}

struct TransactionMode: Sendable {
    var readOnly: Bool
    /// Long work, with which nothing else is to be committed.
    var isAlone = true
    /// Seconds a statement may run; `nil` for the store's own long work (migrations, backup).
    var statementTimeoutSeconds: Double? = nil
}

extension OperationalBackend {
    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try await transaction(
            TransactionMode(readOnly: true, statementTimeoutSeconds: options.statementTimeoutSeconds)
        ) { try body($0) }
    }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try await transaction(
            TransactionMode(
                readOnly: false, isAlone: false, statementTimeoutSeconds: options.statementTimeoutSeconds)
        ) { try body($0) }
    }

    package func writeAlone<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try await transaction(
            TransactionMode(readOnly: false, statementTimeoutSeconds: options.statementTimeoutSeconds)
        ) { try body($0) }
    }

    @discardableResult
    package func migrate(_ migrations: [Migration]) async throws -> [Int] {
        try await MigrationRunner(store: self).run(migrations)
    }

    package func backup(to folder: String) async throws {
        try await StoreBackup(store: self, folder: folder).write()
    }

    package func restore(from folder: String) async throws {
        try await StoreRestore(store: self, folder: folder).run()
    }
}

extension DispatchQueue {
    /// Runs blocking work on this queue and waits for it without blocking the caller's thread.
    func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            async { continuation.resume(with: Result(catching: work)) }
        }
    }
}
