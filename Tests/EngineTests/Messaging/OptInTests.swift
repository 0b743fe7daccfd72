import Storage
import TestSupport
import Testing

@testable import Engine

/// Consent to mail that the address has to confirm.
@Suite("Double opt-in", .serialized)
struct OptInTests {
    private func begin(_ world: MessageWorld) async throws {
        let effects = world.platform.effects
        try await world.platform.store.write { connection in
            var policy = MessagePolicy()
            policy.doubleOptIn = true
            let saved = try policy.save(by: "test", effects, connection)
            #expect(saved.confirmationTemplate != 0)
        }
        _ = try await JobRunner(platform: world.platform, catalog: JobCatalog([OptInKeeping.handler])).drain()
    }

    private func ask(_ world: MessageWorld, _ person: Int64, isConfirmed: Bool = false) async throws -> OptIns.Answer {
        let effects = world.platform.effects
        let wish = ConsentWish(
            channel: "email", topic: "offers", isGranted: true, source: "api",
            proof: "Form on /join: “Yes, write to me”",
            isConfirmed: isConfirmed)
        return try await world.platform.store.write { try OptIns.take(wish, of: person, effects, $0) }
    }

    @Test("a yes counts once the link was followed, with proof of both", arguments: StoreKind.allCases)
    func confirmed(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await begin(world)
            try await world.person(1, consent: nil)
            #expect(try await ask(world, 1) == .pending)
            #expect(try await ask(world, 1) == .pending)
            let early = try await world.plan("early", to: 1)
            try await world.send()
            #expect(try await world.message(early).reason == "consent_pending")
            #expect(world.server.letters.count == 1)
            let letter = String(decoding: try #require(world.server.letters.first).bytes, as: UTF8.self)
            let token = try #require(
                letter.replacing("=\r\n", with: "").firstMatch(of: /https:\/\/a\.example\/confirm\/([A-Za-z0-9_.-]+)/))
            let sign = String(token.1)
            let effects = world.platform.effects
            let confirmed = try await world.platform.store.write { connection in
                let links = try #require(try MessageLinks.standing(address: "", world.platform.seal, connection))
                let read = try links.read(sign)
                #expect(read.kind == .confirm)
                try OptIns.confirm(read.message, from: "203.0.113.9", effects, connection)
                return try OptIns.confirm(read.message, from: "203.0.113.9", effects, connection)
            }
            #expect(confirmed.state == .confirmed)
            let said = try await world.platform.store.read { try MessageConsents.of([1], $0) }
            #expect(Set(said.map(\.topic)) == ["", "offers"] && said.allSatisfy { $0.source == "double_opt_in" })
            let proof = try #require(said.first).proof
            for part in ["Form on /join", "p1@example.com", "203.0.113.9", "confirmed"] {
                #expect(proof.contains(part))
            }
            let late = try await world.plan("late", to: 1)
            try await world.send()
            #expect(try await world.message(late).state == .sent)
            #expect(try await world.said(MessageEvents.optInConfirmed) == 1)
            #expect(try await ask(world, 1) == .granted)
        }
    }

    @Test("what nobody confirms lapses; a no takes it back", arguments: StoreKind.allCases)
    func lapses(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await begin(world)
            try await world.person(1, consent: nil)
            try await world.person(2, consent: nil)
            #expect(try await ask(world, 1) == .pending)
            #expect(try await ask(world, 2) == .pending)
            let effects = world.platform.effects
            try await world.platform.store.write { connection in
                let no = ConsentWish(channel: "email", isGranted: false, source: "api", proof: "x")
                let answer = try OptIns.take(no, of: 2, effects, connection)
                #expect(answer == .refused)
            }
            world.clock.advance(milliseconds: 8 * 86_400_000)
            try await world.send()
            #expect(try await world.said(MessageEvents.optInExpired) == 1)
            let (one, two) = try await world.platform.store.read { (try OptIns.of([1], $0), try OptIns.of([2], $0)) }
            #expect(one.map(\.state) == [.expired] && two.map(\.state) == [.withdrawn])
            await #expect(throws: OptInError.expired) {
                try await world.platform.store.write { try OptIns.confirm(one[0].id, from: "", effects, $0) }
            }
            let later = try await world.plan("later", to: 1)
            try await world.send()
            #expect(try await world.message(later).reason == "consent_missing")
            // Asked again there is a new letter.
            #expect(try await ask(world, 1) == .pending)
        }
    }

    @Test("who had agreed before stays, whatever their systems say again", arguments: StoreKind.allCases)
    func before(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            world.clock.advance(milliseconds: 1_000)
            try await begin(world)
            try await world.person(2)
            let now = world.clock.now
            // The brand's systems say yes again.
            try await world.platform.store.write { connection in
                var state = ProfileState()
                state.consent["email"] = Consent(isGranted: true, ms: now.milliseconds + 5_000, source: "shop")
                try connection.execute("UPDATE profiles SET state = \(state.text()) WHERE id = 1")
            }
            let old = try await world.plan("old", to: 1)
            let new = try await world.plan("new", to: 2)
            try await world.send()
            #expect(try await world.message(old).state == .sent)
            #expect(try await world.message(new).reason == "consent_pending")
            let said = try await world.platform.store.read { try MessageConsents.of([1], $0) }
            #expect(said.map(\.source) == ["before_double_opt_in"])
        }
    }

    @Test("an address that was confirmed elsewhere needs no letter; without an address there is nobody to ask")
    func elsewhere() async throws {
        try await MessageWorld.with(.sqlite) { world in
            try await begin(world)
            try await world.person(1, consent: nil)
            #expect(try await ask(world, 1, isConfirmed: true) == .granted)
            try await world.person(2, consent: nil)
            try await world.platform.store.write {
                _ = try $0.execute("DELETE FROM identities WHERE profile_id = 2")
            }
            #expect(try await ask(world, 2) == .unreachable)
        }
    }

    @Test("the letter has to be able to ask")
    func letter() async throws {
        try await MessageWorld.with(.sqlite) { world in
            let effects = world.platform.effects
            await #expect(throws: MessageError.badPolicy(field: "confirmation_template")) {
                try await world.platform.store.write { connection in
                    var policy = MessagePolicy()
                    policy.doubleOptIn = true
                    policy.confirmationTemplate = world.template
                    try policy.save(by: "test", effects, connection)
                }
            }
        }
    }
}
