import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Unmerge")
struct UnmergeTests {
    private static func order(_ id: String, _ user: KeyValuePairs<String, String>, _ minute: Int64) -> IncomingEvent {
        .test(
            "Order Completed", user, minute: minute,
            properties: #"{"order_id":"\#(id)","revenue":"100.50","currency":"CNY"}"#)
    }

    @Test("undoing a merge gives back what came with the loser", arguments: StoreKind.allCases)
    func undo(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            try await world.process([
                .test(["user_id": "u1"], traits: #"{"city":"杭州","name":"林梅"}"#),
                Self.order("o1", ["user_id": "u1"], 1),
                .test(["user_id": "u2", "email": "b@x.cn"], minute: 2, traits: #"{"city":"上海","level":3}"#),
                Self.order("o2", ["user_id": "u2"], 3), Self.order("o3", ["user_id": "u2"], 4),
            ])
            let before = try await People.clusters(world.store)
            let said = try await world.process(
                [.test("Alias", ["user_id": "u1", "email": "b@x.cn"], minute: 5, kind: .alias)]
            ).said
            #expect(said.map(\.name) == ["Profiles Merged"])
            let merged = try await world.store.read { try ProfileList.load(limit: 10, $0) }.profiles
            #expect(merged.count == 1)
            #expect(merged[0].orderCount == 3)
            #expect(merged[0].netSpend == 30_150)

            let entry = try #require(try await world.store.read { try MergeHistory.latest($0) }.first)
            #expect(entry.orderCount == 2)
            let event = try await world.store.write { try Unmerge.undo(entry.id, at: PeopleHarness.start, $0).event }
            #expect(event.name == "Profiles Unmerged")
            var after = try await People.clusters(world.store)
            // The event that merged them stays with the winner.
            after = after.map {
                $0.map { $0.replacing("3 1750000000000 1750000300000", with: "2 1750000000000 1750000060000") }
            }
            #expect(after == before)
            await #expect(throws: ProfileError.mergeNotFound(entry.id)) {
                try await world.store.write { try Unmerge.undo(entry.id, at: PeopleHarness.start, $0) }
            }
        }
    }

    @Test("a trait that was changed after the merge stays", arguments: StoreKind.allCases)
    func laterTrait(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let known = try await world.process([.test(["user_id": "u1"], traits: #"{"city":"杭州"}"#)]).profiles[0]
            let other = try await world.process(
                [.test(["user_id": "u2"], minute: 1, traits: #"{"city":"上海","level":3}"#)]
            ).profiles[0]
            _ = try await world.store.write { [platform = world.platform] in
                try ManualMerge.merge(known, other, platform: platform, at: PeopleHarness.start, $0)
            }
            try await world.process([.test(["user_id": "u2"], minute: 9, traits: #"{"level":4}"#)])
            let entry = try #require(try await world.store.read { try MergeHistory.latest($0) }.first)
            #expect(entry.rule == .manual)
            _ = try await world.store.write { try Unmerge.undo(entry.id, at: PeopleHarness.start, $0) }
            #expect(try await world.detail(known).state.values == ["city": .string("杭州"), "level": .integer(4)])
            #expect(try await world.detail(other).state.values == ["city": .string("上海"), "level": .integer(3)])
            #expect(try await world.detail(other).profile.isIdentified)
        }
    }

    @Test("merges conserve identities, orders and spend", arguments: StoreKind.allCases)
    func conserve(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            var generator = SeededGenerator(seed: 7)
            var events: [IncomingEvent] = []
            for number in 0..<120 {
                let user = Int.random(in: 0..<9, using: &generator)
                events.append(
                    Self.order("o\(number)", ["user_id": "u\(user)", "anonymous_id": "a\(number % 13)"], Int64(number)))
            }
            try await world.process(events)
            for round in 0..<6 {
                let pair = (Int.random(in: 0..<9, using: &generator), Int.random(in: 0..<9, using: &generator))
                try await world.process([
                    .test("Alias", ["user_id": "u\(pair.0)", "member_id": "m\(round)"], minute: 200, kind: .alias),
                    .test("Alias", ["member_id": "m\(round)", "user_id": "u\(pair.1)"], minute: 201, kind: .alias),
                ])
                let sums = try await world.store.read { connection in
                    try #require(
                        try connection.first(
                            "SELECT CAST(sum(order_count) AS BIGINT), CAST(sum(net_spend) AS BIGINT) FROM profiles"))
                }
                #expect(try sums.int(0) == 120)
                #expect(try sums.int(1) == 120 * 10_050)
                let strays = try await world.store.read { connection in
                    try connection.first(
                        """
                        SELECT count(*) FROM identities i JOIN profiles p ON p.id = i.profile_id
                        WHERE p.merged_into IS NOT NULL
                        """)?.int(0)
                }
                #expect(strays == 0)
            }
        }
    }
}
