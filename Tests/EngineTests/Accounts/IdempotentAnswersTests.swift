import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Answers under an Idempotency-Key")
struct IdempotentAnswersTests {
    private static let hour: Int64 = 3_600_000

    @Test("are forgotten by the daily job after a day, and not before", arguments: StoreKind.allCases)
    func retention(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let platform = Platform.testing(store, clock: clock)
            try await answer("old", store, clock)
            clock.advance(milliseconds: 2 * Self.hour)
            try await answer("young", store, clock)
            clock.advance(milliseconds: 22 * Self.hour + 1)

            let id = try await platform.enqueue("account_retention", key: "now").id
            let runner = JobRunner(platform: platform, catalog: JobCatalog([AccountRetention.handler]))
            #expect(try await runner.drain() >= 1)
            #expect(try await store.read { try JobQueue.get($0, id: id) }.result == #"{"idempotency_keys":1}"#)
            let left = try await store.read { connection in
                try connection.query("SELECT idempotency_key FROM idempotency_keys").map { try $0.text(0) }
            }
            #expect(left == ["young"])
        }
    }

    @Test("make room for a new request once they expired, whether or not the job ran", arguments: StoreKind.allCases)
    func expiry(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            try await answer("k", store, clock)
            clock.advance(milliseconds: 23 * Self.hour)
            #expect(try await claim("k", store, clock) == .stored(status: 201, response: "made"))
            clock.advance(milliseconds: 2 * Self.hour)
            #expect(try await claim("k", store, clock) == .reserved)
        }
    }

    private func claim(
        _ key: String, _ store: any OperationalStore, _ clock: TestClock
    ) async throws -> IdempotentAnswers.Claim {
        let now = clock.now
        return try await store.write {
            try IdempotentAnswers.claim(caller: "key:1", key: key, requestHash: "h", $0, at: now)
        }
    }

    private func answer(_ key: String, _ store: any OperationalStore, _ clock: TestClock) async throws {
        #expect(try await claim(key, store, clock) == .reserved)
        try await store.write {
            try IdempotentAnswers.store(caller: "key:1", key: key, status: 201, response: "made", $0)
        }
    }
}
