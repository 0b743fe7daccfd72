import Testing

@testable import Engine

@Suite("The journey machine")
struct JourneyMachineTests {
    private let start = Timestamp(milliseconds: 1_790_000_000_000)

    private func map(_ steps: [JSONValue], more: [String: JSONValue] = [:]) throws -> JourneyMap {
        JourneyMap(try JourneyDefinition(json: JourneyHarness.definition(steps, more: more)))
    }

    private func run(_ map: JourneyMap, profile: Int64 = 7) -> JourneyRun {
        JourneyRun(
            id: 1, journeyID: 2, versionID: 3, profileID: profile, entryKey: "k", node: map.first ?? "",
            arrivedAt: start, due: start, seen: 10, enteredAt: start, values: "{}")
    }

    private func facts(_ now: Timestamp, _ events: [(Int64, String)] = []) -> JourneyFacts {
        var facts = JourneyFacts(now: now, clock: CriteriaClock(now: now, calendar: .utc), salt: "salt")
        facts.inputs = events.map {
            CriteriaEvent(position: $0.0, name: $0.1, time: now, properties: FlatValues())
        }
        return facts
    }

    private let waiting: [JSONValue] = [
        [
            "id": "w", "kind": "wait_event", "amount": 1, "unit": "days",
            "paths": [
                [
                    "name": "paid", "event": ["names": ["Paid"]],
                    "steps": [
                        [
                            "id": "p", "kind": "points",
                            "currency": "points", "amount": 5,
                        ]
                    ],
                ]
            ], "otherwise": [["id": "x", "kind": "exit"]],
        ]
    ]

    @Test("waits for an event, takes its way, and does what stands there once")
    func event() throws {
        let map = try map(waiting)
        let machine = JourneyMachine(map: map)
        let first = machine.step(run(map), facts(start))
        #expect(first.run.isWaiting && first.run.due == start.adding(days: 1) && first.effects == [])
        let past = machine.step(first.run, facts(start, [(9, "Paid")]))
        #expect(past.run.isWaiting)
        let paid = machine.step(first.run, facts(start.adding(milliseconds: 5), [(11, "Paid")]))
        #expect(paid.run.status == .ended && paid.run.ending == .finished)
        #expect(paid.visits.map(\.path) == ["paid", ""] && paid.effects.map(\.key) == ["journey:2:1:p:2"])
        let late = machine.step(first.run, facts(start.adding(days: 1)))
        #expect(late.run.ending == .exit && late.visits.map(\.note) == ["timeout", "exit"])
    }

    @Test("goal and exit end it at every step, with the goal counted once")
    func aims() throws {
        let more: [String: JSONValue] = [
            "goal": ["event": ["names": ["Paid"]]], "exit": ["event": ["names": ["Unsubscribed"]]],
        ]
        let map = try map([["id": "w", "kind": "wait", "amount": 1, "unit": "days"]], more: more)
        let machine = JourneyMachine(map: map)
        let first = machine.step(run(map), facts(start)).run
        let goal = machine.step(first, facts(start, [(11, "Paid")]))
        #expect(goal.run.ending == .goal && goal.reachedGoal && goal.run.goalAt == start)
        #expect(machine.step(first, facts(start, [(11, "Unsubscribed")])).run.ending == .condition)
        #expect(machine.step(goal.run, facts(start, [(11, "Paid")])).visits == [])
    }

    @Test("deals people by weight, always the same, and holds a part out")
    func draws() throws {
        let map = try map([
            ["id": "h", "kind": "holdout", "percent": 20],
            [
                "id": "s", "kind": "split",
                "paths": [["name": "A", "weight": 1, "steps": []], ["name": "B", "weight": 3, "steps": []]],
            ],
        ])
        let machine = JourneyMachine(map: map)
        var counts: [String: Int] = [:]
        for profile in 1...4_000 {
            let stride = machine.step(run(map, profile: Int64(profile)), facts(start))
            #expect(stride == machine.step(run(map, profile: Int64(profile)), facts(start)))
            counts[stride.run.ending == .holdout ? "held" : stride.visits.last?.path ?? "", default: 0] += 1
        }
        #expect(abs((counts["held"] ?? 0) - 800) < 90)
        #expect(abs((counts["A"] ?? 0) - 800) < 90 && abs((counts["B"] ?? 0) - 2_400) < 120)
    }

    @Test("windows and dates are told by local clocks")
    func calendar() throws {
        let map = try map([["id": "w", "kind": "wait_window", "from_hour": 9, "to_hour": 21, "weekdays": []]])
        // 2026-09-21 22:13 in Shanghai.
        let shanghai = try #require(LocalCalendar(timeZone: "Asia/Shanghai"))
        var facts = facts(start)
        facts.clock = CriteriaClock(now: start, calendar: shanghai)
        let stride = JourneyMachine(map: map).step(run(map), facts)
        let due = try #require(stride.run.due)
        #expect(shanghai.hour(of: due) == 9 && shanghai.day(of: due) == shanghai.day(of: start) + 1)
        let leap = JourneyDays.falls(20_240_229, offset: 0, isYearly: true, on: 20_512)
        #expect(LocalCalendar.text(ofDay: 20_512) == "2026-02-28" && leap)
        #expect(JourneyDays.falls(19_900_310, offset: -3, isYearly: true, on: 20_519))
        #expect(!JourneyDays.falls(19_900_310, offset: -3, isYearly: false, on: 20_519))
    }

    @Test("a message goes the best way that is known, and a refusal is passed with its reason")
    func outcomes() throws {
        let message: JSONValue = [
            "id": "m", "kind": "message", "template": "5", "amount": 2, "unit": "days",
            "paths": [
                ["name": "clicked", "outcome": "clicked", "steps": []],
                ["name": "delivered", "outcome": "delivered", "steps": []],
                ["name": "failed", "outcome": "not_sent", "steps": []],
            ], "otherwise": [],
        ]
        let map = try map([message, ["id": "c", "kind": "coupon", "coupon": "9"]])
        let machine = JourneyMachine(map: map)
        let sent = machine.step(run(map), facts(start))
        #expect(sent.effects.map(\.key) == ["journey:2:1:m:1"] && sent.run.isWaiting)
        func told(_ name: String, visit: Int64 = 1, at now: Timestamp) -> JourneyFacts {
            var facts = facts(now)
            let properties = FlatValues(["run_id": "1", "visit": .integer(visit)], nil)
            facts.inputs = [CriteriaEvent(position: 11, name: name, time: now, properties: properties)]
            return facts
        }
        #expect(machine.step(sent.run, told("Message Delivered", at: start)).run.isWaiting)
        #expect(machine.step(sent.run, told("Message Clicked", visit: 2, at: start)).run.isWaiting)
        let late = machine.step(sent.run, told("Message Delivered", at: start.adding(days: 2)))
        #expect(late.visits.first?.path == "delivered")
        #expect(machine.step(sent.run, told("Message Suppressed", at: start)).visits.first?.path == "failed")
        var refused = told("Message Clicked", at: start)
        refused.refusals = ["journey:2:1:c:2": "issue_limit"]
        let clicked = machine.step(sent.run, refused)
        #expect(clicked.visits.map(\.note) == ["clicked", "refused:issue_limit"] && clicked.effects == [])
    }
}
