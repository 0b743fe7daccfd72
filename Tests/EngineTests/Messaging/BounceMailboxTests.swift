import Storage
import TestSupport
import Testing

@testable import Engine

/// Letters that came back, fetched by libcurl from a server that plays IMAP on the loopback interface.
@Suite("The mailbox for bounces", .serialized)
struct BounceMailboxTests {
    private func with(
        _ kind: StoreKind, keeping: BounceMailbox.Keeping = .seen, password: String = "geheim",
        _ body: (MessageWorld, IMAPSide) async throws -> Void
    ) async throws {
        try await MessageWorld.with(kind) { world in
            let side = try IMAPSide()
            side.start()
            defer { side.stop() }
            try await set(world, side, keeping: keeping, password: password)
            try await body(world, side)
        }
    }

    private func set(
        _ world: MessageWorld, _ side: IMAPSide, keeping: BounceMailbox.Keeping = .seen, password: String?
    ) async throws {
        let platform = world.platform
        var mailbox = BounceMailbox()
        (mailbox.isOn, mailbox.host, mailbox.port) = (true, "127.0.0.1", side.port)
        (mailbox.security, mailbox.user, mailbox.keeping) = (.none, "bounces", keeping)
        try await platform.store.write { [mailbox] connection in
            _ = try BounceMailbox.save(
                mailbox, password: password, by: "test", platform.seal, platform.effects, connection)
        }
    }

    /// A process of its own looks, some minutes later.
    private func look(_ world: MessageWorld, minutes: Int64 = 6) async throws {
        world.clock.advance(milliseconds: minutes * 60_000)
        try await BounceMailboxService(platform: world.platform).catchUp()
    }

    private func standing(_ world: MessageWorld) async throws -> BounceMailboxState {
        try #require(try await world.platform.store.read { try BounceMailboxState.load($0) })
    }

    private func sent(_ world: MessageWorld, _ person: Int64) async throws -> Int64 {
        try await world.person(person)
        let id = try await world.plan("m\(person)", to: person)
        try await world.send()
        return id
    }

    private func report(_ id: Int64, _ status: String = "5.1.1", more: String = "") -> String {
        """
        To: bounce+\(id)@brand.example
        Content-Type: multipart/report; report-type=delivery-status; boundary="B"

        --B
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mail.example

        Action: failed
        Status: \(status)
        Diagnostic-Code: smtp; 550 \(status) no

        --B
        Content-Type: message/rfc822

        Subject: x

        \(more)
        --B--

        """.replacing("\n", with: "\r\n")
    }

    private func complaint(_ id: Int64) -> String {
        """
        To: abuse@brand.example
        Content-Type: multipart/report; report-type=feedback-report; boundary=B

        --B
        Content-Type: message/feedback-report

        Feedback-Type: abuse

        --B
        Content-Type: message/rfc822

        Message-ID: <\(id)@brand.example>

        --B--

        """.replacing("\n", with: "\r\n")
    }

    @Test("delivery reports and complaints count once each, other letters count nothing", arguments: StoreKind.allCases)
    func reports(kind: StoreKind) async throws {
        try await with(kind) { world, side in
            let (gone, angry) = (try await sent(world, 1), try await sent(world, 2))
            for text in [report(gone), complaint(angry), "Subject: On holiday\r\n\r\nBack soon.\r\n", report(gone)] {
                side.receive(text)
            }
            side.receive("\u{0}\u{1}garbage without an end")
            try await look(world)
            #expect(try await world.message(gone).reason == "no_such_address")
            #expect(try await world.message(angry).state == .complained)
            #expect(try await world.said(MessageEvents.bounced) == 1)
            #expect(try await world.said(MessageEvents.complained) == 1)
            let state = try await standing(world)
            #expect(state.letters == 5 && state.reports == 3 && state.failures == 0 && state.polledAt != nil)
            #expect(side.letters.allSatisfy { $0.isSeen } && side.letters.count == 5)
            // What was taken is not fetched again.
            try await look(world)
            #expect(side.asked.filter { $0.hasPrefix("UID FETCH") }.count == 5)
        }
    }

