import Engine
import Foundation
import Storage

/// A fresh operational store for one test: a SQLite file of its own, or a database of its own on the test server.
///
/// ```swift
/// @Test("an order counts once", arguments: StoreKind.allCases)
/// func order(kind: StoreKind) async throws {
///     try await TestDatabase.with(kind) { store in … }
/// }
/// ```
package struct TestDatabase: Sendable {
    package let kind: StoreKind
    /// Opens the same database again, as another process would.
    package let url: String
    package let store: any OperationalStore
    private let place: Place

    private enum Place {
        case folder(String)
        case database(String, migrated: Bool, on: PostgreSQLServer)
    }

    /// Runs `body` with a fresh store that carries the current schema, and removes it afterwards.
    package static func with<T>(
        _ kind: StoreKind, migrated: Bool = true, options: OperationalStoreOptions = testOptions,
        _ body: (any OperationalStore) async throws -> T
    ) async throws -> T {
        try await withDatabase(kind, migrated: migrated, options: options) { try await body($0.store) }
    }

    /// As `with`, for a test that also needs the URL.
    package static func withDatabase<T>(
        _ kind: StoreKind, migrated: Bool = true, options: OperationalStoreOptions = testOptions,
        _ body: (TestDatabase) async throws -> T
    ) async throws -> T {
        let database = try await open(kind, migrated: migrated, options: options)
        do {
            let value = try await body(database)
            try await database.remove()
            return value
        } catch {
            try await database.remove()
            throw error
        }
    }

    /// Makes a fresh store; the caller calls `remove()`.
    package static func open(
        _ kind: StoreKind, migrated: Bool = true, options: OperationalStoreOptions = testOptions
    ) async throws -> TestDatabase {
        switch kind {
        case .sqlite:
            let folder = try TestFolder.make("sqlite")
            if migrated { try await SQLiteTemplate.shared.copy(to: "\(folder)/store.db") }
            let url = "sqlite://\(folder)/store.db"
            return try await open(kind, url: url, place: .folder(folder), migrated: migrated, options: options)
        case .postgresql:
            let server = try await PostgreSQLServer.shared()
            let name = try await server.takeDatabase(migrated: migrated)
            return try await open(
                kind, url: server.url(database: name), place: .database(name, migrated: migrated, on: server),
                migrated: migrated, options: options)
        }
    }

    private static func open(
        _ kind: StoreKind, url: String, place: Place, migrated: Bool, options: OperationalStoreOptions
    ) async throws -> TestDatabase {
        let store = try await openOperationalStore(url, options: options)
        if migrated { try await store.migrate(SchemaFiles.operational()) }
        return TestDatabase(kind: kind, url: url, store: store, place: place)
    }

    /// Few connections, as many tests run at once; patient, as a slow machine gives each of them little.
    package static var testOptions: OperationalStoreOptions {
        OperationalStoreOptions(connectionsMax: 4, statementTimeoutSeconds: 300, waitSeconds: 300)
    }

    package func remove() async throws {
        await store.close()
        switch place {
        case .folder(let folder): try FileManager.default.removeItem(atPath: folder)
        case .database(let name, let migrated, let server): try await server.giveBack(name, migrated: migrated)
        }
    }
}
