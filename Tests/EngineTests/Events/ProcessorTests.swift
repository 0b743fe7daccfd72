import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The processor")
struct ProcessorTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    private func event(_ message: String, user: String, name: String = "Product Viewed") -> IncomingEvent {
        IncomingEvent(
            kind: .track, name: name, messageID: message, identities: [IdentityClaim(kind: "user_id", value: user)],
            time: Self.start, receivedAt: Self.start)
    }

    private func platform(_ store: any OperationalStore) -> Platform {
        Platform(store: store, analytics: ClosedAnalyticsStore("not part of this test"))
    }

    private func counts(_ store: any OperationalStore) async throws -> [String: Int64] {
        try await store.read { connection in
            var counts: [String: Int64] = [:]
            for row in try connection.query("SELECT outcome, count(*) FROM event_outcomes GROUP BY outcome") {
                counts[try row.text(0)] = try row.int(1)
            }
            let profiles = try connection.first("SELECT count(*), sum(event_count) FROM profiles")
            counts["profiles"] = try profiles?.int(0)
            counts["events"] = try profiles?.intOrNil(1)
            return counts
        }
    }

    @Test("applies each event once, however often it is delivered", arguments: StoreKind.allCases)
    func deduplicates(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = platform(store)
            let ingest = Ingest(platform: platform, signal: LogSignal())
            let events = (0..<50).map { event("m\($0)", user: "u\($0 % 10)") }
            try await ingest.append(IncomingBatch(sourceID: 1, events: events))
            try await ingest.append(IncomingBatch(sourceID: 1, events: events + events))
            try await ingest.append(IncomingBatch(sourceID: 2, events: Array(events.prefix(5))))
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
            let counts = try await counts(store)
            #expect(counts["duplicate"] == 100)
            #expect(counts["profiles"] == 10)
            #expect(counts["events"] == 55)
            let repeated = try await store.read {
                try $0.first("SELECT duplicates FROM event_receipts WHERE source_id = 1 AND message_id = 'm7'")?.int(0)
            }
            #expect(repeated == 2)
        }
    }

    @Test("commits state, outcomes and checkpoint together or not at all", arguments: StoreKind.allCases)
    func atomic(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = platform(store)
            let ingest = Ingest(platform: platform, signal: LogSignal())
            try await ingest.append(
                IncomingBatch(sourceID: 1, events: (0..<20).map { event("m\($0)", user: "u\($0)") }))
            let lease = ConsumerLease(consumer: "processor", owner: "a", shards: EventLog.shards)
            try await store.write { connection in
                try lease.prepare(connection)
                try lease.balance(connection, now: Self.start)
            }
            await #expect(throws: InjectedFault.self) {
                try await store.write { connection in
                    let result = try ProcessorBatch(
                        platform: platform, lease: lease, catalogue: CatalogueCache(),
                        recent: RecentMessages(), limit: 100, settingAside: false
                    ).run(connection)
                    #expect(result.scanned == 20)
                    throw InjectedFault()
                }
            }
            #expect(try await counts(store)["profiles"] == 0)
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
            #expect(try await counts(store)["events"] == 20)
        }
    }

    @Test("takes no shard that another living process holds, and all of them once it is gone")
    func leases() async throws {
        try await TestDatabase.with(.postgresql) { store in
            let first = ConsumerLease(consumer: "processor", owner: "a", shards: EventLog.shards)
            let second = ConsumerLease(consumer: "processor", owner: "b", shards: EventLog.shards)
            func held(_ lease: ConsumerLease) async throws -> Int {
                try await store.write { try lease.locked($0).count }
            }
            func balance(_ lease: ConsumerLease, afterSeconds seconds: Int64) async throws {
                try await store.write { connection in
                    try lease.prepare(connection)
                    try lease.balance(connection, now: Self.start.adding(milliseconds: seconds * 1000))
                }
            }
            try await balance(first, afterSeconds: 0)
            #expect(try await held(first) == 16)
            try await balance(second, afterSeconds: 1)
            #expect(try await held(second) == 0)
            try await balance(first, afterSeconds: 2)
            try await balance(second, afterSeconds: 3)
            #expect(try await held(first) == 8)
            #expect(try await held(second) == 8)
            try await balance(second, afterSeconds: 60)
            #expect(try await held(first) == 0)
            #expect(try await held(second) == 16)
        }
    }

    @Test("sets aside the one event that cannot be applied and goes on behind it", arguments: StoreKind.allCases)
    func setsAside(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = platform(store)
            let ingest = Ingest(platform: platform, signal: LogSignal())
            try await ingest.append(
                IncomingBatch(sourceID: 1, events: [event("bad", user: "u1"), event("good", user: "u2")]))
            let lease = ConsumerLease(consumer: "processor", owner: "a", shards: EventLog.shards)
            try await store.write { connection in
                try lease.prepare(connection)
                try lease.balance(connection, now: Self.start)
                _ = try ProcessorBatch(
                    platform: platform, lease: lease, catalogue: CatalogueCache(),
                    recent: RecentMessages(), limit: 1, settingAside: true
                ).run(connection)
                try lease.releaseAll(connection)
            }
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
            let counts = try await counts(store)
            #expect(counts["failed"] == 1)
            #expect(counts["events"] == 1)
            let waiting = try await store.read {
                try $0.first("SELECT message_id FROM quarantine WHERE status = 'waiting'")?.text(0)
            }
            #expect(waiting == "bad")
        }
    }
}

private struct InjectedFault: Error {}
