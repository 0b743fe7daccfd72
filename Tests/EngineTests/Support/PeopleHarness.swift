import Storage
import Synchronization
import TestSupport

@testable import Engine

/// A small world of people over a real store: events go through a `PeopleBatch` and into the log as the processor's do.
final class PeopleHarness: Sendable {
    let store: any OperationalStore
    let platform: Platform
    private let catalogue = CatalogueCache()

    /// Sources: a site that anybody can write to, and a server that is trusted.
    static let web: Int64 = 1
    static let server: Int64 = 2
    static let start = Timestamp(milliseconds: 1_750_000_000_000)

    private init(_ store: any OperationalStore) {
        self.store = store
        let next = Mutex<Int64>(1_000)
        let effects = Effects(
            now: { PeopleHarness.start.adding(days: 30) },
            newID: {
                next.withLock {
                    $0 += 1
                    return $0
                }
            },
            randomBytes: { [UInt8](repeating: 7, count: $0) })
        platform = Platform(store: store, analytics: ClosedAnalyticsStore("not in this test"), effects: effects)
    }

    static func with(_ kind: StoreKind, _ body: (PeopleHarness) async throws -> Void) async throws {
        try await TestDatabase.with(kind) { store in
            let harness = PeopleHarness(store)
            _ = try await store.write { connection in
                try connection.executeMany(
                    "INSERT INTO sources (id, name, kind, created_ms) VALUES (?, ?, ?, 0)",
                    [
                        [.integer(web), .text("Site"), .text("web")],
                        [.integer(server), .text("Shop"), .text("server")],
                    ])
            }
            try await body(harness)
        }
    }

    /// Applies events as one batch. Returns whose each was, and what Perennial said.
    @discardableResult
    func process(
        _ events: [IncomingEvent], source: Int64 = web
    ) async throws -> (profiles: [Int64], said: [SystemEvent]) {
        try await apply(try await log(events, source: source))
    }

    /// Appends events to the log.
    func log(_ events: [IncomingEvent], source: Int64 = web) async throws -> [LoggedEvent] {
        try await store.write { connection in
            let before = try EventLog.end(connection)
            try EventLog.append(events.map { LogRows.row($0, sourceID: source) }, to: connection)
            let rows = try connection.query(
                "SELECT position FROM event_log WHERE position > \(before) ORDER BY position")
            return try zip(rows, events).map { LoggedEvent(position: try $0.int(0), sourceID: source, event: $1) }
        }
    }

    /// Applies logged events in one transaction, as one processor would.
    @discardableResult
    func apply(_ logged: [LoggedEvent]) async throws -> (profiles: [Int64], said: [SystemEvent]) {
        try await store.write { [platform, catalogue] connection in
            let context = try PeopleContext.load(
                connection, platform: platform, now: platform.effects.now(), catalogue: catalogue)
            var batch = try PeopleBatch(loading: logged, context: context, connection)
            var profiles: [Int64] = []
            var outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)] = []
            for event in logged {
                let applied = try batch.apply(event)
                profiles.append(applied.profileID)
                outcomes.append((event.position, applied.profileID, applied.outcome))
            }
            let said = try batch.save(to: connection)
            try EventOutcomes.write(outcomes, connection)
            return (profiles, said)
        }
    }

    func detail(_ id: Int64) async throws -> ProfileDetail {
        try await store.read { try ProfileDetail.load(id, $0) }
    }

    /// How many living people there are.
    func population() async throws -> Int64 {
        try await store.read {
            try $0.first("SELECT count(*) FROM profiles WHERE merged_into IS NULL AND deleted_ms IS NULL")?.int(0) ?? 0
        }
    }

    func conflicts() async throws -> [String] {
        try await store.read {
            try $0.query("SELECT kind, reason FROM identity_conflicts ORDER BY kind, reason").map {
                "\(try $0.text(0)) \(try $0.text(1))"
            }
        }
    }
}

extension IncomingEvent {
    /// An event for tests: `identities` as kind and value in turn, `minute` minutes after the beginning.
    static func test(
        _ name: String, _ identities: KeyValuePairs<String, String>, minute: Int64 = 0,
        kind: EventKind = .track, properties: String = "{}", traits: String = "{}",
        operation: TraitOperation = .set, id: String? = nil
    ) -> IncomingEvent {
        let time = PeopleHarness.start.adding(milliseconds: minute * 60_000)
        return IncomingEvent(
            kind: kind, name: name, messageID: id ?? "\(name)-\(minute)-\(identities.map(\.value).joined())",
            identities: identities.map { IdentityClaim(kind: $0.key, value: $0.value) }, time: time, receivedAt: time,
            properties: properties, traits: traits, traitOperation: operation)
    }

    /// A visit.
    static func test(
        _ identities: KeyValuePairs<String, String>, minute: Int64 = 0, properties: String = "{}",
        traits: String = "{}", operation: TraitOperation = .set
    ) -> IncomingEvent {
        test("Viewed", identities, minute: minute, properties: properties, traits: traits, operation: operation)
    }
}
