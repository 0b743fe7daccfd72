import Storage
import TestSupport
import Testing

/// The same statements on every kind of analytics store.
@Suite("Analytics statements")
struct AnalyticsStatementsTests {
    @Test("every column type comes back as it went in", arguments: AnalyticsKind.allCases)
    func everyType(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            let block = AnalyticsSamples.block()
            try await store.insert(block, token: "one")
            let answer = try await store.query("SELECT * FROM samples ORDER BY id")
            #expect(answer.names == block.columns.map(\.name))
            for (column, name) in answer.names.enumerated() {
                #expect(answer.columns[column] == block.columns[column].values.widened, "\(name)")
            }
        }
    }

    @Test("an answer without rows still has its columns", arguments: AnalyticsKind.allCases)
    func emptyAnswer(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            let answer = try await store.query("SELECT id, name, tags FROM samples WHERE id = 0")
            #expect(
                answer
                    == AnalyticsTable(
                        names: ["id", "name", "tags"], columns: [.uint64([]), .string([]), .strings([])]))
        }
    }

    @Test("interpolated values are literals, whatever they hold", arguments: AnalyticsKind.allCases)
    func escaping(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            for text in AnalyticsSamples.hardStrings {
                let answer = try await store.query("SELECT \(text) AS s, length(\(text)) AS n")
                #expect(try answer.strings(0) == [text])
                #expect(try answer.ints(1) == [Int64(text.utf8.count)])
            }
            try await store.insert(AnalyticsSamples.block(), token: "one")
            let found = try await store.query(
                "SELECT count() FROM samples WHERE name IN (\(list: AnalyticsSamples.hardStrings))")
            #expect(try found.ints(0) == [Int64(AnalyticsSamples.hardStrings.count)])
        }
    }

    @Test("numbers, dates, NULL and arrays are read by type", arguments: AnalyticsKind.allCases)
    func types(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            let answer = try await store.query(
                """
                SELECT toDate('2026-01-02') AS day, toDateTime('2026-01-02 08:00:00', 'Asia/Shanghai') AS at,
                    toInt8(-5) AS small, toUInt64(18446744073709551615) AS big, toFloat32(0.5) AS half,
                    CAST(NULL AS Nullable(String)) AS missing, [toUInt8(1), toUInt8(2)] AS list, [0.5] AS halves,
                    toFixedString('ab', 2) AS fixed, CAST('a' AS Enum8('a' = 7)) AS choice, count() > 0 AS some
                FROM samples
                """)
            #expect(try answer.ints(0) == [20_455])
            #expect(try answer.ints(1) == [1_767_312_000])
            #expect(try answer.ints(2) == [-5])
            #expect(answer.columns[3] == .uint64([.max]))
            #expect(try answer.doubles(4) == [0.5])
            #expect(try answer.strings(5) == [""])
            #expect(answer.columns[6] == .int64s([[1, 2]]))
            #expect(answer.columns[7] == .float64s([[0.5]]))
            #expect(try answer.strings(8) == ["ab"])
            #expect(try answer.ints(10) == [0])
        }
    }

    @Test("the newest row replaces older ones under FINAL", arguments: AnalyticsKind.allCases)
    func replacing(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            try await store.insert(
                AnalyticsSamples.members([(1, 10, "silver", 5), (2, 10, "gold", 7)]), token: "a")
            try await store.insert(AnalyticsSamples.members([(1, 20, "gold", 9)]), token: "b")
            try await store.insert(AnalyticsSamples.members([(2, 5, "bronze", 1)]), token: "c")
            let answer = try await store.query(
                "SELECT id, tier, points FROM (SELECT id, tier, points FROM members AS m FINAL) AS c ORDER BY id")
            #expect(try answer.strings(1) == ["gold", "gold"])
            #expect(try answer.ints(2) == [9, 7])
        }
    }

    @Test("rows are deleted and updated everywhere, and a partition dropped", arguments: AnalyticsKind.allCases)
    func mutations(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            try await store.insert(AnalyticsSamples.block(), token: "one")
            try await store.execute("ALTER TABLE {data samples} DELETE WHERE id IN (1, 2)")
            try await store.execute("ALTER TABLE {data samples} UPDATE amount = 7 WHERE id = 3")
            let left = try await store.query("SELECT min(id), count(), sumIf(amount, id = 3) FROM samples")
            #expect(left.columns[0] == .uint64([3]))
            #expect(try left.ints(1) == [7])
            #expect(try left.ints(2) == [7])
            try await store.execute("ALTER TABLE {data samples} DROP PARTITION 202602")
            let months = try await store.query("SELECT DISTINCT toYYYYMM(day) AS m FROM samples ORDER BY m")
            #expect(try months.ints(0).contains(202_602) == false)
        }
    }

    @Test("servers whose ALTER ON CLUSTER may end their distributed DDL are not asked for one")
    func altersByShard() async throws {
        try await TestAnalytics.withSamples(.cluster) { store in
            try await store.execute("ALTER TABLE {data samples} DELETE WHERE id = 1")
            try await store.execute("ALTER TABLE {each samples} ADD COLUMN city String")
            #expect(try await store.query("SELECT city FROM samples LIMIT 1").names == ["city"])
            let version = try await store.query(
                "SELECT toUInt64(splitByChar('.', version())[1]) AS major, currentDatabase() AS name")
            let asked = try await store.query(
                """
                SELECT count() FROM system.zookeeper WHERE path = '/clickhouse/task_queue/ddl'
                AND value LIKE '%query: ALTER%' AND position(value, \(try version.strings(1)[0])) > 0
                """)
            if case .uint64(let majors) = version.columns[0], majors[0] < 19 { #expect(try asked.ints(0) == [0]) }
        }
    }

    @Test("a column is added and dropped everywhere", arguments: AnalyticsKind.allCases)
    func columns(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            try await store.insert(AnalyticsSamples.members([(1, 1, "gold", 1)]), token: "a")
            try await store.execute("ALTER TABLE {each members} ADD COLUMN city String")
            try await store.insert(
                AnalyticsBlock(
                    table: "members",
                    columns: [
                        ("id", .uint64([2])), ("ver", .uint64([1])), ("tier", .string(["gold"])),
                        ("points", .int64([1])),
                        ("city", .string(["杭州"])),
                    ]), token: "b")
            #expect(try await store.query("SELECT city FROM members ORDER BY id").strings(0) == ["", "杭州"])
            try await store.execute("ALTER TABLE {each members} DROP COLUMN city")
            #expect(try await store.query("SELECT * FROM members LIMIT 1").names == ["id", "ver", "tier", "points"])
        }
    }

    @Test("a fault in a statement says which and why", arguments: AnalyticsKind.allCases)
    func faults(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            let error = await #expect(throws: StorageError.self) {
                try await store.query("SELECT nothing FROM samples")
            }
            guard case .statement(let code, let message, let sql) = error else {
                Issue.record("unexpected error \(String(describing: error))")
                return
            }
            #expect(code == "47")
            #expect(message.contains("nothing"))
            #expect(sql.contains("SELECT nothing FROM samples"))
        }
    }

    @Test("a query cannot write", arguments: AnalyticsKind.allCases)
    func readOnly(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.withSamples(kind) { store in
            await #expect(throws: StorageError.self) {
                try await store.query("INSERT INTO members SELECT 1, 1, 'a', 1")
            }
            let answer = try await store.query("SELECT count() FROM members")
            #expect(try answer.ints(0) == [0])
        }
    }
}

extension TestAnalytics {
    /// A store with the tables of `AnalyticsSamples`.
    @discardableResult
    static func withSamples<T>(
        _ kind: AnalyticsKind, _ body: (any AnalyticsStore) async throws -> T
    ) async throws -> T {
        try await with(kind, migrated: false) { store in
            try await store.migrate([AnalyticsSamples.migration])
            return try await body(store)
        }
    }
}

extension AnalyticsColumn {
    /// As answers hold it: whole numbers in 64 bits.
    var widened: AnalyticsColumn {
        switch self {
        case .uint8(let values): .int64(values.map(Int64.init))
        case .uint16(let values): .int64(values.map(Int64.init))
        case .uint32(let values): .int64(values.map(Int64.init))
        default: self
        }
    }
}
