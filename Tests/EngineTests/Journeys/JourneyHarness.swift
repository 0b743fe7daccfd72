import Storage
import TestSupport
import Testing

@testable import Engine

/// Journeys over a real store: events in by the front door, processed, and people taken on.
struct JourneyHarness {
    var platform: Platform
    var clock: TestClock

    static let day: Int64 = 86_400_000

    static func with(_ kind: StoreKind, _ body: (JourneyHarness) async throws -> Void) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let harness = JourneyHarness(platform: .testing(store, clock: clock), clock: clock)
            _ = try await store.write { connection in
                try connection.execute(
                    "INSERT INTO sources (id, name, kind, created_ms) VALUES (1, 'Shop', 'server', 0)")
                _ = try PointsCurrencies.create(PointsCurrency(code: "points"), at: clock.now, connection)
            }
            try await body(harness)
        }
    }

    func send(_ name: String, _ user: String, _ properties: String = "{}", traits: String = "{}") async throws {
        let now = clock.now
        clock.advance(milliseconds: 1)
        try await Ingest(platform: platform, signal: LogSignal()).append(
            IncomingBatch(
                sourceID: 1,
                events: [
                    IncomingEvent(
                        kind: name == "identify" ? .identify : .track, name: name,
                        messageID: "\(name)-\(user)-\(now.milliseconds)",
                        identities: [IdentityClaim(kind: "user_id", value: user)], time: now, receivedAt: now,
                        properties: properties, traits: traits)
                ]))
    }

    /// Processes the log and takes everybody on; twice, since what is done is told in the log again.
    func settle(_ messages: JourneyMessages = .none) async throws {
        for _ in 0..<3 {
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
            try await JourneyService(platform: platform, messages: messages).catchUp()
        }
    }

    func person(_ user: String) async throws -> Int64 {
        try await platform.store.read {
            try $0.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0) ?? 0
        }
    }

    func member(_ user: String) async throws {
        let effects = platform.effects
        let id = try await person(user)
        _ = try await platform.store.write { try PointsAccounts.open(profile: id, effects: effects, $0) }
    }

    func draft(_ definition: JSONValue, _ name: String = "Test") async throws -> Journey {
        let effects = platform.effects
        return try await platform.store.write {
            try Journeys.create(
                JourneyDraft(name: name, definition: definition.text()), by: "test", effects: effects, $0)
        }
    }

    func publish(
        _ id: Int64, _ transfer: JourneyTransfer = .stay, _ messages: JourneyMessages = .none
    ) async throws {
        let effects = platform.effects
        _ = try await platform.store.write {
            try Journeys.publish(id, transfer, messages: messages, by: "test", effects: effects, $0)
        }
    }

    func live(_ definition: JSONValue, _ name: String = "Test") async throws -> Journey {
        let journey = try await draft(definition, name)
        try await publish(journey.id)
        return journey
    }

    func runs(_ journey: Journey) async throws -> [JourneyRun] {
        try await platform.store.read {
            try JourneyRuns.list(JourneyRunFilter(journey: journey.id), limit: 100, $0).reversed()
        }
    }

    /// The run of one person.
    func run(_ journey: Journey, of user: String) async throws -> JourneyRun {
        let id = try await person(user)
        return try #require(try await runs(journey).first { $0.profileID == id })
    }

    func visits(_ run: JourneyRun) async throws -> [JourneyVisitRecord] {
        try await platform.store.read { try JourneyRuns.get(run.id, of: run.journeyID, $0).visits }
    }

    func count(_ sql: SQL) async throws -> Int64 {
        try await platform.store.read { try $0.first(sql)?.int(0) ?? 0 }
    }

    /// An entry by an event and these steps.
    static func definition(
        on event: String = "Signed Up", reentry: JSONValue = ["kind": "after_exit"], _ steps: [JSONValue],
        more: [String: JSONValue] = [:]
    ) -> JSONValue {
        .object(
            [
                "version": 1, "entry": ["kind": "event", "event": ["names": [.string(event)]]], "reentry": reentry,
                "steps": .array(steps),
            ].merging(more) { $1 })
    }
}
