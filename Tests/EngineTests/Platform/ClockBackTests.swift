import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// A clock that was ahead and is put right: nothing waits until the moment comes again that it showed.
@Suite("A clock that goes back")
struct ClockBackTests {
    private static let hours: Int64 = 3 * 3_600_000

    private struct Fault: Error {}

    @Test("it is noticed once each time, at the first look, and again when the mending failed")
    func noticed() async throws {
        let watch = ClockWatch()
        let start = Timestamp(milliseconds: 1_790_000_000_000)
        let count = Mutex(0)
        func look(_ milliseconds: Int64, fails: Bool = false) async throws -> Int {
            try await watch.look(at: start.adding(milliseconds: milliseconds)) {
                count.withLock { $0 += 1 }
                if fails { throw Fault() }
            }
            return count.withLock { $0 }
        }
        var counts = [try await look(0), try await look(60_000), try await look(59_000)]
        #expect(counts == [1, 1, 1], "a second is nothing")
        await #expect(throws: Fault.self) { _ = try await look(-Self.hours, fails: true) }
        counts = [try await look(-Self.hours), try await look(-Self.hours + 1_000)]
        #expect(counts == [3, 3])
    }

    @Test("a job that is wanted at once runs; one that has a time waits for it", arguments: StoreKind.allCases)
    func jobs(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let platform = Platform.testing(store, clock: clock)
            let runner = JobRunner(platform: platform, catalog: JobCatalog([JobHandler(kind: "greet") { _ in "{}" }]))
            let later = clock.now.adding(milliseconds: 3_600_000)
            _ = try await platform.enqueue("greet", key: "at once")
            _ = try await store.write { [effects = platform.effects] in
                try JobQueue.enqueue($0, kind: "greet", key: "later", dueAt: later, effects: effects)
            }
            clock.advance(milliseconds: -Self.hours)
            let current = try await store.read { [now = clock.now] in
                try JobQueue.current($0, kinds: ["greet"], of: 1, endedSince: now, at: now)
            }
            #expect(current.map(\.key) == ["at once"])
            #expect(try await runner.drain() == 1)
            clock.set(later)
            #expect(try await runner.drain() == 1)
        }
    }

    @Test("rounds and attempts come after their usual time", arguments: StoreKind.allCases)
    func rounds(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let platform = Platform.testing(store, clock: clock)
            let runner = JobRunner(
                platform: platform,
                catalog: JobCatalog([
                    JobHandler(kind: "sweep", schedule: .every(seconds: 60)) { _ in "{}" },
                    JobHandler(kind: "fail") { _ in throw Fault() },
                ]))
            try await runner.ensureRecurring()
            _ = try await platform.enqueue("fail", key: "fail")
            #expect(try await runner.drain() == 1)
            clock.advance(milliseconds: -Self.hours)
            #expect(try await runner.drain() == 0)
            try await runner.bringBack()
            clock.advance(milliseconds: 5_000)
            #expect(try await runner.drain() == 1, "the second attempt")
            clock.advance(milliseconds: 55_000)
            #expect(try await runner.drain() == 2, "the third one, and the round")
        }
    }

    @Test("a clock that is right moves no job", arguments: StoreKind.allCases)
    func right(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let platform = Platform.testing(store, clock: clock)
            let runner = JobRunner(
                platform: platform,
                catalog: JobCatalog([
                    JobHandler(kind: "nightly", schedule: .daily(hour: 3, minute: 0)) { _ in "{}" },
                    JobHandler(kind: "fail") { _ in throw Fault() },
                ]))
            try await runner.ensureRecurring()
            _ = try await platform.enqueue("fail", key: "fail")
            _ = try await runner.drain()
            let before = try await store.read { try JobQueue.list($0) }
            try await runner.bringBack()
            #expect(try await store.read { try JobQueue.list($0) } == before)
        }
    }

    @Test("the turn of a process that died while it was ahead is lost", arguments: StoreKind.allCases)
    func turn(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let dead = try await SchemaTurn(store: store, effects: clock.effects).take()
            let early = try await SchemaTurn(store: store, effects: clock.effects).take()
            clock.advance(milliseconds: -Self.hours)
            let next = try await SchemaTurn(store: store, effects: clock.effects).take()
            #expect([dead, early, next] == [true, false, true])
        }
    }

    @Test("nobody is kept out for longer than a throttle ever does", arguments: StoreKind.allCases)
    func throttles(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let (ahead, back) = (clock.now, clock.now.adding(milliseconds: -Self.hours))
            let waits = try await store.write { connection -> [Int] in
                try SignInThrottle.failed("account:a", limit: 1, connection, at: ahead)
                return [
                    try SignInThrottle.wait("account:a", connection, at: ahead),
                    try SignInThrottle.wait("account:a", connection, at: back),
                ]
            }
            #expect(waits[0] > 0 && waits[1] == 0)
            try await store.write { connection in
                for _ in 0..<60 { try CentreThrottle.take(.write, 1, at: ahead, connection) }
                #expect(throws: CentreError.self) { try CentreThrottle.take(.write, 1, at: ahead, connection) }
                try CentreThrottle.take(.write, 1, at: back, connection)
            }
        }
    }

    @Test("messages leave when they were to leave", arguments: StoreKind.allCases)
    func messages(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...3 { try await world.person(person) }
            let noon = world.clock.now
            world.clock.advance(milliseconds: 2 * 3_600_000)
            let again = try await world.plan("again", to: 3)
            world.server.answer([MailAnswer(.unreachable, text: "Could not connect")])
            try await world.send()
            #expect(try await world.message(again).state == .planned)
            let now = try await world.plan("now", to: 1)
            let asked = noon.adding(milliseconds: 5 * 3_600_000)
            let later = try await world.plan("later", to: 2, MessageChoices(), due: asked)
            world.clock.advance(milliseconds: -Self.hours)
            try await world.send()
            #expect(try await world.message(now).state == .sent)
            #expect(try await world.message(again).state == .planned, "its pause is not over")
            #expect(try await world.message(later).due == asked)
            world.clock.advance(milliseconds: 40_000)
            try await world.send()
            #expect(try await world.message(again).state == .sent)
            #expect(try await world.message(later).state == .planned)
            world.clock.set(asked)
            try await world.send()
            #expect(try await world.message(later).state == .sent)
        }
    }

    @Test("a broadcast goes out, and one that has a time waits for it", arguments: StoreKind.allCases)
    func broadcasts(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...3 { try await world.person(person) }
            let (effects, template) = (world.platform.effects, world.template)
            let noon = world.clock.now
            world.clock.advance(milliseconds: 2 * 3_600_000)
            let timed = noon.adding(milliseconds: 3_600_000)
            try await world.platform.store.write { [now = world.clock.now] connection in
                let segment = try Segments.create(SegmentDraft(name: "All", kind: .list), effects: effects, connection)
                try SegmentMembers.add((1...3).map { (segment.id, Int64($0)) }, at: now, connection)
                let wanted: [(name: String, starts: Timestamp?)] = [("At once", nil), ("Timed", timed)]
                for (name, starts) in wanted {
                    let made = try Broadcasts.create(
                        Broadcast.Draft(name: name, segmentID: segment.id, templateID: template, starts: starts),
                        by: "test", effects, connection)
                    _ = try Broadcasts.start(made.id, by: "test", effects, connection)
                }
            }
            let runner = JobRunner(platform: world.platform, catalog: JobCatalog([BroadcastPlanning.handler]))
            world.clock.set(noon)
            #expect(try await runner.drain() == 1)
            try await world.send()
            #expect(world.server.letters.count == 3)
            world.clock.set(timed)
            #expect(try await runner.drain() == 1)
        }
    }

    @Test("webhooks go on, with what a dead process held and after their usual waits", arguments: StoreKind.allCases)
    func webhooks(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            _ = try await world.create([SegmentMembers.left])
            try await world.say(SegmentMembers.left, of: 1)
            world.receiver.kill(true)
            await #expect(throws: CancellationError.self) { try await world.send() }
            world.receiver.kill(false)
            world.clock.advance(milliseconds: -Self.hours)
            try await world.send()
            #expect(world.receiver.messages.count == 2)
            try await world.say(SegmentMembers.left, of: 2)
            world.receiver.answer([500])
            try await world.send()
            #expect(world.receiver.messages.count == 3)
            world.clock.advance(milliseconds: -Self.hours)
            try await world.send()
            #expect(world.receiver.messages.count == 3, "its wait is not over")
            world.clock.advance(milliseconds: 12_000)
            try await world.send()
            #expect(world.receiver.messages.count == 4)
        }
    }

    @Test("whoever is to be looked at on a journey is, and waits on for the timer", arguments: StoreKind.allCases)
    func journeys(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let journey = try await harness.live(
                JourneyHarness.definition([["id": "pause", "kind": "wait", "amount": 1, "unit": "days"]]))
            try await harness.send("Signed Up", "ann")
            try await harness.settle()
            let waiting = try await harness.run(journey, of: "ann")
            #expect(waiting.due == waiting.timer)
            _ = try await harness.platform.store.write {
                try $0.execute("UPDATE journey_runs SET due_ms = due_ms - \(Self.hours)")
            }
            try await harness.settle()
            let looked = try await harness.run(journey, of: "ann")
            #expect(looked.status == .active && looked.due == waiting.timer && looked.timer == waiting.timer)
        }
    }

    @Test("a wait that began while it was ahead is counted from now", arguments: StoreKind.allCases)
    func waits(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let day = JourneyHarness.day
            let pause: JSONValue = ["id": "pause", "kind": "wait", "amount": 1, "unit": "days"]
            let window: JSONValue = ["id": "window", "kind": "wait_window", "from_hour": 9, "to_hour": 10]
            let open = try await harness.live(JourneyHarness.definition([pause]), "Open")
            let timed = try await harness.live(JourneyHarness.definition([window]), "Timed")
            let held = try await harness.live(JourneyHarness.definition([pause]), "Held")
            let noon = harness.clock.now
            harness.clock.advance(milliseconds: 9 * day)
            try await harness.send("Signed Up", "ann")
            try await harness.settle()
            let before = try await harness.run(timed, of: "ann")
            try await harness.platform.store.write { [now = harness.clock.now] in
                _ = try Journeys.pause(held.id, by: "t", $0, at: now)
            }
            harness.clock.set(noon)
            try await harness.settle()
            for journey in [open, held] {
                let run = try await harness.run(journey, of: "ann")
                #expect(run.arrivedAt == noon && run.timer == noon.adding(milliseconds: day))
                #expect((run.due ?? run.held) == run.timer)
            }
            let until = try #require(try await harness.run(timed, of: "ann").timer)
            let early = try #require(before.timer).adding(milliseconds: -9 * day)
            #expect(until == early, "the window of the day that it really is")
            harness.clock.advance(milliseconds: day)
            try await harness.settle()
            #expect(try await harness.run(open, of: "ann").status == .ended)
            #expect(try await harness.run(timed, of: "ann").status == .ended)
            #expect(try await harness.run(held, of: "ann").status == .active)
        }
    }
}
