import CADBC
import Storage
import TestSupport
import Testing

/// Loading rows: once for each token, whole or not at all.
@Suite("Analytics loads")
struct AnalyticsLoadsTests {
    @Test("a repeated load adds nothing", arguments: AnalyticsKind.allCases)
    func repeated(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            for _ in 0..<3 {
                try await store.insert(AnalyticsSamples.block(), token: "batch 1")
            }
            try await store.insert(AnalyticsSamples.block(first: 100), token: "batch 2")
            try await store.insert(AnalyticsSamples.block(), token: "batch 1")
            let expected = Int64(2 * AnalyticsSamples.hardStrings.count)
            #expect(try await store.query("SELECT count() FROM samples").ints(0) == [expected])
        }
    }

    @Test("two tables may use the same token", arguments: AnalyticsKind.allCases)
    func tokenPerTable(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            try await store.insert(AnalyticsSamples.block(), token: "batch 1")
            try await store.insert(AnalyticsSamples.members([(1, 1, "gold", 1)]), token: "batch 1")
            #expect(try await store.query("SELECT count() FROM members").ints(0) == [1])
        }
    }

    @Test("a load by statement is no repetition of the block before it", arguments: AnalyticsKind.allCases)
    func loadByStatement(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            try await store.insert(AnalyticsSamples.members([(1, 1, "gold", 1)]), token: "batch 1")
            for id in 2...3 {
                try await store.execute(
                    """
                    INSERT INTO members SELECT toUInt64(\(id)) AS id, toUInt64(1) AS ver, 'gold' AS tier,
                        toInt64(1) AS points
                    """)
            }
            try await store.insert(AnalyticsSamples.members([(1, 1, "gold", 1)]), token: "batch 1")
            #expect(try await store.query("SELECT count() FROM members").ints(0) == [3])
        }
    }

    @Test("a block without rows is nothing", arguments: AnalyticsKind.allCases)
    func emptyBlock(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            try await store.insert(AnalyticsSamples.members([]), token: "none")
            #expect(try await store.query("SELECT count() FROM members").ints(0) == [0])
        }
    }

    @Test("a misshapen or unknown block is refused whole", arguments: AnalyticsKind.allCases)
    func refused(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            let uneven = AnalyticsBlock(table: "members", columns: [("id", .uint64([1, 2])), ("ver", .uint64([1]))])
            await #expect(throws: StorageError.self) { try await store.insert(uneven, token: "a") }
            let unknown = AnalyticsBlock(table: "nowhere", columns: [("id", .uint64([1]))])
            await #expect(throws: StorageError.self) { try await store.insert(unknown, token: "b") }
            let column = AnalyticsBlock(table: "members", columns: [("nonsense", .uint64([1]))])
            await #expect(throws: StorageError.self) { try await store.insert(column, token: "c") }
            let answer = try await store.query("SELECT count() FROM members")
            #expect(try answer.ints(0) == [0])
        }
    }

    @Test("many writers and readers at once see whole batches", arguments: AnalyticsKind.allCases)
    func concurrent(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            let rows = 50
            try await withThrowingTaskGroup(of: Void.self) { group in
                for batch in 0..<20 {
                    group.addTask {
                        let ids = (0..<rows).map { (UInt64(batch * rows + $0), UInt64(1), "gold", Int64(1)) }
                        try await store.insert(AnalyticsSamples.members(ids), token: "batch \(batch)")
                    }
                    group.addTask { _ = try await store.query("SELECT tier, count() FROM members GROUP BY tier") }
                }
                try await group.waitForAll()
            }
            let answer = try await store.query("SELECT count(), uniqExact(id) FROM members")
            #expect(try answer.ints(0) == [1000])
            #expect(try answer.ints(1) == [1000])
        }
    }

    @Test("on a full disk a load and a merge in the embedded engine fail, and nothing is lost")
    func fullDisk() async throws {
        try await TestAnalytics.withSamples(.embedded) { store in
            for id in 1...2 {
                try await store.insert(AnalyticsSamples.members([(UInt64(id), 1, "gold", 1)]), token: "batch \(id)")
            }
            let paths = try await store.query(
                """
                SELECT data_paths[1] FROM system.tables WHERE database = currentDatabase() AND name = 'members'
                """
            ).strings(0)
            let path = try #require(paths.first)
            let folder = try #require(path.firstRange(of: "/store/").map { String(path[$0.lowerBound...]) })
            cadbc_fail_writes(folder)
            defer { cadbc_fail_writes(nil) }
            await #expect(throws: StorageError.self) {
                try await store.insert(AnalyticsSamples.members([(3, 1, "gold", 1)]), token: "batch 3")
            }
            await #expect(throws: StorageError.self) { try await store.execute("OPTIMIZE TABLE members FINAL") }
            cadbc_fail_writes(nil)
            #expect(try await store.query("SELECT id FROM members ORDER BY id").ints(0) == [1, 2])
            try await store.insert(AnalyticsSamples.members([(3, 1, "gold", 1)]), token: "batch 3")
            try await store.execute("OPTIMIZE TABLE members FINAL")
            #expect(try await store.query("SELECT id FROM members ORDER BY id").ints(0) == [1, 2, 3])
        }
    }

    @Test("a table of the embedded engine from before merges were synced is given that setting")
    func olderTable() async throws {
        try await TestAnalytics.withSamples(.embedded) { store in
            try await store.execute("ALTER TABLE members RESET SETTING min_rows_to_fsync_after_merge")
            let synced: AnalyticsSQL = """
                SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'members'
                AND create_table_query LIKE '%min_rows_to_fsync_after_merge = 1%'
                """
            #expect(try await store.query(synced).ints(0) == [0])
            _ = try await store.migrate([AnalyticsSamples.migration])
            #expect(try await store.query(synced).ints(0) == [1])
        }
    }
}
