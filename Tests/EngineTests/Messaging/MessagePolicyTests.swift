import Storage
import TestSupport
import Testing

@testable import Engine

/// Clocks that change, places under caps, and what may not take one: over real stores.
@Suite("Policy of messages", .serialized)
struct MessagePolicyTests {
    private static func capped(_ world: MessageWorld, _ caps: [MessagePolicy.Cap]) async throws {
        let effects = world.platform.effects
        _ = try await world.platform.store.write { connection in
            var policy = MessagePolicy()
            policy.caps = caps
            return try policy.save(by: "test", effects, connection)
        }
    }

    /// A second published template of the same channel.
    private static func template(_ world: MessageWorld) async throws -> Int64 {
        let (effects, now) = (world.platform.effects, world.clock.now)
        return try await world.platform.store.write { connection in
            let content = TemplateContent(variants: [
                TemplateContent.Variant(
                    subject: "Hello", blocks: [EmailBlock(.text, text: "Hello"), EmailBlock(.footer, text: "Brand")])
            ])
            let made = try MessageTemplates.create(
                MessageTemplate.Draft(name: "Second", topic: "offers", content: content), by: "test", effects,
                connection)
            return try MessageTemplates.publish(made.id, by: "test", at: now, connection).id
        }
    }

    @Test("quiet hours end when clocks show it, also in the nights in which they change")
    func quietEnd() throws {
        let calendar = try #require(LocalCalendar(timeZone: "America/New_York"))
        let policy = MessagePolicy()
        for (night, morning) in [
            // Forward on 8 March, back on 1 November, and a night like any other.
            ("2026-03-08T03:30:00Z", "2026-03-08T12:00:00Z"), ("2026-11-01T03:30:00Z", "2026-11-01T13:00:00Z"),
            ("2026-06-02T03:30:00Z", "2026-06-02T12:00:00Z"),
        ] {
            let now = try #require(Timestamp(iso8601: night))
            let end = policy.quietEnd(after: now, calendar)
            #expect(end.iso8601 == Timestamp(iso8601: morning)?.iso8601)
            #expect(calendar.hour(of: end) == 8 && !policy.isQuiet(hour: Int(calendar.hour(of: end))))
            // An hour before the end nothing is put off to the day after.
            #expect(policy.quietEnd(after: end.adding(milliseconds: -3_600_000), calendar) == end)
        }
        let eve = try #require(Timestamp(iso8601: "2026-11-01T02:00:00Z"))
        let best = BestHour.next(9, after: eve, minute: 5, calendar)
        #expect(calendar.hour(of: best) == 9 && best.iso8601 == Timestamp(iso8601: "2026-11-01T14:05:00Z")?.iso8601)
    }

    @Test("what bounced takes no place under a cap", arguments: StoreKind.allCases)
    func bounced(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await Self.capped(world, [MessagePolicy.Cap(days: 7, most: 1)])
            try await world.person(1)
            world.server.answer([MailAnswer(.refused, code: 554, text: "554 5.6.0 no")])
            let first = try await world.plan("first", to: 1)
            try await world.send()
            #expect(try await world.message(first).state == .bounced)
            let second = try await world.plan("second", to: 1)
            try await world.send()
            #expect(try await world.message(second).state == .sent)
            let third = try await world.plan("third", to: 1)
            try await world.send()
            #expect(try await world.message(third).reason == "frequency_cap")
        }
    }

    @Test("what cannot leave now takes no place under a cap", arguments: StoreKind.allCases)
    func closed(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await Self.capped(world, [MessagePolicy.Cap(days: 1, most: 1)])
            try await world.person(1)
            var other = world
            other.template = try await Self.template(world)
            let (now, template) = (world.clock.now, world.template)
            _ = try await world.platform.store.write {
                try MessageGate.fail(
                    "template:\(template)", isRefusal: true, reason: "x", detail: "", at: now, $0)
            }
            let held = try await world.plan("held", to: 1)
            let open = try await other.plan("open", to: 1)
            try await world.send()
            #expect(try await world.message(open).state == .sent)
            let waiting = try await world.message(held)
            #expect(waiting.state == .planned && waiting.due > now && waiting.asked == now)
        }
    }

    @Test("nobody waits for a message that was tried again and again in vain", arguments: StoreKind.allCases)
    func stuck(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await Self.capped(world, [MessagePolicy.Cap(days: 1, most: 1)])
            try await world.person(1)
            let later = world.clock.now.adding(milliseconds: 7_200_000)
            let high = try await world.plan("high", to: 1, MessageChoices(priority: 9), due: later)
            let low = try await world.plan("low", to: 1, MessageChoices(priority: 1))
            try await world.send()
            #expect(try await world.message(low).state == .planned)
            _ = try await world.platform.store.write {
                try $0.execute("UPDATE messages SET attempts = 5 WHERE id = \(high)")
            }
            let next = try await world.plan("next", to: 1, MessageChoices(priority: 1))
            try await world.send()
            #expect(try await world.message(next).state == .sent)
        }
    }

    @Test("two processes and two channels have one place between them", arguments: StoreKind.allCases)
    func race(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await Self.capped(world, [MessagePolicy.Cap(days: 1, most: 1)])
            let inbox = try await world.inboxTemplate()
            let other = MessageWorld(
                platform: world.platform, clock: world.clock, server: world.server, template: inbox)
            for person in Int64(1)...8 {
                try await world.person(person)
                for copy in 1...2 {
                    try await world.plan("mail \(person) \(copy)", to: person)
                    try await other.plan("inbox \(person) \(copy)", to: person)
                }
            }
            async let one: Void = world.send()
            async let two: Void = other.send()
            _ = try await (one, two)
            try await world.send()
            let left = try await world.platform.store.read { connection in
                try connection.query(
                    """
                    SELECT count(*) FROM messages WHERE state NOT IN ('planned', 'suppressed') GROUP BY profile_id
                    """
                ).map { try $0.int(0) }
            }
            #expect(left == [Int64](repeating: 1, count: 8))
        }
    }

    @Test(
        "put off again and again, a message keeps when it was to leave and expires from then",
        arguments: StoreKind.allCases)
    func asked(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            // 23:00 in Shanghai.
            world.clock.advance(milliseconds: 11 * 3_600_000)
            let first = world.clock.now
            let id = try await world.plan("a", to: 1)
            try await world.send()
            var message = try await world.message(id)
            #expect(message.state == .planned && message.asked == first && message.due > first)
            world.clock.advance(milliseconds: 9 * 3_600_000)
            world.server.answer([MailAnswer(.refused, code: 450, text: "450 4.2.1 later")])
            try await world.send()
            message = try await world.message(id)
            #expect(message.state == .planned && message.attempts == 1 && message.asked == first)
            world.clock.advance(milliseconds: 4 * 86_400_000)
            try await world.send()
            #expect(try await world.message(id).reason == "expired")
        }
    }
}
