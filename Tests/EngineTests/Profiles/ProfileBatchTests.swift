import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("People")
struct ProfileBatchTests {
    @Test("traits, names and consent reach the profile with their times", arguments: StoreKind.allCases)
    func traits(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let (profiles, _) = try await world.process([
                .test(
                    "Identify", ["user_id": "u1"], minute: 5, kind: .identify,
                    traits: #"{"firstName":"梅","lastName":"林","city":"上海","consent":{"sms":true}}"#),
                .test("Identify", ["user_id": "u1"], minute: 1, kind: .identify, traits: #"{"city":"杭州"}"#),
                .test(
                    "Consent Changed", ["user_id": "u1"], minute: 9, properties: #"{"channel":"sms","granted":false}"#),
                .test("Points", ["user_id": "u1"], minute: 2, traits: #"{"visits":2}"#, operation: .increment),
            ])
            let person = try await world.detail(profiles[0])
            #expect(person.profile.displayName == "林梅")
            #expect(person.state.value("city") == .string("上海"))
            #expect(person.state.value("visits") == .integer(2))
            #expect(person.state.consent["sms"]?.isGranted == false)
            #expect(person.state.consent["sms"]?.source == "Site")
            #expect(person.profile.firstSeenMS == PeopleHarness.start.milliseconds + 60_000)
            #expect(person.profile.lastSeenMS == PeopleHarness.start.milliseconds + 9 * 60_000)
        }
    }

    @Test("a person who asked is forgotten everywhere, and late events stay nobody's", arguments: StoreKind.allCases)
    func erasure(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let id = try await world.process([
                .test(["anonymous_id": "a1"], traits: #"{"name":"林梅"}"#),
                .test(["user_id": "u1", "anonymous_id": "a1"], minute: 1),
                .test(
                    "Order Completed", ["user_id": "u1"], minute: 2, properties: #"{"order_id":"o1","revenue":10}"#),
            ]).profiles[0]
            let (_, said) = try await world.process([
                .test("Deleted", ["user_id": "u1"], minute: 10, operation: .delete),
                .test(["user_id": "u1"], minute: 5),
            ])
            #expect(said.map(\.name) == ["Profile Erased"])
            let profile = try await world.detail(id).profile
            #expect(profile.deletedMS != nil)
            #expect(profile.displayName == nil)
            #expect(profile.state == "{}")
            let late = try await world.process([
                .test(["anonymous_id": "a1"], minute: 6), .test(["user_id": "u1"], minute: 7),
            ])
            #expect(late.profiles == [0, 0])
            #expect(try await world.population() == 0)
            let left = try await world.store.read { connection in
                (
                    try connection.query("SELECT * FROM identities").count,
                    try connection.first("SELECT profile_id, net FROM orders")?.values,
                    try connection.query("SELECT 1 FROM event_log WHERE traits LIKE '%林梅%'").count
                )
            }
            #expect(left.0 == 0)
            #expect(left.1 == [.integer(0), .integer(1_000)])
            #expect(left.2 == 0)
            // Who comes back of their own accord begins anew.
            let back = try await world.process([.test(["user_id": "u1"], minute: 60 * 24 * 60)])
            #expect(back.profiles[0] > 0)
            #expect(back.profiles[0] != id)
        }
    }

    @Test(
        "an event that addresses a profile by id is believed from trusted sources only", arguments: StoreKind.allCases)
    func byID(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let id = try await world.process([.test(["user_id": "u1"])]).profiles[0]
            let event = IncomingEvent.test(["profile_id": String(id)], minute: 1, traits: #"{"vip":true}"#)
            #expect(try await world.process([event]).profiles == [0])
            #expect(try await world.process([event], source: PeopleHarness.server).profiles == [id])
            #expect(try await world.detail(id).state.value("vip") == .bool(true))
        }
    }

    @Test("people are listed in order, page by page, and found by what is typed", arguments: StoreKind.allCases)
    func list(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let events = (0..<25).map { number in
                IncomingEvent.test(
                    "Identify", ["user_id": "u\(number)", "phone": "138001380\(10 + number)"], minute: Int64(number),
                    traits: #"{"name":"Person \#(number)"}"#)
            }
            try await world.process(events)
            var names: [String] = []
            var cursor: String?
            repeat {
                let page = try await world.store.read { [cursor] in try ProfileList.load(cursor: cursor, limit: 10, $0)
                }
                names += page.profiles.compactMap(\.displayName)
                cursor = page.nextCursor
            } while cursor != nil
            #expect(names == (0..<25).reversed().map { "Person \($0)" })
            func search(_ text: String) async throws -> [String] {
                let filter = ProfileFilter(search: text)
                return try await world.store.read { try ProfileList.load(filter, $0) }.profiles.compactMap(
                    \.displayName)
            }
            #expect(try await search("13800138012") == ["Person 2"])
            #expect(try await search(" u7 ") == ["Person 7"])
            #expect(try await search("Person 2").count == 6)
            #expect(try await search("+8613800138").count == 25)
            #expect(try await search("nobody").isEmpty)
            let late = ProfileFilter(
                isIdentified: true,
                lastSeen: PeopleHarness.start.adding(milliseconds: 20 * 60_000)..<PeopleHarness.start.adding(days: 1))
            #expect(try await world.store.read { try ProfileList.load(late, order: .spend, $0) }.profiles.count == 5)
            let middle = ProfileFilter(
                lastSeen: PeopleHarness.start.adding(
                    milliseconds: 5 * 60_000)..<PeopleHarness.start.adding(milliseconds: 17 * 60_000))
            names = []
            repeat {
                let page = try await world.store.read { [cursor] in
                    try ProfileList.load(middle, cursor: cursor, limit: 5, $0)
                }
                names += page.profiles.compactMap(\.displayName)
                cursor = page.nextCursor
            } while cursor != nil
            #expect(names == (5..<17).reversed().map { "Person \($0)" })
            // A cursor beyond the range does not widen it.
            let beyond = try await world.store.read {
                try ProfileList.load(middle, cursor: "\(PeopleHarness.start.adding(days: 9).milliseconds).1", $0)
            }
            #expect(beyond.profiles.count == 12)
        }
    }
}
