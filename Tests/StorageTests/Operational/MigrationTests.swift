import Foundation
import Storage
import TestSupport
import Testing

@Suite("Migrations")
struct MigrationTests {
    private let second = Migration(
        version: 2, name: "more", statements: "ALTER TABLE things ADD COLUMN more TEXT NOT NULL DEFAULT 'x';\n")

    @Test("running twice applies each migration once", arguments: StoreKind.allCases)
    func twice(kind: StoreKind) async throws {
        try await TestDatabase.with(kind, migrated: false) { store in
            #expect(try await store.migrate([Things.migration]) == [1])
            #expect(try await store.migrate([Things.migration]) == [])
            #expect(try await store.migrate([Things.migration, second]) == [2])
            #expect(try await store.diagnose().schemaVersion == 2)
            let applied = try await store.read { try $0.query("SELECT applied_ms FROM schema_migrations")[0].int(0) }
            #expect(applied > 1_700_000_000_000)
        }
    }

    @Test("several processes at once apply each migration once", arguments: StoreKind.allCases)
    func concurrently(kind: StoreKind) async throws {
        try await TestDatabase.withDatabase(kind, migrated: false) { database in
            let migrations = [Things.migration, second]
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let store = try await openOperationalStore(database.url, options: TestDatabase.testOptions)
                        let applied = try await store.migrate(migrations)
                        await store.close()
                        return applied
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == [1, 2])
        }
    }

    @Test("a changed migration and a newer schema are refused", arguments: StoreKind.allCases)
    func refusals(kind: StoreKind) async throws {
        try await TestDatabase.with(kind, migrated: false) { store in
            try await store.migrate([Things.migration, second])
            var changed = Things.migration
            changed.statements += "\nCREATE TABLE sneaked (id {id});"
            await #expect(throws: StorageError.migrationChanged(version: 1, name: "things")) {
                try await store.migrate([changed, second])
            }
            await #expect(throws: StorageError.schemaTooNew(found: 2, known: 1)) {
                try await store.migrate([Things.migration])
            }
        }
    }

    @Test("a migration that fails leaves nothing of itself behind", arguments: StoreKind.allCases)
    func failure(kind: StoreKind) async throws {
        try await TestDatabase.with(kind, migrated: false) { store in
            let broken = Migration(
                version: 2, name: "broken",
                statements: "CREATE TABLE half (id {id});\nCREATE INDEX nowhere_by ON nowhere (id);")
            await #expect(throws: StorageError.self) { try await store.migrate([Things.migration, broken]) }
            let version = try await store.diagnose().schemaVersion
            #expect(version == 1)
            // The half-made table would be in the way now.
            let mended = Migration(version: 2, name: "mended", statements: "CREATE TABLE half (id {id});")
            let applied = try await store.migrate([Things.migration, mended])
            #expect(applied == [2])
        }
    }

    @Test("a folder's numbered files are read in order and its other files passed over")
    func folder() throws {
        let folder = try TestFolder.make("migrations")
        for name in ["0010_ten.sql", "0002_two_words.sql", "README.md", "notes.sql"] {
            try "CREATE TABLE x (id {id});".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        let url = URL(fileURLWithPath: folder)
        #expect(try Migration.load(from: url).map { "\($0.version) \($0.name)" } == ["2 two_words", "10 ten"])
        try "".write(toFile: "\(folder)/02_again.sql", atomically: true, encoding: .utf8)
        #expect(throws: StorageError.self) { try Migration.load(from: url) }
        #expect(throws: StorageError.self) { try Migration.load(from: url.appendingPathComponent("missing")) }
    }

    @Test("the program's own schema applies", arguments: StoreKind.allCases)
    func ownSchema(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let version = try await store.diagnose().schemaVersion
            #expect(version >= 6)
        }
    }
}
