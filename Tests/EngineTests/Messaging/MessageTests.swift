import Storage
import TestSupport
import Testing

@testable import Engine

/// Messages over real stores; only the mail server is played.
@Suite("Messages", .serialized)
struct MessageTests {
    @Test("a message planned twice is there once, sent once, and told", arguments: StoreKind.allCases)
    func once(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            let id = try await world.plan("a", to: 1)
            #expect(try await world.plan("a", to: 1) == id)
            try await world.send()
            try await world.send()
            #expect(world.server.recipients == ["p1@example.com"])
            let message = try await world.message(id)
            #expect(message.state == .sent && message.subject == "Hi you" && message.version == 1)
            #expect(try await world.said(MessageEvents.sent) == 1)
            let letter = String(decoding: try #require(world.server.letters.first).bytes, as: UTF8.self)
            #expect(letter.contains("List-Unsubscribe: <https://a.example/u/"))
            #expect(world.server.letters[0].from == "bounce+\(id)@brand.example")
        }
    }

    @Test("who may not be written to is not, and it says why", arguments: StoreKind.allCases)
    func policy(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1, consent: false)
            try await world.person(2, consent: nil)
            try await world.person(3)
            try await world.person(4)
            let (effects, now) = (world.platform.effects, world.clock.now)
            try await world.platform.store.write { connection in
                try Suppressions.add("email", "P3@example.com", detail: "", by: "test", at: now, connection)
                let left = MessageConsents.Entry(
                    channel: "email", topic: "offers", isGranted: false, at: now, source: "api", proof: "x",
                    messageID: 0)
                try MessageConsents.say(4, left, effects, connection)
            }
            var ids: [Int64] = []
            for person in Int64(1)...4 { ids.append(try await world.plan("k\(person)", to: person)) }
            let receipt = try await world.plan("receipt", to: 1, isTransactional: true)
            let nobody = try await world.plan("nobody", to: 99)
            try await world.send()
            var reasons: [String] = []
            for id in ids { reasons.append(try await world.message(id).reason) }
            #expect(reasons == ["consent_refused", "consent_missing", "suppression_list", "topic_left"])
            #expect(try await world.message(receipt).state == .sent)
            #expect(try await world.message(nobody).reason == "erased")
            #expect(world.server.recipients == ["p1@example.com"])
            #expect(try await world.said(MessageEvents.suppressed) == 5)
        }
    }

    @Test("whom the global holdout keeps apart gets receipts and nothing else", arguments: StoreKind.allCases)
    func heldOut(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            let effects = world.platform.effects
            let holdout = try await world.platform.store.write {
                try Holdout.save(share: Holdout.shareMax, redraws: false, by: "test", effects, $0)
            }
            let people = Array(Int64(1)...12)
            for person in people { try await world.person(person) }
            #expect(people.contains(where: holdout.holds) && !people.allSatisfy(holdout.holds))
            for person in people {
                let offer = try await world.plan("offer\(person)", to: person)
                let receipt = try await world.plan("receipt\(person)", to: person, isTransactional: true)
                try await world.send()
                let reason = try await world.message(offer).reason
                #expect(reason == (holdout.holds(person) ? "global_holdout" : ""))
                #expect(try await world.message(receipt).state == .sent)
            }
        }
    }

    @Test("caps count by day, and quiet hours put off", arguments: StoreKind.allCases)
    func caps(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            var ids: [Int64] = []
            for number in 1...3 { ids.append(try await world.plan("k\(number)", to: 1)) }
            try await world.send()
            var states: [SentMessage.State] = []
            for id in ids { states.append(try await world.message(id).state) }
            #expect(states.filter { $0 == .sent }.count == 2 && states.filter { $0 == .suppressed }.count == 1)
            // 23:00 in Shanghai; the next day at eight it goes.
            world.clock.advance(milliseconds: 11 * 3_600_000)
            let late = try await world.plan("late", to: 1)
            try await world.send()
            #expect(try await world.message(late).state == .planned)
            world.clock.advance(milliseconds: 9 * 3_600_000)
            try await world.send()
            #expect(try await world.message(late).state == .sent)
        }
    }

    @Test("an answer that never came is unknown and never sent again", arguments: StoreKind.allCases)
    func unknown(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            world.server.answer([MailAnswer(.unknown, text: "timeout")])
            let id = try await world.plan("a", to: 1)
            try await world.send()
            let cut = try await world.plan("b", to: 1)
            try await world.send()
            _ = try await world.platform.store.write { connection in
                try connection.execute(
                    "UPDATE messages SET state = 'sending', sent_ms = NULL, lease_expires_ms = 1 WHERE id = \(cut)")
            }
            world.clock.advance(milliseconds: 24 * 3_600_000)
            try await world.send()
            #expect(try await world.message(id).state == .unknown && world.server.letters.count == 2)
            let left = try await world.message(cut)
            #expect(left.state == .unknown && left.reason == "cut_off")
            let now = world.clock.now
            #expect(
                try await world.platform.store.write { try Messages.replay([id, cut], by: "test", at: now, $0) } == 0)
        }
    }

    @Test(
        "what is put off comes again, a bounce for good suppresses, a refusal of us closes",
        arguments: StoreKind.allCases)
    func answers(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...3 { try await world.person(person) }
            let later = try await world.plan("later", to: 1)
            world.server.answer([MailAnswer(.refused, code: 450, text: "450 4.2.1 later")])
            try await world.send()
            #expect(try await world.message(later).state == .planned)
            try await world.send()
            #expect(world.server.letters.count == 1)
            world.clock.advance(milliseconds: 60_000)
            try await world.send()
            #expect(try await world.message(later).state == .sent)
            world.server.answer([MailAnswer(.refused, code: 550, text: "550 5.1.1 nobody")])
            let gone = try await world.plan("gone", to: 2)
            try await world.send()
            #expect(try await world.message(gone).state == .bounced)
            let again = try await world.plan("again", to: 2)
            try await world.send()
            #expect(try await world.message(again).reason == "suppression_list")
            world.server.answer([MailAnswer(.refused, code: 535, text: "535 5.7.8 login")])
            let closed = try await world.plan("closed", to: 3)
            try await world.send()
            let gate = try await world.platform.store.read { try MessageGate.load("email", $0) }
            #expect(try await world.message(closed).state == .planned && gate?.closedUntil != nil)
            world.clock.advance(milliseconds: 120_000)
            try await world.send()
            #expect(try await world.message(closed).state == .sent)
        }
    }

    @Test("opens, clicks and complaints move forward only; a scanner is no person", arguments: StoreKind.allCases)
    func progress(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            let id = try await world.plan("a", to: 1)
            try await world.send()
            let effects = world.platform.effects
            try await world.platform.store.write { connection in
                try MessageProgress.opened(id, isPerson: false, effects, connection)
                try MessageProgress.clicked(id, isPerson: true, url: "https://x.example", effects, connection)
                try MessageProgress.receive(.delivered, of: id, effects, connection)
            }
            let clicked = try await world.message(id)
            #expect(clicked.state == .clicked && clicked.openedAt != nil && clicked.scannedAt != nil)
            #expect(try await world.said(MessageEvents.opened) == 2)
            try await world.platform.store.write { connection in
                try MessageProgress.receive(.complained(detail: "spam"), of: id, effects, connection)
                try MessageProgress.receive(.complained(detail: "spam"), of: id, effects, connection)
            }
            #expect(try await world.message(id).state == .complained)
            #expect(try await world.said(MessageEvents.complained) == 1)
            let listed = try await world.platform.store.read { try Suppressions.list(limit: 10, $0) }
            #expect(listed.map(\.reason) == [.complaint])
        }
    }

    @Test("links say what they are for, and nobody makes one up")
    func links() throws {
        let links = MessageLinks(key: [UInt8](repeating: 3, count: 32), address: "https://a.example")
        let token = try #require(
            links.click(7, to: "https://x.example/?a=b c").split(separator: "/").last.map(String.init))
        let read = try links.read(token)
        #expect(read.kind == .click && read.message == 7 && read.rest == "https://x.example/?a=b c")
        let picture = try #require(links.open(8).split(separator: "/").last.map(String.init))
        #expect(try links.read(picture).message == 8)
        // Letters that have left keep their links: a token never changes.
        #expect(links.confirm(9) == "https://a.example/confirm/yOQ.2VFHc4p-D2-y9TyBkwarmg")
        #expect(throws: MessageError.badLink) { try links.read(token.replacing("c", with: "o", maxReplacements: 1)) }
        #expect(throws: MessageError.badLink) { try links.read("") }
    }
}
