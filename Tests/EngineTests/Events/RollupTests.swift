import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The roll-up of the log")
struct RollupTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    private func event(
        _ message: String, _ claims: [IdentityClaim], minute: Int = 0
    ) -> IncomingEvent {
        let time = Self.start.adding(milliseconds: Int64(minute) * 60_000)
        return IncomingEvent(
            kind: .track, name: "Product Viewed", messageID: message, identities: claims, time: time,
            receivedAt: time)
    }

    private func user(_ number: Int) -> [IdentityClaim] { [IdentityClaim(kind: "user_id", value: "u\(number)")] }

    /// One processor as a server runs it, step by step.
    private struct World {
        let platform: Platform
        let ingest: Ingest
        let lease = ConsumerLease(consumer: "processor", owner: "a", shards: EventLog.shards)
        var recent = RecentMessages()
        var rollup: LogRollup
        let sourceID: Int64

        init(_ store: any OperationalStore) async throws {
            platform = Platform(store: store, analytics: ClosedAnalyticsStore("not part of this test"))
            ingest = Ingest(platform: platform, signal: LogSignal())
            rollup = LogRollup(platform: platform, recent: recent, owner: "a")
            sourceID = try await store.write { [effects = platform.effects] connection in
                try Sources.create(name: "Shop", kind: .server, by: "test", connection, effects).source.id
            }
            try await store.write { [lease, rollup] connection in
                for lease in [lease, rollup.lease] {
                    try lease.prepare(connection)
                    try lease.balance(connection, now: RollupTests.start)
                }
            }
        }

        /// As after a kill: nothing is remembered.
        mutating func forgetEverything() {
            recent = RecentMessages()
            rollup = LogRollup(platform: platform, recent: recent, owner: "a")
        }

        func take(_ events: [IncomingEvent]) async throws {
            try await ingest.append(IncomingBatch(sourceID: sourceID, events: events))
            let result = try await platform.store.write { [platform, lease, recent] connection in
                try ProcessorBatch(
                    platform: platform, lease: lease, catalogue: CatalogueCache(), recent: recent, limit: 100_000,
                    settingAside: false
                ).run(connection)
            }
            if let end = result.end { recent.commit(through: end) }
        }

        func finish() async throws {
            while try await rollup.stroke(.now) {}
        }

        func number(_ sql: SQL) async throws -> Int64? {
            try await platform.store.read { try $0.first(sql)?.intOrNil(0) }
        }

        func receipt(_ message: String) async throws -> Receipt? {
            try await platform.store.read { try Receipts.find(messageID: message, $0).first }
        }
    }

    @Test("counts every visit once, wherever it is cut off", arguments: StoreKind.allCases)
    func resumes(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            var world = try await World(store)
            let people = 2_500
            try await world.take((0..<people).map { event("first\($0)", user($0)) })
            try await world.take((0..<people * 2).map { event("m\($0)", user($0 % people), minute: $0) })
            for _ in 0..<2 {
                #expect(try await world.rollup.stroke(.now))
                world.forgetEverything()
            }
            try await world.finish()
            try await world.finish()
            let sum: SQL = "SELECT CAST(sum(event_count) AS BIGINT) FROM profiles"
            #expect(try await world.number(sum) == Int64(people) * 3)
            #expect(try await world.number("SELECT count(*) FROM profiles WHERE event_count <> 3") == 0)
            let last = Self.start.adding(milliseconds: Int64(people * 2 - 1) * 60_000).milliseconds
            #expect(try await world.number("SELECT max(last_seen_ms) FROM profiles") == last)
            #expect(try await world.number("SELECT count(*) FROM event_receipts") == Int64(people) * 3)
        }
    }

    @Test("knows a message again before, during and after it is rolled up", arguments: StoreKind.allCases)
    func duplicates(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            var world = try await World(store)
            try await world.take([event("m", user(1)), event("m", user(1)), event("n", user(1))])
            #expect(try await world.receipt("m")?.duplicates == 1)
            #expect(try await world.receipt("m")?.status == .stored)
            world.forgetEverything()
            try await world.take([event("m", user(1))])
            #expect(try await world.receipt("m")?.duplicates == 2)
            try await world.finish()
            #expect(try await world.receipt("m")?.duplicates == 2)
            try await world.take([event("m", user(1)), event("o", user(1))])
            #expect(try await world.receipt("m")?.duplicates == 3)
            try await world.finish()
            #expect(try await world.receipt("m")?.duplicates == 3)
            #expect(try await world.number("SELECT CAST(sum(event_count) AS BIGINT) FROM profiles") == 3)
            #expect(try await world.number("SELECT count(*) FROM event_outcomes WHERE outcome = 'duplicate'") == 3)
        }
    }

    @Test("claims nothing for a transaction that was rolled back", arguments: StoreKind.allCases)
    func rollsBack(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let world = try await World(store)
            try await world.ingest.append(IncomingBatch(sourceID: world.sourceID, events: [event("m", user(1))]))
            await #expect(throws: Cut.self) {
                try await store.write { [platform = world.platform, lease = world.lease, recent = world.recent] in
                    _ = try ProcessorBatch(
                        platform: platform, lease: lease, catalogue: CatalogueCache(), recent: recent, limit: 10,
                        settingAside: false
                    ).run($0)
                    throw Cut()
                }
            }
            try await world.take([])
            #expect(try await world.receipt("m")?.status == .stored)
            #expect(try await world.number("SELECT CAST(sum(event_count) AS BIGINT) FROM profiles") == 1)
        }
    }

    @Test(
        "follows people who were merged meanwhile, and gives visits back when that is undone",
        arguments: StoreKind.allCases)
    func merges(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let world = try await World(store)
            let device = IdentityClaim(kind: "anonymous_id", value: "d1")
            try await world.take([event("a", [device]), event("b", user(1))])
            try await world.take([event("c", [device], minute: 5), event("d", [device], minute: 6)])
            try await world.take([event("e", user(1) + [device], minute: 7)])
            try await world.finish()
            let living: SQL = "SELECT event_count FROM profiles WHERE merged_into IS NULL"
            #expect(try await world.number(living) == 5)
            let merge = try await world.number("SELECT id FROM profile_merges")
            try await store.write { connection in
                _ = try Unmerge.undo(merge ?? 0, at: Self.start, connection)
            }
            let back: SQL = "SELECT min(event_count) FROM profiles WHERE merged_into IS NULL AND identified = 0"
            #expect(try await world.number(back) == 3)
            #expect(try await world.number("SELECT CAST(sum(event_count) AS BIGINT) FROM profiles") == 5)
        }
    }
}

private struct Cut: Error {}
