import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Identity resolution")
struct IdentityResolutionTests {
    @Test("anonymous history joins on login", arguments: StoreKind.allCases)
    func login(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let (profiles, said) = try await world.process([
                .test(["anonymous_id": "a1"]),
                .test(["user_id": "u1", "anonymous_id": "a1"], minute: 1),
                .test(["anonymous_id": "a1"], minute: 2),
            ])
            #expect(Set(profiles).count == 1)
            #expect(said.map(\.name) == ["Profile Identified"])
            let person = try await world.detail(profiles[0])
            #expect(person.profile.isIdentified)
            #expect(person.profile.eventCount == 3)
            #expect(person.identities.map(\.key.kind) == ["user_id", "anonymous_id"])
        }
    }

    @Test("an anonymous profile from another device merges into the known person", arguments: StoreKind.allCases)
    func secondDevice(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let known = try await world.process([.test(["user_id": "u1", "anonymous_id": "a1"])]).profiles[0]
            let stray = try await world.process([.test(["anonymous_id": "a2"], minute: 1)]).profiles[0]
            #expect(known != stray)
            let (profiles, said) = try await world.process([.test(["user_id": "u1", "anonymous_id": "a2"], minute: 2)])
            #expect(profiles == [known])
            #expect(said.map(\.name) == ["Profiles Merged"])
            let person = try await world.detail(stray)
            #expect(person.profile.id == known)
            #expect(person.profile.eventCount == 3)
            #expect(person.mergedIDs == [stray])
            let history = try await world.store.read { try MergeHistory.load(of: stray, $0) }
            #expect(history.map(\.rule) == [.login])
            #expect(try await world.population() == 1)
        }
    }

    @Test("a second login on a device starts a new branch, and the device follows it", arguments: StoreKind.allCases)
    func branch(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let (profiles, _) = try await world.process([
                .test(["anonymous_id": "a1"]),
                .test(["user_id": "u1", "anonymous_id": "a1"], minute: 1),
                .test(["user_id": "u2", "anonymous_id": "a1"], minute: 2),
                .test(["anonymous_id": "a1"], minute: 3),
                .test(["user_id": "u1"], minute: 4),
            ])
            #expect(profiles[0] == profiles[1])
            #expect(profiles[2] != profiles[1])
            #expect(profiles[3] == profiles[2])
            #expect(profiles[4] == profiles[0])
            #expect(try await world.detail(profiles[0]).profile.eventCount == 3)
        }
    }

    @Test("a late event of an older login does not take the device back", arguments: StoreKind.allCases)
    func lateLogin(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let (profiles, _) = try await world.process([
                .test(["user_id": "u1", "anonymous_id": "a1"]),
                .test(["user_id": "u2", "anonymous_id": "a1"], minute: 10),
                .test(["user_id": "u1", "anonymous_id": "a1"], minute: 5),
                .test(["anonymous_id": "a1"], minute: 11),
            ])
            #expect(profiles[3] == profiles[1])
        }
    }

    @Test("two known people are not merged by an unverified telephone number", arguments: StoreKind.allCases)
    func unverified(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let (profiles, said) = try await world.process([
                .test(["user_id": "u1", "phone": "13800138000"]),
                .test(["user_id": "u2", "phone": "13800138000"], minute: 1),
            ])
            #expect(profiles[0] != profiles[1])
            #expect(!said.map(\.name).contains("Profiles Merged"))
            #expect(try await world.conflicts() == ["phone unverified"])
        }
    }

    @Test("a telephone number that a server vouches for merges two known people", arguments: StoreKind.allCases)
    func verified(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let first = try await world.process(
                [.test(["user_id": "u1", "phone": "13800138000"])], source: PeopleHarness.server
            ).profiles[0]
            try await world.process([.test(["user_id": "u2"], minute: 1)])
            let (profiles, said) = try await world.process(
                [.test(["user_id": "u2", "phone": "+86 13800138000"], minute: 2)], source: PeopleHarness.server)
            #expect(profiles == [first])
            #expect(said.map(\.name) == ["Profiles Merged"])
            #expect(said[0].properties.contains(#""rule":"verified_phone""#))
            #expect(try await world.population() == 1)
        }
    }

    @Test("an explicit bind merges two known people", arguments: StoreKind.allCases)
    func bind(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let (profiles, _) = try await world.process([.test(["user_id": "u1"]), .test(["user_id": "u2"], minute: 1)])
            let bound = try await world.process(
                [.test("Alias", ["user_id": "u2", "member_id": "m9"], minute: 2, kind: .alias)])
            #expect(bound.profiles == [profiles[1]])
            let merged = try await world.process(
                [.test("Alias", ["member_id": "m9", "user_id": "u1"], minute: 3, kind: .alias)])
            #expect(merged.profiles == [profiles[0]])
            #expect(try await world.detail(profiles[1]).profile.id == profiles[0])
        }
    }

    @Test("a breached limit demotes the identity and keeps the event", arguments: StoreKind.allCases)
    func limit(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let limit = try #require(IdentityKind.named("phone")?.limit)
            let events = (0...limit).map { number in
                IncomingEvent.test(["user_id": "u1", "phone": "1380013800\(number)"], minute: Int64(number))
            }
            let (profiles, _) = try await world.process(events)
            #expect(Set(profiles).count == 1)
            let person = try await world.detail(profiles[0])
            #expect(person.identities.filter { $0.key.kind == "phone" }.count == limit)
            #expect(person.profile.eventCount == Int64(limit) + 1)
            #expect(try await world.conflicts() == ["phone limit"])
        }
    }

    @Test("unknown kinds and blocked values are accepted, unlinked and flagged once", arguments: StoreKind.allCases)
    func unlinked(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let (profiles, _) = try await world.process([
                .test(["user_id": "null"]), .test(["user_id": "null"], minute: 1),
                .test(["shoe_size": "42"], minute: 2), .test(["shoe_size": "43"], minute: 3),
                .test(["shoe_size": "43", "anonymous_id": "a1"], minute: 4),
            ])
            #expect(profiles.prefix(4) == [0, 0, 0, 0])
            #expect(profiles[4] > 0)
            #expect(try await world.population() == 1)
            #expect(try await world.conflicts() == ["shoe_size unknown_kind", "user_id blocked_value"])
        }
    }

    @Test("a WeChat openid belongs to one app, the unionid to all of them", arguments: StoreKind.allCases)
    func wechat(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let (profiles, _) = try await world.process([
                .test(["wechat_openid": "wxapp1:o1"]), .test(["wechat_openid": "wxapp2:o1"], minute: 1),
                .test(["wechat_openid": "wxapp1:o1", "wechat_unionid": "U"], minute: 2),
                .test(["wechat_openid": "wxapp2:o1", "wechat_unionid": "U"], minute: 3),
            ])
            #expect(profiles[0] != profiles[1])
            #expect(profiles[3] == profiles[0])
            #expect(try await world.population() == 1)
        }
    }

    @Test("processors that meet the same new people at the same time agree", arguments: StoreKind.allCases)
    func race(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let events = (0..<240).map { number in
                let user = number % 12
                return IncomingEvent.test(
                    "Order Completed", ["user_id": "u\(user)", "anonymous_id": "a\(user)"], minute: Int64(number),
                    properties: #"{"order_id":"o\#(number / 2)","total":1}"#)
            }
            let logged = try await world.log(events)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for processor in 0..<4 {
                    group.addTask {
                        let mine = logged.filter { $0.position % 4 == processor }
                        for start in stride(from: 0, to: mine.count, by: 20) {
                            try await world.apply(Array(mine[start..<min(start + 20, mine.count)]))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await world.population() == 12)
            let sums = try await world.store.read { connection in
                try connection.first(
                    """
                    SELECT CAST(sum(event_count) AS BIGINT), CAST(sum(order_count) AS BIGINT),
                        CAST(sum(net_spend) AS BIGINT) FROM profiles
                    """)?.values
            }
            #expect(sums == [.integer(240), .integer(120), .integer(12_000)])
            let volume = try await world.store.read { try CatalogueList.events($0) }.first?.volume
            #expect(volume == 240)
        }
    }

    @Test("the same log in one batch or event by event gives the same people", arguments: StoreKind.allCases)
    func batches(kind: StoreKind) async throws {
        var generator = SeededGenerator(seed: 20)
        let events = (0..<300).map { number -> IncomingEvent in
            let user = Int.random(in: 0..<12, using: &generator)
            let device = Int.random(in: 0..<20, using: &generator)
            let minute = Int64(number)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: return .test(["user_id": "u\(user)", "anonymous_id": "a\(device)"], minute: minute)
            case 1: return .test(["user_id": "u\(user)"], minute: minute, traits: #"{"n":\#(number)}"#)
            case 2:
                return .test(
                    ["user_id": "u\(user)", "phone": "139001380\(10 + user)"], minute: minute,
                    traits: #"{"phone_verified":true}"#)
            default: return .test(["anonymous_id": "a\(device)"], minute: minute)
            }
        }
        var worlds: [[[String]]] = []
        for size in [events.count, 1, 17] {
            try await PeopleHarness.with(kind) { world in
                for start in stride(from: 0, to: events.count, by: size) {
                    try await world.process(Array(events[start..<min(start + size, events.count)]))
                }
                worlds.append(try await People.clusters(world.store))
            }
        }
        #expect(worlds[0] == worlds[1])
        #expect(worlds[0] == worlds[2])
        #expect(!worlds[0].isEmpty)
    }
}

enum People {
    /// Every living person as sorted lines: identities, counts and document; ids left out, for they differ.
    static func clusters(_ store: any OperationalStore) async throws -> [[String]] {
        try await store.read { connection in
            let rows = try connection.query("SELECT id FROM profiles WHERE merged_into IS NULL AND deleted_ms IS NULL")
            let people = try rows.map { row -> [String] in
                let person = try ProfileDetail.load(row.int(0), connection)
                let profile = person.profile
                let orders = try OrderRows.ids(of: profile.id, connection)
                return person.identities.map { "\($0.key.kind)=\($0.key.value)" }.sorted() + orders
                    + [
                        "\(profile.eventCount) \(profile.firstSeenMS) \(profile.lastSeenMS) \(profile.isIdentified)",
                        "\(profile.orderCount) \(profile.netSpend)", profile.state,
                    ]
            }
            return people.sorted { $0.joined() < $1.joined() }
        }
    }
}
