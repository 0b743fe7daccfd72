import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Live events")
struct LiveEventsTests {
    private static let later = PeopleHarness.start.adding(days: 30)

    @Test("what comes after a place is seen once, in order, with its person", arguments: StoreKind.allCases)
    func follows(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            try await world.process([.test("Old", ["user_id": "u1"])])
            let start = try await world.store.read { try LiveEvents.recent(LiveEvents.Filter(), limit: 10, $0) }
            #expect(start.events.map(\.logged.event.name) == ["Old"])
            try await world.process([
                .test("Product Viewed", ["user_id": "u1"], minute: 1, traits: #"{"name":"林梅"}"#),
                .test("Page Viewed", ["user_id": "u2"], minute: 2, kind: .page),
            ])
            let found = try await world.store.read {
                try LiveEvents.next(after: start.next, LiveEvents.Filter(), $0, at: Self.later)
            }
            let named = found.events.filter { $0.logged.event.kind != .system }
            #expect(named.map(\.logged.event.name) == ["Product Viewed", "Page Viewed"])
            #expect(named[0].displayName == "林梅" && named[0].outcome == .stored && named[0].profileID != nil)
            let again = try await world.store.read {
                try LiveEvents.next(after: found.next, LiveEvents.Filter(), $0, at: Self.later)
            }
            #expect(again.events.isEmpty && again.next == found.next)
        }
    }

    @Test("filters take name, kind, source and person", arguments: StoreKind.allCases)
    func filters(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            try await world.process([
                .test("Product Viewed", ["user_id": "u1"]),
                .test("Page Viewed", ["user_id": "u2"], minute: 1, kind: .page),
            ])
            try await world.process(
                [.test("Order Updated", ["user_id": "u1"], minute: 2)], source: PeopleHarness.server)
            func names(_ filter: LiveEvents.Filter) async throws -> [String] {
                try await world.store.read { try LiveEvents.recent(filter, limit: 10, $0) }.events
                    .filter { $0.logged.event.kind != .system }.map(\.logged.event.name)
            }
            #expect(try await names(LiveEvents.Filter(name: "viewed")) == ["Product Viewed", "Page Viewed"])
            #expect(try await names(LiveEvents.Filter(kind: .page)) == ["Page Viewed"])
            #expect(try await names(LiveEvents.Filter(sourceID: PeopleHarness.server)) == ["Order Updated"])
            #expect(try await names(LiveEvents.Filter(person: "u1")) == ["Product Viewed", "Order Updated"])
            #expect(try await names(LiveEvents.Filter(person: "nobody")) == [])
        }
    }

    @Test("a fresh event waits for its person, and not for ever")
    func patience() async throws {
        try await PeopleHarness.with(.sqlite) { world in
            let place = LiveEvents.Place(position: 0, quarantineID: 0)
            let logged = try await world.log([.test("Waiting", ["user_id": "u1"])])
            let received = logged[0].event.receivedAt
            let early = try await world.store.read {
                try LiveEvents.next(after: place, LiveEvents.Filter(), $0, at: received.adding(milliseconds: 10))
            }
            #expect(early.events.isEmpty && early.next.position < logged[0].position)
            let late = try await world.store.read {
                try LiveEvents.next(
                    after: early.next, LiveEvents.Filter(), $0, at: received.adding(milliseconds: 5_000))
            }
            #expect(late.events.map(\.outcome) == [nil] && late.next.position == logged[0].position)
        }
    }

    @Test("a watcher that cannot keep up jumps ahead and says how much it left out")
    func skips() async throws {
        try await PeopleHarness.with(.sqlite) { world in
            let count = Int(LiveEvents.lagMax) + 500
            for _ in 0..<(count / 500) {
                _ = try await world.log((0..<500).map { .test("Flood", ["user_id": "u\($0)"]) })
            }
            let place = LiveEvents.Place(position: 0, quarantineID: 0)
            let found = try await world.store.read {
                try LiveEvents.next(after: place, LiveEvents.Filter(), $0, at: Self.later)
            }
            #expect(found.skipped == Int64(count) - LiveEvents.window && found.events.count == LiveEvents.batch)
        }
    }
}
