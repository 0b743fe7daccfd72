import Storage
import TestSupport
import Testing

@testable import Engine

/// Who goes first, by which channel, at which hour: over real stores.
@Suite("Rules of messages", .serialized)
struct MessageRuleTests {
    @Test("words that ask to be left in peace stand alone, in any case, width and quotes")
    func stopWords() {
        let words = StopWords.standard
        for answer in ["TD", "td ", "ＴＤ", "T", "「退订」", "退订。", "stop", "Stop!", "UNSUBSCRIBE", "\n stop \n"] {
            #expect(StopWords.meaning(of: answer, stop: words) == .stop, "\(answer)")
        }
        for answer in ["", "don't stop writing", "不退订", "TDD", "how do I unsubscribe", "ok"] {
            #expect(StopWords.meaning(of: answer, stop: words) == nil, "\(answer)")
        }
        #expect(StopWords.meaning(of: "R", stop: words) == nil)
        #expect(StopWords.meaning(of: "r", stop: ["R"]) == .stop)
        #expect(StopWords.meaning(of: "start", stop: words) == .start)
    }

    @Test("what one channel may not take goes to the next, as one message", arguments: StoreKind.allCases)
    func fallback(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            let inbox = try await world.inboxTemplate()
            try await world.person(1, consent: false)
            try await world.person(2)
            try await world.person(3)
            try await world.person(4)
            let choices = MessageChoices(fallbacks: [inbox])
            let refused = try await world.plan("refused", to: 1, choices)
            world.server.answer([MailAnswer(.refused, code: 550, text: "550 5.1.1 nobody")])
            let bounced = try await world.plan("bounced", to: 2, choices)
            try await world.send()
            try await world.send()
            for id in [refused, bounced] {
                let message = try await world.message(id)
                #expect(message.state == .delivered && message.channel == "inbox" && message.hop == 1)
            }
            let hops = try await world.platform.store.read {
                (try MessageHop.list(refused, $0), try MessageHop.list(bounced, $0))
            }
            #expect(hops.0.map(\.reason) == ["consent_refused"] && hops.0.map(\.channel) == ["email"])
            #expect(hops.1.map(\.state) == [.bounced] && hops.1.map(\.address) == ["p2@example.com"])
            #expect(try await world.said(MessageEvents.rerouted) == 2)
            #expect(try await world.said(MessageEvents.bounced) == 0)
            let listed = try await world.platform.store.read { try Suppressions.list(limit: 10, $0) }
            #expect(listed.map(\.address) == ["p2@example.com"])
            // The same bounce heard again says nothing of the inbox.
            let effects = world.platform.effects
            _ = try await world.platform.store.write {
                try MessageProgress.receive(
                    .bounced(reason: "no_such_address", detail: ""), of: bounced, channel: "email", effects, $0)
            }
            #expect(try await world.message(bounced).state == .delivered)
            // What nobody knows of never goes out a second time.
            world.server.answer([MailAnswer(.unknown, text: "timeout")])
            let unknown = try await world.plan("unknown", to: 3, choices)
            try await world.send()
            #expect(try await world.message(unknown).state == .unknown)
            // A topic that was left is left on every channel.
            try await world.leave("offers", of: 4)
            let left = try await world.plan("left", to: 4, choices)
            try await world.send()
            let stays = try await world.message(left)
            #expect(stays.state == .suppressed && stays.reason == "topic_left" && stays.channel == "email")
        }
    }

    @Test("a stop holds for what would have gone on by another channel", arguments: StoreKind.allCases)
    func stopped(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            let inbox = try await world.inboxTemplate()
            try await world.person(1)
            let (effects, now, template) = (world.platform.effects, world.clock.now, world.template)
            let id = try await world.platform.store.write {
                try Messages.plan(
                    [
                        MessagePlan(
                            key: "b", profileID: 1, templateID: template, origin: .broadcast(9), due: now,
                            choices: MessageChoices(fallbacks: [inbox]))
                    ], at: now, $0)[0]
            }
            try await world.send()
            _ = try await world.platform.store.write {
                try Messages.withdraw(origin: "broadcast", 9, reason: "stopped", effects, $0)
            }
            _ = try await world.platform.store.write {
                try MessageProgress.receive(.bounced(reason: "refused", detail: ""), of: id, effects, $0)
            }
            #expect(try await world.message(id).state == .bounced)
        }
    }

    @Test("whoever prefers a channel that is named has it there first", arguments: StoreKind.allCases)
    func preferred(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            let inbox = try await world.inboxTemplate()
            try await world.person(1)
            try await world.person(2)
            let now = world.clock.now
            try await world.platform.store.write {
                try MessagePreferences.choose("inbox", of: 1, source: "api", at: now, $0)
            }
            let one = try await world.plan("one", to: 1, MessageChoices(fallbacks: [inbox]))
            let two = try await world.plan("two", to: 2, MessageChoices(fallbacks: [inbox]))
            try await world.send()
            try await world.send()
            let (first, second) = (try await world.message(one), try await world.message(two))
            #expect(first.channel == "inbox" && first.state == .delivered && first.fallbacks == [world.template])
            #expect(second.channel == "email" && second.state == .sent)
            #expect(world.server.recipients == ["p2@example.com"])
        }
    }

    @Test("where a cap has room for one, the message of higher priority has it", arguments: StoreKind.allCases)
    func priority(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            let (effects, now) = (world.platform.effects, world.clock.now)
            try await world.platform.store.write { connection in
                var policy = MessagePolicy()
                policy.caps = [MessagePolicy.Cap(days: 1, most: 1)]
                try policy.save(by: "test", effects, connection)
            }
            let low = try await world.plan("low", to: 1, MessageChoices(priority: 3))
            let high = try await world.plan(
                "high", to: 1, MessageChoices(priority: 7), due: now.adding(milliseconds: 7_200_000))
            try await world.send()
            let waiting = try await world.message(low)
            #expect(waiting.state == .planned && waiting.due > now.adding(milliseconds: 7_200_000))
            #expect(waiting.asked == now)
            world.clock.advance(milliseconds: 7_200_000)
            try await world.send()
            #expect(try await world.message(high).state == .sent)
            world.clock.advance(milliseconds: 120_000)
            try await world.send()
            #expect(try await world.message(low).reason == "frequency_cap")
            // Due together they leave in the order of priority; the next day there is room again.
            world.clock.advance(milliseconds: 24 * 3_600_000)
            let second = try await world.plan("a", to: 1, MessageChoices(priority: 4))
            let first = try await world.plan("b", to: 1, MessageChoices(priority: 6))
            try await world.send()
            #expect(try await world.message(first).state == .sent)
            #expect(try await world.message(second).state == .suppressed)
        }
    }

    @Test("the best hour is the person's own, and the brand's until enough is known")
    func bestHour() {
        var (own, brand) = ([Int64](repeating: 0, count: 24), [Int64](repeating: 0, count: 24))
        let never: (Int) -> Bool = { _ in false }
        #expect(BestHour(own: own, brand: brand).choose(usual: 10, isQuiet: never) == 10)
        #expect(BestHour(own: own, brand: brand).choose(usual: 10, isQuiet: { $0 < 12 }) == 12)
        brand[20] = 1_000
        #expect(BestHour(own: own, brand: brand).choose(usual: 10, isQuiet: never) == 20)
        own[7] = 2
        #expect(BestHour(own: own, brand: brand).choose(usual: 10, isQuiet: never) == 20)
        own[7] = 30
        #expect(BestHour(own: own, brand: brand).choose(usual: 10, isQuiet: never) == 7)
        #expect(BestHour(own: own, brand: brand).choose(usual: 10, isQuiet: { (6..<9).contains($0) }) == 20)
    }

    @Test("a message waits for the hour in which its person looks", arguments: StoreKind.allCases)
    func waitsForHour(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            try await world.person(2)
            let effects = world.platform.effects
            // On three days they look at 17:00, Shanghai time.
            for day in 1...3 {
                let id = try await world.plan("day\(day)", to: 1)
                try await world.send()
                world.clock.advance(milliseconds: 5 * 3_600_000)
                try await world.platform.store.write {
                    try MessageProgress.clicked(id, isPerson: true, url: "https://x.example", effects, $0)
                }
                world.clock.advance(milliseconds: 19 * 3_600_000)
            }
            let noon = world.clock.now
            let mine = try await world.plan("mine", to: 1, MessageChoices(timing: .bestHour))
            try await world.send()
            let waiting = try await world.message(mine)
            #expect(waiting.state == .planned && waiting.timing == "timed" && waiting.asked == noon)
            let hours = (waiting.due.milliseconds - noon.milliseconds) / 3_600_000
            #expect(hours == 5)
            world.clock.advance(milliseconds: 5 * 3_600_000 + 1_800_000)
            try await world.send()
            #expect(try await world.message(mine).state == .sent)
            let learned = try await world.platform.store.read {
                try $0.first("SELECT weights FROM message_hours WHERE profile_id = 1")?.text(0)
            }
            #expect(learned?.contains("15") == true)
        }
    }
}
