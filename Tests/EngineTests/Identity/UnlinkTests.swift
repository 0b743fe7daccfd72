import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Unlinking an identity")
struct UnlinkTests {
    private static func unbind(_ identities: KeyValuePairs<String, String>, minute: Int64) -> IncomingEvent {
        .test("Identity Unbound", identities, minute: minute, kind: .unbind)
    }

    @Test("frees it for whoever comes next, keeps the history, and is recorded", arguments: StoreKind.allCases)
    func unlink(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let first = try await world.process(
                [.test("Alias", ["user_id": "u1", "phone": "13800138000"], kind: .alias)]
            ).profiles[0]
            let step = try await world.process([Self.unbind(["phone": "13800138000"], minute: 5)])
            #expect(step.profiles == [first])
            #expect(step.said.map(\.name) == ["Identity Unlinked"])
            #expect(!step.said[0].properties.contains("138"))
            #expect(try await world.detail(first).identities.map(\.key.kind) == ["user_id"])
            let record = try #require(try await world.store.read { try UnlinkRecord.list(of: first, $0) }.first)
            #expect(record.key == IdentityKey(kind: "phone", value: "+8613800138000") && record.undoneMS == nil)
            let next = try await world.process([.test(["phone": "13800138000"], minute: 6)]).profiles[0]
            #expect(next != first)
            #expect(try await world.population() == 2)
            await #expect(throws: ProfileError.identityTaken(next)) {
                try await world.store.write { try Relink.undo(record.id, at: PeopleHarness.start, $0) }
            }
        }
    }

    @Test("can be undone while the identity is free, once", arguments: StoreKind.allCases)
    func relink(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let person = try await world.process([.test(["email": "a@b.cn"])]).profiles[0]
            try await world.process([Self.unbind(["email": "A@b.cn"], minute: 1)])
            #expect(try await world.detail(person).profile.isIdentified == false)
            let record = try #require(try await world.store.read { try UnlinkRecord.list(of: person, $0) }.first)
            let event = try await world.store.write { try Relink.undo(record.id, at: PeopleHarness.start, $0) }
            #expect(event.name == "Identity Relinked" && event.profileID == person)
            let detail = try await world.detail(person)
            #expect(detail.identities.map(\.key.value) == ["a@b.cn"] && detail.profile.isIdentified)
            #expect(detail.identities[0].evidence == record.link.evidence)
            #expect(try await world.process([.test(["email": "a@b.cn"], minute: 9)]).profiles == [person])
            await #expect(throws: ProfileError.unlinkNotFound(record.id)) {
                try await world.store.write { try Relink.undo(record.id, at: PeopleHarness.start, $0) }
            }
        }
    }

    @Test("a link that was made later stands, and nobody is met by an unbind", arguments: StoreKind.allCases)
    func late(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let person = try await world.process([.test(["user_id": "u1", "phone": "13800138000"], minute: 9)])
                .profiles[0]
            let step = try await world.process([
                Self.unbind(["phone": "13800138000"], minute: 1), Self.unbind(["phone": "13900139000"], minute: 2),
            ])
            #expect(step.profiles == [person, 0] && step.said.isEmpty)
            #expect(try await world.population() == 1)
            #expect(try await world.detail(person).identities.count == 2)
        }
    }

    @Test("within one batch, before a login, moves nothing that was unlinked", arguments: StoreKind.allCases)
    func sameBatch(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let old = try await world.process([.test(["anonymous_id": "a1", "device_id": "d1"])]).profiles[0]
            let profiles = try await world.process([
                Self.unbind(["device_id": "d1"], minute: 1),
                .test(["user_id": "u1", "anonymous_id": "a1"], minute: 2),
                .test(["device_id": "d1"], minute: 3),
            ]).profiles
            #expect(profiles[0] == old && profiles[1] == old && profiles[2] != old)
            #expect(try await world.detail(old).identities.map(\.key.kind).sorted() == ["anonymous_id", "user_id"])
        }
    }

    @Test("is forgotten with the person", arguments: StoreKind.allCases)
    func erased(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let person = try await world.process([.test(["user_id": "u1", "phone": "13800138000"])]).profiles[0]
            try await world.process([Self.unbind(["phone": "13800138000"], minute: 1)])
            _ = try await world.store.write { [effects = world.platform.effects, seal = world.platform.seal] in
                try Erasure.erase(person, at: PeopleHarness.start, effects: effects, seal: seal, $0)
            }
            let left = try await world.store.read { try $0.query("SELECT id FROM identity_unlinks").count }
            #expect(left == 0)
        }
    }
}
