import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// A value that closures share.
private final class Kept<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}

/// What servers, clocks and dying processes do to messages on their way.
@Suite("Messages in trouble", .serialized)
struct DeliveryTests {
    /// A mail server that does something of its own while it has the letters.
    private func service(
        _ world: MessageWorld, _ transport: @escaping MailTransport
    ) -> MessageService {
        MessageService(
            platform: world.platform, channels: ChannelCatalog([EmailChannel(transport: transport)]),
            address: "https://a.example")
    }

    @Test(
        "given up by another process while its server took its time, it is sent once the word comes",
        arguments: StoreKind.allCases)
    func late(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            let id = try await world.plan("a", to: 1)
            let other = service(world, world.server.transport)
            try await service(world) { letters, server in
                world.clock.advance(milliseconds: 120_000)
                do { try await other.catchUp() } catch { Issue.record(error) }
                return await world.server.transport(letters, server)
            }.catchUp()
            #expect(world.server.letters.count == 1)
            #expect(try await world.message(id).state == .sent)
            #expect(try await world.said(MessageEvents.unknown) == 1)
            #expect(try await world.said(MessageEvents.sent) == 1)
        }
    }

    @Test("a server that is down closes the way before many are tried", arguments: StoreKind.allCases)
    func down(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...180 { try await world.person(person) }
            var ids: [Int64] = []
            for person in Int64(1)...180 { ids.append(try await world.plan("k\(person)", to: person)) }
            let tried = Kept(0)
            try await service(world) { letters, _ in
                tried.value.withLock { $0 += letters.count }
                return letters.map { _ in MailAnswer(.unreachable, text: "Could not connect") }
            }.catchUp()
            let most = (Int(MessageLimits.failuresToClose) + MessageLimits.lanes) * MessageLimits.handed
            let count = tried.value.withLock { $0 }
            #expect(count <= most)
            var attempts: [Int64] = []
            for id in ids {
                let message = try await world.message(id)
                #expect(message.state == .planned)
                attempts.append(message.attempts)
            }
            #expect(attempts.reduce(0, +) == Int64(count))
            #expect(try await world.platform.store.read { try MessageGate.load("email", $0)?.closedUntil } != nil)
            // An hour later the server is back.
            world.clock.advance(milliseconds: 3_600_000)
            try await world.send()
            #expect(world.server.letters.count == 180 && Set(world.server.recipients).count == 180)
        }
    }

    @Test(
        "a server that asks for patience is given it, and a letter whose turn came too late asks again",
        arguments: StoreKind.allCases)
    func patience(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            let id = try await world.plan("a", to: 1)
            world.server.answer([MailAnswer(.untried), MailAnswer(.refused, code: 421, text: "421 4.3.2 busy")])
            try await world.send()
            #expect(try await world.message(id).attempts == 1)
            let gate = try await world.platform.store.read { try MessageGate.load("email", $0) }
            #expect(gate?.failures == 1 && gate?.reason == "busy")
            world.clock.advance(milliseconds: 60_000)
            try await world.send()
            #expect(try await world.message(id).state == .sent)
        }
        let past = ContinuousClock.now.advanced(by: .seconds(-1))
        var letter = MailEnvelope(from: "a@b.example", to: "c@d.example", bytes: [])
        letter.end = past
        let server = SMTPServer(
            host: "127.0.0.1", port: 1, security: .none, user: "", password: "", name: "b.example")
        #expect(await SMTPPool(connections: 1).send([letter], to: server).map(\.kind) == [.untried])
    }

    @Test(
        "a letter that is refused as policy again and again ends; it does not stand in the way for ever",
        arguments: StoreKind.allCases)
    func poison(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            let id = try await world.plan("a", to: 1)
            for round in 1...3 {
                world.server.answer([MailAnswer(.refused, code: 550, text: "550 5.7.1 no")])
                try await world.send()
                #expect(try await world.message(id).state == (round == 3 ? .bounced : .planned))
                world.clock.advance(milliseconds: 1_000_000)
            }
            let listed = try await world.platform.store.read { try Suppressions.list(limit: 1, $0) }
            #expect(listed.isEmpty && world.server.letters.count == 3)
        }
    }

    @Test("a report that is faster than we are counts", arguments: StoreKind.allCases)
    func fast(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            let id = try await world.plan("a", to: 1)
            let effects = world.platform.effects
            try await service(world) { letters, server in
                do {
                    try await world.platform.store.write { connection in
                        let bounced = MessageProgress.Receipt.bounced(reason: "no_such_address", detail: "5.1.1")
                        try MessageProgress.receive(bounced, of: id, effects, connection)
                    }
                } catch { Issue.record(error) }
                return await world.server.transport(letters, server)
            }.catchUp()
            let message = try await world.message(id)
            #expect(message.state == .bounced && message.reason == "no_such_address" && message.sentAt != nil)
        }
    }

    @Test("what cannot be made for one person stops nobody else", arguments: StoreKind.allCases)
    func broken(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...3 { try await world.person(person) }
            var ids: [Int64] = []
            for person in Int64(1)...3 { ids.append(try await world.plan("k\(person)", to: person)) }
            let spoilt = ids[1]
            _ = try await world.platform.store.write {
                try $0.execute("UPDATE messages SET event_values = '{' WHERE id = \(spoilt)")
            }
            try await world.send()
            var states: [SentMessage.State] = []
            for id in ids { states.append(try await world.message(id).state) }
            #expect(states == [.sent, .failed, .sent])
            #expect(try await world.message(spoilt).reason == "template")
        }
    }

    @Test("a clock that went back strands nothing", arguments: StoreKind.allCases)
    func clock(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...2 { try await world.person(person) }
            let held = try await world.plan("held", to: 1)
            let sending = try await world.plan("sending", to: 2)
            let day: Int64 = 86_400_000
            let ahead = world.clock.now.milliseconds + day
            _ = try await world.platform.store.write { connection in
                try connection.execute(
                    "UPDATE messages SET owner = 'dead', lease_expires_ms = \(ahead) WHERE id = \(held)")
                try connection.execute(
                    """
                    UPDATE messages SET state = 'sending', owner = 'dead', lease_expires_ms = \(ahead)
                    WHERE id = \(sending)
                    """)
                try MessageGate.fail(
                    "email", isRefusal: true, reason: "x", detail: "", at: world.clock.now.adding(milliseconds: day),
                    connection)
            }
            try await world.send()
            #expect(try await world.message(held).state == .sent)
            #expect(try await world.message(sending).state == .unknown)
        }
    }

    @Test("people go on at their pace when the clock goes back")
    func governor() {
        var governor = JourneyGovernor()
        let now = Timestamp(milliseconds: 1_790_049_600_000)
        #expect(governor.allowed(at: now) > 0)
        governor.took(Int(JourneyLimits.runsPerSecond))
        #expect(governor.allowed(at: now) == 0)
        #expect(governor.allowed(at: now.adding(milliseconds: -3_600_000)) > 0)
        #expect(governor.allowed(at: now.adding(milliseconds: -3_600_000 + 100)) > 0)
    }

    @Test("who leaves is told so once nothing is on its way to them", arguments: StoreKind.allCases)
    func settle(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            let id = try await world.plan("a", to: 1)
            try await Messages.settle(1, world.platform)
            try await self.set(world, id, "sending")
            let isSettled = Kept(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await Messages.settle(1, world.platform)
                    isSettled.value.withLock { $0 = true }
                }
                try await Task.sleep(for: .milliseconds(300))
                let early = isSettled.value.withLock { $0 }
                #expect(!early)
                try await self.set(world, id, "sent")
                try await group.waitForAll()
            }
            let late = isSettled.value.withLock { $0 }
            #expect(late)
        }
    }

    private func set(_ world: MessageWorld, _ id: Int64, _ state: String) async throws {
        _ = try await world.platform.store.write {
            try $0.execute("UPDATE messages SET state = \(state) WHERE id = \(id)")
        }
    }

    @Test("several people read at once are who they are one by one", arguments: StoreKind.allCases)
    func many(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...40 { try await world.person(person) }
            try await world.platform.store.write { connection in
                for (loser, winner) in [(2, 1), (3, 2), (5, 4)] {
                    try connection.execute(
                        "UPDATE profiles SET merged_into = \(Int64(winner)) WHERE id = \(Int64(loser))")
                }
                try connection.execute("UPDATE profiles SET deleted_ms = 5 WHERE id = 7")
                let asked = Array(Int64(1)...40) + [99]
                let found = try ProfileDetail.load(asked, connection)
                #expect(Set(found.keys) == Set(Int64(1)...40))
                for id in Int64(1)...40 {
                    var one = try ProfileDetail.load(id, connection)
                    one.conflicts = []
                    #expect(found[id] == one)
                }
                #expect(found[3]?.profile.id == 1 && found[1]?.mergedIDs.sorted() == [2, 3])
            }
        }
    }

    @Test("how people are reached is what is known of them", arguments: StoreKind.allCases, [0, 30, 90])
    func reach(kind: StoreKind, merged: Int64) async throws {
        try await MessageWorld.with(kind) { world in
            let words: [Bool?] = [true, false, nil]
            for person in Int64(1)...130 { try await world.person(person, consent: words[Int(person % 3)]) }
            try await world.platform.store.write { connection in
                // More of them than are asked for, fewer, and nobody; one behind another.
                for loser in Int64(41)..<(41 + merged) {
                    let winner = loser == 42 ? 41 : loser % 40 + 1
                    try connection.execute("UPDATE profiles SET merged_into = \(winner) WHERE id = \(loser)")
                }
                try connection.execute("UPDATE profiles SET deleted_ms = 5 WHERE id = 7")
                try connection.execute("UPDATE profiles SET state = '{}' WHERE id = 8")
                try connection.executeMany(
                    """
                    INSERT INTO identities (kind, value, profile_id, source_id, first_seen_ms, evidence, verified)
                    VALUES ('email', ?, 9, 1, ?, 0, ?)
                    """,
                    [
                        [.text("late@a.example"), .integer(9), .integer(1)],
                        [.text("early@a.example"), .integer(3), .integer(1)],
                        [.text("none@a.example"), .integer(1), .integer(0)],
                    ])
                let workspace = try Workspace.load(connection)
                let asked = Array(Int64(1)...45) + [999]
                let found = try RecipientFacts.reach(asked, workspace, connection)
                let whole = try RecipientFacts.load(asked, workspace, connection)
                #expect(Set(found.keys) == Set(whole.keys) && found.count == 45)
                for (id, person) in whole {
                    let one = try #require(found[id])
                    #expect(one.profileID == person.profileID && one.profileIDs == person.profileIDs)
                    #expect(one.isLiving == person.isLiving && one.state.consent == person.state.consent)
                    #expect(one.identities == person.identities)
                    let alone = try #require(try RecipientFacts.load(id, workspace, connection))
                    #expect(alone.profileIDs == person.profileIDs)
                }
            }
        }
    }
}