    @Test(
        "reports are deleted once they were taken, also when that is cut off; other letters stay",
        arguments: StoreKind.allCases)
    func deletion(kind: StoreKind) async throws {
        try await with(kind, keeping: .deleted) { world, side in
            let id = try await sent(world, 1)
            side.receive(report(id))
            let other = side.receive("Subject: On holiday\r\n\r\n")
            side.with { $0.cut = "UID STORE" }
            try await look(world)
            #expect(side.letters.count == 2)
            #expect(try await world.message(id).state == .bounced)
            #expect(try await standing(world).failures == 1)
            side.with { $0.expungesOne = kind == .sqlite }
            try await look(world)
            #expect(side.letters.map(\.uid) == [other])
            let state = try await standing(world)
            #expect(state.failures == 0 && state.letters == 2 && state.pending.isEmpty)
            #expect(side.asked.filter { $0.hasPrefix("UID FETCH") }.count == 2)
        }
    }

    @Test(
        "a letter that was read and not written down is read again, and counts once",
        arguments: StoreKind.allCases)
    func crash(kind: StoreKind) async throws {
        try await with(kind) { world, side in
            let id = try await sent(world, 1)
            side.receive(report(id))
            try await look(world)
            // As it is after a crash just before the commit: the server calls it seen, the store knows nothing of it.
            _ = try await world.platform.store.write { try $0.execute("UPDATE bounce_mailbox SET uid_mark = 0") }
            try await look(world)
            #expect(side.asked.filter { $0.hasPrefix("UID FETCH") }.count == 2)
            #expect(try await world.said(MessageEvents.bounced) == 1)
            // As it is when the mailbox is put back from a copy: its UIDs mean something else.
            side.with { $0.validity = 8 }
            try await look(world)
            #expect(try await standing(world).validity == 8)
            #expect(side.asked.filter { $0.hasPrefix("UID FETCH") }.count == 3)
            #expect(try await world.said(MessageEvents.bounced) == 1)
        }
    }

    @Test("whoever is not let in says so, waits longer each time, and goes on", arguments: StoreKind.allCases)
    func login(kind: StoreKind) async throws {
        try await with(kind, password: "wrong") { world, side in
            let id = try await sent(world, 1)
            side.receive(report(id))
            try await look(world)
            var state = try await standing(world)
            #expect(state.failures == 1 && state.error == "NO [AUTHENTICATIONFAILED] Wrong password.")
            #expect(state.polledAt == nil && state.letters == 0)
            try await look(world, minutes: 1)
            #expect(try await standing(world).failures == 1)
            for _ in 0..<5 { try await look(world, minutes: 61) }
            state = try await standing(world)
            #expect(state.failures == 6 && state.dueAt > world.clock.now.adding(milliseconds: 30 * 60_000))
            #expect(try await BounceMailboxTrial.run(world.platform).answer.contains("Wrong password"))
            // A new password is tried at once.
            try await set(world, side, password: "geheim")
            try await look(world, minutes: 0)
            #expect(try await world.message(id).state == .bounced)
            #expect(try await standing(world).failures == 0)
            let trial = try await BounceMailboxTrial.run(world.platform)
            #expect(trial == BounceMailboxTrial(isOpen: true, letters: 1, answer: ""))
        }
    }

    @Test("of a giant letter the first megabyte is read, and that says what became of it")
    func giant() async throws {
        try await with(.sqlite) { world, side in
            let id = try await sent(world, 1)
            side.receive(report(id, more: String(repeating: "0123456789abcdef\n", count: 100_000)))
            side.receive(String(repeating: "x", count: 3_000_000))
            try await look(world)
            #expect(try await world.message(id).state == .bounced)
            let state = try await standing(world)
            #expect(state.letters == 2 && state.reports == 1)
            #expect(side.asked.contains { $0.hasSuffix("BODY[]<0.\(EmailLimits.reportBytes)>") })
        }
    }

    @Test("a letter that the server cannot give out holds the others back for a few looks, not for ever")
    func stuck() async throws {
        try await with(.sqlite) { world, side in
            let id = try await sent(world, 1)
            let broken = side.receive("Subject: broken\r\n\r\n")
            side.receive(report(id))
            side.with { $0.broken = [broken] }
            for _ in 0..<BounceMailboxLimits.tries { try await look(world, minutes: 61) }
            #expect(try await standing(world).failures == BounceMailboxLimits.tries)
            #expect(try await world.message(id).state == .sent)
            try await look(world, minutes: 61)
            let state = try await standing(world)
            #expect(state.skipped == 1 && state.letters == 1 && state.failures == 0)
            #expect(try await world.message(id).state == .bounced)
        }
    }

