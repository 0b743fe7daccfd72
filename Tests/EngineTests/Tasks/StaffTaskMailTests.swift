import Storage
import TestSupport
import Testing

@testable import Engine

/// Letters to the team about new tasks.
@Suite("Tasks by mail", .serialized)
struct StaffTaskMailTests {
    private static func user(_ name: String, _ email: String, _ world: MessageWorld) async throws {
        let effects = world.platform.effects
        _ = try await world.platform.store.write {
            try Users.create(email: email, name: name, role: .admin, language: "en", by: "test", $0, effects)
        }
    }

    private static func ask(_ key: String, _ world: MessageWorld) async throws {
        let (effects, now) = (world.platform.effects, world.clock.now)
        let question = try StoredDocument.value(
            JourneyQuestion.self,
            from: #"{"journey":1,"run":2,"node":"call","visit":1,"profile":3,"keep":[]}"#)
        let draft = StaffTask.Draft(
            title: "Call \(key)", text: "", role: "", isMailed: true, due: now.adding(days: 1), isAwaited: false)
        try await world.platform.store.write {
            try StaffTasks.ask([(key: key, draft: draft, question: question)], at: now, effects, $0)
        }
    }

    private static func round(_ world: MessageWorld) async throws -> Int {
        let channel = EmailChannel(transport: world.server.transport)
        return try await StaffTaskMail(platform: world.platform, channel: channel, address: "https://a.example").round()
    }

    @Test("each user is written to once, and one whose address is no use keeps no letter from the others")
    func once() async throws {
        try await MessageWorld.with(.sqlite) { world in
            // Written to in the order of their names.
            try await Self.user("Ann", "安@shop.example", world)
            try await Self.user("Bob", "bob@shop.example", world)
            try await Self.user("Cid", "cid@shop.example", world)
            try await Self.ask("ann", world)
            #expect(try await Self.round(world) == 2)
            #expect(world.server.recipients == ["bob@shop.example", "cid@shop.example"])
            #expect(try await Self.round(world) == 0)
            #expect(world.server.letters.count == 2)
        }
    }

    @Test("a server that is away is asked again, one that refuses is not")
    func away() async throws {
        try await MessageWorld.with(.sqlite) { world in
            try await Self.user("Bob", "bob@shop.example", world)
            try await Self.ask("ann", world)
            world.server.answer([MailAnswer(.unreachable), MailAnswer(.accepted, code: 250)])
            #expect(try await Self.round(world) == 0)
            #expect(try await Self.round(world) == 1)
            try await Self.ask("dan", world)
            world.server.answer([MailAnswer(.refused, code: 550, text: "550 5.1.1 nobody")])
            #expect(try await Self.round(world) == 0)
            #expect(try await Self.round(world) == 0)
            #expect(world.server.letters.count == 3)
        }
    }
}
