import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Leases of consumers that one process at a time runs")
struct SoleLeaseTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    private func append(_ messages: ClosedRange<Int>, to platform: Platform) async throws {
        let events = messages.map { number in
            IncomingEvent(
                kind: .track, name: "Product Viewed", messageID: "m\(number)",
                identities: [IdentityClaim(kind: "user_id", value: "u\(number)")], time: Self.start,
                receivedAt: Self.start)
        }
        try await Ingest(platform: platform, signal: LogSignal()).append(IncomingBatch(sourceID: 1, events: events))
    }

    private func take(_ lease: SoleLease, rows: Int64?, _ platform: Platform) async throws -> SoleLease.Range? {
        try await platform.store.write { try lease.take(rows: rows, $0) }
    }

    @Test("the log is taken range by range, each position once", arguments: StoreKind.allCases)
    func ranges(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let lease = SoleLease("webhooks", reading: .appended, platform)
            try await append(1...5, to: platform)
            #expect(try await !lease.isBehind())
            try await lease.prepare()
            #expect(try await lease.balance())
            #expect(try await lease.isBehind())
            let first = try #require(try await take(lease, rows: 3, platform))
            #expect(first.lower == 0 && first.upper == 3 && first.hasMore)
            let second = try #require(try await take(lease, rows: 3, platform))
            #expect(second.lower == first.upper && !second.hasMore)
            #expect(try await !lease.isBehind())
            #expect(try await take(lease, rows: 3, platform) == nil)
            try await append(6...9, to: platform)
            let rest = try #require(try await take(lease, rows: nil, platform))
            let end = try await store.read { try EventLog.end($0) }
            #expect(rest == SoleLease.Range(lower: second.upper, upper: end, hasMore: false))
        }
    }

    @Test("a range whose transaction fails is taken again", arguments: StoreKind.allCases)
    func rolledBack(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let lease = SoleLease("receipts", reading: .appended, platform)
            try await append(1...2, to: platform)
            try await lease.prepare()
            _ = try await lease.balance()
            await #expect(throws: InjectedFault.self) {
                try await store.write { connection in
                    #expect(try lease.take(rows: nil, connection) != nil)
                    throw InjectedFault()
                }
            }
            #expect(try await take(lease, rows: nil, platform)?.lower == 0)
        }
    }

    @Test("what the processor has not seen waits for it", arguments: StoreKind.allCases)
    func behindProcessor(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let lease = SoleLease("journeys", reading: .processed, platform)
            try await append(1...4, to: platform)
            try await lease.prepare()
            _ = try await lease.balance()
            #expect(try await !lease.isBehind())
            #expect(try await take(lease, rows: nil, platform) == nil)
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
            #expect(try await lease.isBehind())
            let processed = try await store.read { try LogProgress.processed($0) }
            #expect(try await take(lease, rows: nil, platform)?.upper == processed)
        }
    }

    @Test("the lease is balanced every two seconds, also by a clock that went back", arguments: StoreKind.allCases)
    func keeping(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock(Self.start)
            let platform = Platform.testing(store, clock: clock)
            let lease = SoleLease("receipts", reading: .appended, platform)
            try await lease.prepare()
            #expect(lease.isDue() && !lease.isOurs)
            #expect(try await lease.keep())
            #expect(!lease.isDue() && lease.isOurs)
            // Who took it over meanwhile is found out at the next balance.
            _ = try await store.write { connection in
                try connection.execute(
                    """
                    UPDATE log_consumers SET owner = 'other', lease_expires_ms = \(Self.start.adding(days: 1).milliseconds)
                    WHERE consumer = 'receipts'
                    """)
            }
            #expect(try await lease.keep())
            #expect(try await take(lease, rows: nil, platform) == nil)
            clock.advance(milliseconds: -SoleLease.balanceMilliseconds)
            #expect(lease.isDue())
        }
    }

    @Test("who lost the lease takes nothing, and who gave it back leaves it to the next", arguments: StoreKind.allCases)
    func fence(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let lease = SoleLease("opt_ins", reading: .appended, platform)
            let next = SoleLease("opt_ins", reading: .appended, platform)
            try await append(1...2, to: platform)
            try await lease.prepare()
            _ = try await lease.balance()
            try await lease.release()
            #expect(try await !lease.isBehind())
            #expect(try await take(lease, rows: nil, platform) == nil)
            #expect(try await next.balance())
            #expect(try await take(next, rows: nil, platform)?.lower == 0)
        }
    }
}

private struct InjectedFault: Error {}
