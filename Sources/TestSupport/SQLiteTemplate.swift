import Engine
import Foundation
import Storage

/// A migrated, empty SQLite file, made once in a test process; copying it is cheaper than migrating again.
actor SQLiteTemplate {
    static let shared = SQLiteTemplate()

    private var making: Task<String, any Error>?

    func copy(to path: String) async throws {
        let task = making ?? Task { try await Self.make() }
        making = task
        try FileManager.default.copyItem(atPath: try await task.value, toPath: path)
    }

    private static func make() async throws -> String {
        let path = "\(try TestFolder.make("template"))/store.db"
        let store = try await openOperationalStore("sqlite://\(path)")
        try await store.migrate(SchemaFiles.operational())
        // Closing brings the write-ahead log into the file.
        await store.close()
        return path
    }
}
