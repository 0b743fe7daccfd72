import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Journeys at run time", .serialized)
struct JourneyRuntimeTests {
    private struct InjectedFault: Error {}

    private static let given: SQL = """
        SELECT count(*) FROM points_transactions WHERE transaction_key LIKE 'award:journey:%'
        """

    private static let gift: [JSONValue] = [
        ["id": "pause", "kind": "wait", "amount": 1, "unit": "days"],
        ["id": "gift", "kind": "points", "currency": "points", "amount": 5],
        ["id": "mark", "kind": "trait", "trait": "gifted", "value": true],
    ]

    @Test("an event lets people in, time takes them on, and what was done is there once", arguments: StoreKind.allCases)
    func whole(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            try await harness.send("Signed Up", "early")
            try await harness.settle()
            let journey = try await harness.live(JourneyHarness.definition(Self.gift))
            try await harness.send("Signed Up", "ann")
            try await harness.send("Signed Up", "bob")
            try await harness.settle()
            try await harness.member("ann")
            #expect(try await harness.runs(journey).map(\.node) == ["pause", "pause"])
            harness.clock.advance(milliseconds: JourneyHarness.day)
            try await harness.settle()
            try await harness.settle()
            let runs = try await harness.runs(journey)
            #expect(runs.allSatisfy { $0.ending == .finished })
            let own = try await harness.visits(harness.run(journey, of: "ann")).map(\.note)
            let other = try await harness.visits(harness.run(journey, of: "bob")).map(\.note)
            #expect(own == ["", "done", "done"] && other == ["", "refused:no_member", "done"])
            #expect(try await harness.count(Self.given) == 1)
            let ann = try await harness.person("ann")
            let state = try await harness.platform.store.read { try ProfileDetail.load(ann, $0).state }
            #expect(state.traits["gifted"]?.value == true)
            let said = try await harness.count(
                "SELECT count(*) FROM event_log WHERE name IN ('Journey Entered', 'Journey Left')")
            #expect(said == 4)
            let figures = try await harness.platform.store.read { try JourneyFigures.load(journey.id, $0) }
            #expect(figures.entered == 2 && figures.endings == ["finished": 2])
            #expect(figures.nodes["gift"] == ["passed": 2, "refused": 1, "refused:no_member": 1])
        }
    }

    @Test("whether somebody was in a journey before is looked up by the person, also without statistics")
    func lookUp() async throws {
        try await TestDatabase.with(.sqlite) { store in
            let plan = try await store.read {
                try $0.queryMany("EXPLAIN QUERY PLAN " + JourneyPast.statement, [[.integer(1), .integer(1)]])
            }
            let steps = try plan.joined().map { try $0.text(3) }
            #expect(steps == ["SEARCH journey_runs USING INDEX journey_runs_by_person (profile_id=? AND journey_id=?)"])
        }
    }

    @Test("killed anywhere between two steps, nothing is lost and nothing happens twice", arguments: StoreKind.allCases)
    func kills(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let steps: [JSONValue] = [
                ["id": "gift", "kind": "points", "currency": "points", "amount": 5],
                ["id": "pause", "kind": "wait", "amount": 1, "unit": "hours"],
                ["id": "again", "kind": "points", "currency": "points", "amount": 7],
            ]
            let journey = try await harness.live(
                JourneyHarness.definition(on: "Paid", reentry: ["kind": "per_key", "key": "order_id"], steps))
            for user in 0..<6 { try await harness.send("identify", "u\(user)") }
            try await harness.settle()
            for user in 0..<6 { try await harness.member("u\(user)") }
            var random = SeededGenerator(seed: 11)
            var cache = JourneyCache()
            for turn in 0..<60 {
                switch Int.random(in: 0..<4, using: &random) {
                case 0: try await harness.send("Paid", "u\(turn % 6)", #"{"order_id":"o\#(turn / 2)"}"#)
                case 1: harness.clock.advance(milliseconds: 1_800_000)
                case 2: cache = JourneyCache()
                default: break
                }
                try await Processor(platform: harness.platform, signal: LogSignal()).catchUp()
                let worker = JourneyWorker(platform: harness.platform, cache: cache)
                let now = harness.clock.now
                if Bool.random(using: &random) {
                    // The process dies before the commit.
                    await #expect(throws: InjectedFault.self) {
                        try await harness.platform.store.write { connection in
                            _ = try worker.take(dueBy: now, only: nil, limit: 3, [:], connection)
                            throw InjectedFault()
                        }
                    }
                } else {
                    _ = try await worker.step(limit: 3)
                    try await JourneyService(platform: harness.platform).catchUp()
                }
            }
            harness.clock.advance(milliseconds: JourneyHarness.day)
            try await harness.settle()
            let runs = try await harness.runs(journey)
            #expect(runs.count > 3 && runs.allSatisfy { $0.ending == .finished })
            #expect(Set(runs.map(\.entryKey)).count == runs.count)
            let passed = try await harness.count(
                "SELECT count(*) FROM journey_visits WHERE node IN ('gift', 'again') AND note = 'done'")
            let given = try await harness.count(Self.given)
            #expect(passed == Int64(runs.count) * 2 && given == passed)
        }
    }

    @Test("services at the same time share the people and do everything once")
    func race() async throws {
        try await JourneyHarness.with(.postgresql) { harness in
            let journey = try await harness.live(JourneyHarness.definition(Self.gift))
            for user in 0..<40 { try await harness.send("Signed Up", "u\(user)") }
            try await harness.settle()
            for user in 0..<40 { try await harness.member("u\(user)") }
            harness.clock.advance(milliseconds: 2 * JourneyHarness.day)
            let platform = harness.platform
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let worker = JourneyWorker(platform: platform, cache: JourneyCache())
                        while try await worker.step(limit: 4) > 0 {}
                    }
                }
                try await group.waitForAll()
            }
            try await harness.settle()
            let runs = try await harness.runs(journey)
            #expect(runs.count == 40 && runs.allSatisfy { $0.ending == .finished && $0.visit == 3 })
            #expect(try await harness.count(Self.given) == 40)
        }
    }

    @Test("people come in as the rule of re-entry says", arguments: StoreKind.allCases)
    func reentry(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let steps: [JSONValue] = [["id": "w", "kind": "wait", "amount": 1, "unit": "days"]]
            let never = try await harness.live(JourneyHarness.definition(reentry: ["kind": "never"], steps), "a")
            let after = try await harness.live(JourneyHarness.definition(steps), "b")
            let days = try await harness.live(
                JourneyHarness.definition(reentry: ["kind": "after_days", "days": 3], steps), "c")
            let keyed = try await harness.live(
                JourneyHarness.definition(reentry: ["kind": "per_key", "key": "order"], steps), "d")
            for turn in 0..<3 {
                try await harness.send("Signed Up", "ann", #"{"order":"\#(turn)"}"#)
                try await harness.send("Signed Up", "ann", #"{"order":"\#(turn)"}"#)
                try await harness.settle()
                harness.clock.advance(milliseconds: 2 * JourneyHarness.day)
                try await harness.settle()
            }
            #expect(try await harness.runs(never).count == 1)
            #expect(try await harness.runs(after).count == 3)
            #expect(try await harness.runs(days).count == 2)
            #expect(try await harness.runs(keyed).count == 3)
        }
    }

    @Test("a new version takes people along, leaves them, or lets them go", arguments: StoreKind.allCases)
    func versions(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let old = JourneyHarness.definition([
                ["id": "w", "kind": "wait", "amount": 1, "unit": "days"], ["id": "gone", "kind": "goal"],
            ])
            let new = JourneyHarness.definition([["id": "v", "kind": "wait", "amount": 5, "unit": "days"]])
            let journey = try await harness.live(old)
            try await harness.send("Signed Up", "ann")
            try await harness.settle()
            let effects = harness.platform.effects
            _ = try await harness.platform.store.write {
                try Journeys.update(
                    journey.id, JourneyDraft(name: "Test", definition: new.text()), by: "t", effects: effects, $0)
            }
            await #expect(throws: JourneyError.unknownNode("nowhere")) {
                try await harness.publish(journey.id, .move(nodes: ["w": "nowhere"]))
            }
            try await harness.publish(journey.id, .move(nodes: ["w": "v"]))
            try await harness.settle()
            let moved = try await harness.runs(journey)
            #expect(moved[0].node == "v" && moved[0].due == moved[0].arrivedAt.adding(days: 5))
            await #expect(throws: JourneyError.noDraft) { try await harness.publish(journey.id) }
        }
    }

    @Test("a pause holds everybody, and catches up as asked", arguments: StoreKind.allCases)
    func pause(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let journey = try await harness.live(
                JourneyHarness.definition([["id": "w", "kind": "wait", "amount": 1, "unit": "hours"]]))
            for user in 0..<4 { try await harness.send("Signed Up", "u\(user)") }
            try await harness.settle()
            _ = try await harness.platform.store.write { [clock = harness.clock] in
                try Journeys.pause(journey.id, by: "t", $0, at: clock.now)
            }
            try await harness.send("Signed Up", "late")
            harness.clock.advance(milliseconds: JourneyHarness.day)
            try await harness.settle()
            #expect(try await harness.runs(journey).map(\.status) == [.active, .active, .active, .active])
            let now = harness.clock.now
            _ = try await harness.platform.store.write {
                try Journeys.resume(journey.id, .spread(hours: 4), by: "t", $0, at: now)
            }
            try await harness.settle()
            #expect(try await harness.runs(journey).filter { $0.status == .ended }.count == 1)
            harness.clock.advance(milliseconds: 2 * 3_600_000)
            try await harness.settle()
            #expect(try await harness.runs(journey).filter { $0.status == .ended }.count == 3)
        }
    }

    @Test("merged people go on as one, erased people are gone", arguments: StoreKind.allCases)
    func people(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let journey = try await harness.live(
                JourneyHarness.definition([["id": "w", "kind": "wait", "amount": 1, "unit": "days"]]))
            for user in ["ann", "ann2", "bob"] { try await harness.send("Signed Up", user, #"{"email":"secret"}"#) }
            try await harness.settle()
            let (ann, second, bob) = try await (
                harness.person("ann"), harness.person("ann2"), harness.person("bob")
            )
            let platform = harness.platform
            _ = try await platform.store.write { connection in
                let context = try PeopleContext.load(connection, platform: platform, now: platform.effects.now())
                var batch = try PeopleBatch(loading: [], context: context, connection)
                try batch.mergeByHand(ann, second)
                let said = try batch.save(to: connection)
                try SystemEventLog.append(said, now: platform.effects.now(), effects: platform.effects, to: connection)
            }
            try await Erasure.request(bob, by: "t", platform)
            try await harness.settle()
            let runs = try await harness.runs(journey)
            #expect(runs.filter { $0.status == .active }.count == 1)
            #expect(Set(runs.compactMap(\.ending)) == [.merged, .erased])
            let gone = try #require(runs.first { $0.ending == .erased })
            #expect(gone.profileID == 0 && gone.values == "{}")
        }
    }

    @Test("a fault of one person sets one run aside and stops nobody else", arguments: StoreKind.allCases)
    func aside(kind: StoreKind) async throws {
        struct Broken: Error {}
        try await JourneyHarness.with(kind) { harness in
            let messages = JourneyMessages(
                plan: { effects, _, connection in
                    if effects.contains(where: { $0.values.contains("bad") }) { throw Broken() }
                }, templates: { _ in [5: "Hello"] })
            let journey = try await harness.draft(
                JourneyHarness.definition([["id": "m", "kind": "message", "template": "5"]]))
            await #expect(throws: JourneyError.self) { try await harness.publish(journey.id) }
            try await harness.publish(journey.id, .stay, messages)
            try await harness.send("Signed Up", "ann", #"{"x":"good"}"#)
            try await harness.send("Signed Up", "bob", #"{"x":"bad"}"#)
            try await harness.settle(messages)
            for _ in 0..<JourneyLimits.attempts {
                harness.clock.advance(milliseconds: JourneyLimits.retryMilliseconds)
                try await harness.settle(messages)
            }
            let (good, bad) = try await (harness.run(journey, of: "ann"), harness.run(journey, of: "bob"))
            #expect(good.status == .ended && bad.status == .failed && bad.error.contains("Broken"))
            let (now, id) = (harness.clock.now, bad.id)
            _ = try await harness.platform.store.write {
                try JourneyRuns.retry(id, of: journey.id, by: "t", $0, at: now)
            }
            try await harness.settle(JourneyMessages(plan: { _, _, _ in }, templates: messages.templates))
            #expect(try await harness.runs(journey).map(\.status) == [.ended, .ended])
        }
    }

    @Test("why somebody is in tells when what let them in happened, as a time")
    func entryTime() async throws {
        try await JourneyHarness.with(.sqlite) { harness in
            let journey = try await harness.live(
                JourneyHarness.definition([["id": "w", "kind": "wait", "amount": 1, "unit": "hours"]]))
            let at = harness.clock.now
            try await harness.send("Signed Up", "ann")
            try await harness.settle()
            let ann = try await harness.person("ann")
            let why = try await JourneyWhyNot.explain(ann, journey.id, .english, harness.platform)
            let entry = try #require(why.lines.first { $0.subject == .entry })
            #expect(entry.holds && entry.at == at && entry.finding == at.iso8601)
        }
    }

    @Test("what happened before somebody was let in by request reaches no goal", arguments: StoreKind.allCases)
    func goalBefore(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            try await harness.send("identify", "ann")
            try await harness.settle()
            let (ann, effects) = (try await harness.person("ann"), harness.platform.effects)
            let journey = try await harness.live([
                "version": 1, "entry": ["kind": "api"], "goal": ["event": ["names": ["Paid"]]],
                "steps": [["id": "w", "kind": "wait", "amount": 2, "unit": "days"]],
            ])
            // In the log, and not read yet.
            try await harness.send("Paid", "ann")
            _ = try await harness.platform.store.write {
                try Journeys.enter(journey.id, profile: ann, key: "1", values: [:], effects: effects, $0)
            }
            try await harness.settle()
            let waiting = try await harness.run(journey, of: "ann")
            #expect(waiting.status == .active && waiting.goalAt == nil)
            try await harness.send("Paid", "ann")
            try await harness.settle()
            let done = try await harness.run(journey, of: "ann")
            #expect(done.ending == .goal && done.goalAt != nil)
        }
    }

    @Test("a date lets people in on its day, once, and a trial writes nothing", arguments: StoreKind.allCases)
    func dates(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            let zone = try await harness.platform.store.read { try Workspace.load($0).calendar }
            let tomorrow = LocalCalendar.text(ofDay: zone.day(of: harness.clock.now) + 1)
            try await harness.send("identify", "ann", traits: #"{"birthday":"1990\#(tomorrow.dropFirst(4))"}"#)
            try await harness.send("identify", "bob", traits: #"{"birthday":"1990-01-01"}"#)
            try await harness.settle()
            let definition: JSONValue = [
                "version": 1, "entry": ["kind": "date", "trait": "birthday", "hour": 9, "yearly": true],
                "reentry": ["kind": "after_days", "days": 300],
                "steps": [["id": "w", "kind": "wait", "amount": 1, "unit": "hours"], ["id": "g", "kind": "goal"]],
            ]
            let journey = try await harness.live(definition)
            try await harness.settle()
            #expect(try await harness.runs(journey) == [])
            harness.clock.advance(milliseconds: JourneyHarness.day)
            try await harness.settle()
            harness.clock.advance(milliseconds: JourneyHarness.day)
            try await harness.settle()
            let ann = try await harness.person("ann")
            #expect(try await harness.runs(journey).map(\.profileID) == [ann])
            let trial = try await JourneyTrial.run(journey.id, as: ann, choices: [:], .english, harness.platform)
            #expect(trial.lines.map(\.node) == ["w", "g"] && trial.ending == .finished && trial.goalAt != nil)
            #expect(try await harness.runs(journey).count == 1)
            let bob = try await harness.person("bob")
            let why = try await JourneyWhyNot.explain(ann, journey.id, .english, harness.platform)
            #expect(why.lines.map(\.holds) == [true, true, false] && why.runs.count == 1)
            #expect(try await JourneyWhyNot.explain(bob, journey.id, .english, harness.platform).runs == [])
        }
    }
}
