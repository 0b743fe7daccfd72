import Storage
import TestSupport

@testable import Engine

/// A brand over real stores: events in by the front door, processed, archived, and every job that is due.
struct SegmentWorld {
    var platform: Platform
    var clock: TestClock
    var ingest: Ingest

    func send(
        _ name: String, _ user: String, properties: String = "{}", traits: String = "{}", email: String? = nil
    ) async throws {
        let now = clock.now
        clock.advance(milliseconds: 1_000)
        try await ingest.append(
            IncomingBatch(
                sourceID: 1,
                events: [
                    IncomingEvent(
                        kind: name == "identify" ? .identify : .track, name: name,
                        messageID: "\(name)-\(user)-\(now.milliseconds)",
                        identities: [IdentityClaim(kind: "user_id", value: user)]
                            + (email.map { [IdentityClaim(kind: "email", value: $0)] } ?? []), time: now,
                        receivedAt: now,
                        properties: properties, traits: traits)
                ]))
    }

    func process() async throws {
        try await Processor(platform: platform, signal: LogSignal()).catchUp()
    }

    /// The processor passes over what Perennial itself said, as it does when it is woken by it.
    func archive() async throws {
        try await process()
        try await Archiver(platform: platform, signal: LogSignal()).catchUp()
    }

    /// Runs every job that is due.
    func work() async throws {
        try await archive()
        let runner = JobRunner(platform: platform)
        try await runner.ensureRecurring()
        clock.advance(milliseconds: 180_000)
        try await runner.drain()
        try await archive()
    }

    func create(_ name: String, _ criteria: String, kind: SegmentKind = .dynamic) async throws -> Segment {
        let effects = platform.effects
        return try await platform.store.write {
            try Segments.create(
                SegmentDraft(name: name, kind: kind, criteria: criteria), effects: effects, $0)
        }
    }

    func people(_ segment: Segment) async throws -> [String] {
        try await platform.store.read { connection in
            try connection.query(
                """
                SELECT i.value FROM segment_members m JOIN identities i ON i.profile_id = m.profile_id
                WHERE m.segment_id = \(segment.id) AND i.kind = 'user_id' ORDER BY i.value
                """
            ).map { try $0.text(0) }
        }
    }

    func said(_ name: String) async throws -> Int {
        try await platform.store.read { connection in
            Int(try connection.first("SELECT count(*) FROM event_log WHERE name = \(name)")?.int(0) ?? 0)
        }
    }

    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    static func with(
        _ kind: StoreKind = .sqlite, analytics: AnalyticsKind = .embedded, _ body: (SegmentWorld) async throws -> Void
    ) async throws {
        try await TestDatabase.with(kind) { store in
            try await TestAnalytics.with(analytics) { analytics in
                let clock = TestClock(start)
                let platform = Platform(store: store, analytics: analytics, effects: clock.effects)
                let world = SegmentWorld(
                    platform: platform, clock: clock, ingest: Ingest(platform: platform, signal: LogSignal()))
                // Somebody by whom the catalogue knows the words, and who never matches.
                try await world.send("Bought", "seed", properties: #"{"price":1}"#)
                try await world.send("identify", "seed", traits: #"{"city":"上海"}"#)
                try await world.process()
                try await body(world)
            }
        }
    }
}
