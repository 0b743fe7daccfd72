import Storage
import TestSupport
import Testing

/// Queries end: by their limits, or with the task that asked.
@Suite("Analytics limits")
struct AnalyticsLimitsTests {
    static let endless: AnalyticsSQL = "SELECT count() FROM numbers(1000000000000) WHERE intHash64(number) = 1"

    @Test("a query that takes too long is stopped", arguments: AnalyticsKind.allCases)
    func seconds(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { store in
            await #expect(throws: StorageError.timedOut(seconds: 1)) {
                try await store.query(Self.endless, limits: QueryLimits(seconds: 1))
            }
            let next = try await store.query("SELECT 1")
            #expect(try next.ints(0) == [1])
        }
    }

    @Test("a query that needs too much memory is stopped", arguments: AnalyticsKind.allCases)
    func memory(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { store in
            let error = await #expect(throws: StorageError.self) {
                try await store.query(
                    "SELECT uniqExact(number) FROM numbers(50000000)", limits: QueryLimits(memoryBytes: 50_000_000))
            }
            #expect(error?.statementCode == "241")
        }
    }

    @Test("an answer with too many rows is refused", arguments: AnalyticsKind.allCases)
    func rows(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { store in
            let error = await #expect(throws: StorageError.self) {
                try await store.query("SELECT number FROM numbers(1001)", limits: QueryLimits(rows: 1000))
            }
            #expect(error?.statementCode == "396")
            let whole = try await store.query("SELECT number FROM numbers(1000)", limits: QueryLimits(rows: 1000))
            #expect(whole.count == 1000)
        }
    }

    @Test("a cancelled task stops its query, long before its limit", arguments: AnalyticsKind.allCases)
    func cancelled(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { store in
            let endless: AnalyticsSQL = "SELECT count() FROM numbers(999999999999) WHERE intHash64(number) = 2"
            let query = Task { try await store.query(endless, limits: QueryLimits(seconds: 3600)) }
            try await Task.sleep(for: .milliseconds(300))
            query.cancel()
            await #expect(throws: CancellationError.self) { try await query.value }
            var polls = 0
            while polls < 600, try await isRunning(store) {
                polls += 1
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(try await isRunning(store) == false)
        }
    }

    private func isRunning(_ store: any AnalyticsStore) async throws -> Bool {
        let running = try await store.query(
            """
            SELECT count() FROM system.processes
            WHERE query LIKE '%numbers(999999999999)%' AND query NOT LIKE '%system.%'
            """)
        return try running.ints(0) != [0]
    }

    @Test("a query cancelled before it starts never runs", arguments: AnalyticsKind.allCases)
    func cancelledEarly(_ kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { store in
            let query = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await store.query(Self.endless, limits: QueryLimits(seconds: 300))
            }
            await #expect(throws: CancellationError.self) { try await query.value }
        }
    }
}

extension StorageError {
    var statementCode: String? {
        if case .statement(let code, _, _) = self { code } else { nil }
    }
}