    @Test("more letters than one look takes are read in the next, at once")
    func many() async throws {
        try await with(.sqlite, keeping: .deleted) { world, side in
            let id = try await sent(world, 1)
            for _ in 0..<120 { side.receive(report(id)) }
            // A span of UIDs that nobody has.
            side.with { $0.next += 12_000 }
            side.receive(report(id))
            try await look(world)
            #expect(try await standing(world).letters == 121)
            #expect(side.letters.isEmpty)
            #expect(side.asked.filter { $0 == "SELECT INBOX" }.count >= 3)
        }
    }

    @Test("one process looks at a time, and one that lost its lease writes nothing", arguments: StoreKind.allCases)
    func lease(kind: StoreKind) async throws {
        try await with(kind) { world, side in
            let id = try await sent(world, 1)
            side.receive(report(id))
            let store = world.platform.store
            let place = try await store.read { try BounceMailbox.load($0).place }
            let now = world.clock.now
            let held = try await store.write { try BounceMailboxState.claim("other", place: place, at: now, $0) }
            let dead = try #require(held)
            try await look(world, minutes: 1)
            #expect(try await world.message(id).state == .sent)
            try await look(world, minutes: 3)
            #expect(try await world.message(id).state == .bounced)
            await #expect(throws: BounceMailboxError.leaseLost) {
                try await store.write { try dead.write(isHeld: true, at: now, $0) }
            }
        }
    }

    @Test("what a server says is read, whatever stands around it")
    func lines() {
        let lines = [
            "* 18 EXISTS\r\n", "* OK [UIDVALIDITY 3857529045] UIDs valid\r\n", "* OK [UIDNEXT 4392] Predicted\r\n",
            "A003 NO [SERVERBUG] Try later\r\n", "* BYE bye\r\n", "A004 OK Logout\r\n",
        ]
        #expect(IMAPLines.number("UIDVALIDITY", in: lines) == 3_857_529_045)
        #expect(IMAPLines.number("UIDNEXT", in: lines) == 4_392 && IMAPLines.number("UNSEEN", in: lines) == nil)
        #expect(IMAPLines.letters(in: lines) == 18)
        #expect(IMAPLines.refusal(in: lines) == "NO [SERVERBUG] Try later")
        #expect(IMAPLines.refusal(in: ["* NO warning\r\n"]) == nil)
        #expect(IMAPLines.found(in: "* SEARCH 84 2 84 x\r\n* 3 EXISTS\r\n* SEARCH 9\r\n") == [2, 9, 84])
        #expect(IMAPLines.found(in: "* SEARCH\r\n") == [])
    }

    @Test("settings that cannot be used are refused, and the password is kept sealed")
    func settings() async throws {
        try await with(.sqlite) { world, _ in
            let platform = world.platform
            let kept = try await platform.store.read { try BounceMailbox.load($0) }
            #expect(kept.hasPassword && !kept.password.contains("geheim"))
            var wrong = [kept, kept, kept, kept]
            (wrong[0].host, wrong[1].folder, wrong[2].everyMinutes, wrong[3].user) = ("a b", "退信", 0, "")
            let errors: [EmailError] = [.badHost("a b"), .badFolder("退信"), .badInterval(0), .badText(field: "user")]
            for (draft, error) in zip(wrong, errors) {
                await #expect(throws: error) {
                    try await platform.store.write { connection in
                        _ = try BounceMailbox.save(
                            draft, password: nil, by: "t", platform.seal, platform.effects, connection)
                    }
                }
            }
        }
    }

    @Test("the kept password is not read to another host", arguments: StoreKind.allCases)
    func otherHost(kind: StoreKind) async throws {
        try await with(kind) { world, _ in
            let platform = world.platform
            let kept = try await platform.store.read { try BounceMailbox.load($0) }
            var draft = kept
            draft.host = "imap.evil.example"
            await #expect(throws: EmailError.passwordAgain) {
                try await platform.store.write { [draft] connection in
                    _ = try BounceMailbox.save(
                        draft, password: nil, by: "t", platform.seal, platform.effects, connection)
                }
            }
            #expect(try await platform.store.read { try BounceMailbox.load($0) } == kept)
            let moved = try await platform.store.write { [draft] connection in
                try BounceMailbox.save(
                    draft, password: "neu", by: "t", platform.seal, platform.effects, connection)
            }
            #expect(try moved.server(platform.seal).password == "neu")
        }
    }
}
