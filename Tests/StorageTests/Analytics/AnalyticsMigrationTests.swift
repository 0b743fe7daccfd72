import Engine
import Storage
import TestSupport
import Testing

/// The schema of the analytics store and its ledger.
@Suite("Analytics migrations")
struct AnalyticsMigrationTests {
    @Test("the shipped schema applies, once", arguments: AnalyticsKind.allCases)
    func shipped(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind, migrated: false) { store in
            let migrations = try SchemaFiles.analytics()
            #expect(try await store.diagnose().schemaVersion == 0)
            #expect(try await store.migrate(migrations) == migrations.map(\.version))
            #expect(try await store.migrate(migrations) == [])
            #expect(try await store.diagnose().schemaVersion == migrations.last?.version)
            #expect(try await store.query("SELECT count() FROM events").ints(0) == [0])
        }
    }

    @Test("two processes may migrate at the same time", arguments: AnalyticsKind.allCases)
    func concurrent(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind, migrated: false) { store in
            try await TestDatabase.with(.sqlite) { operational in
                let versions = try SchemaFiles.analytics().map(\.version)
                async let one = store.migrate(turnsIn: operational, leaseMilliseconds: 1_800_000)
                async let two = store.migrate(turnsIn: operational, leaseMilliseconds: 1_800_000)
                let applied = try await [one, two]
                #expect(applied.sorted { $0.count < $1.count } == [[], versions])
            }
        }
    }

    @Test("a half applied migration is finished by the next run", arguments: AnalyticsKind.allCases)
    func resumed(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            try await store.execute("ALTER TABLE {each members} ADD COLUMN city String")
            let next = Migration(
                version: 2, name: "more",
                statements: """
                    ALTER TABLE {each members} ADD COLUMN city String;
                    ALTER TABLE {each members} ADD COLUMN country String;
                    """)
            #expect(try await store.migrate([AnalyticsSamples.migration, next]) == [2])
            #expect(try await store.query("SELECT city, country FROM members").names == ["city", "country"])
        }
    }

    @Test("an edited migration and a newer schema are refused", arguments: AnalyticsKind.allCases)
    func refused(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            var edited = AnalyticsSamples.migration
            edited.statements += "\n"
            await #expect(throws: StorageError.migrationChanged(version: 1, name: "samples")) {
                try await store.migrate([edited])
            }
            let older = Migration(version: 0, name: "older", statements: "")
            await #expect(throws: StorageError.schemaTooNew(found: 1, known: 0)) { try await store.migrate([older]) }
        }
    }
}
