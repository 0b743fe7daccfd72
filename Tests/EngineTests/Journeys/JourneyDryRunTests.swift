import Storage
import TestSupport
import Testing

@testable import Engine

/// A draft over history: walked, added up, priced, and the whole over real stores.
@Suite("Dry runs of journeys", .serialized)
struct JourneyDryRunTests {
    private let start = Timestamp(milliseconds: 1_790_049_600_000)
    private let calendar = Workspace().calendar

    private func walk(_ steps: [JSONValue], more: [String: JSONValue] = [:]) throws -> JourneyDryWalk {
        JourneyDryWalk(
            try JourneyDefinition(json: JourneyHarness.definition(steps, more: more)), salt: "s",
            clock: CriteriaClock(now: start, calendar: calendar))
    }

    private func person(_ id: Int64 = 7, _ events: [(Timestamp, String)] = []) -> JourneyDryPerson {
        var facts = RecipientFacts.sample("en", Workspace(), at: start)
        (facts.profileID, facts.profileIDs) = (id, [id])
        var person = JourneyDryPerson(facts)
        person.isMember = true
        person.events = events.map { CriteriaEvent(position: 0, name: $1, time: $0, properties: FlatValues()) }
        return person
    }

    private func points(_ id: String, _ amount: Int64, most: Int64 = 0) -> JSONValue {
        [
            "id": .string(id), "kind": "points", "currency": "points", "amount": .integer(amount),
            "most": .integer(most),
        ]
    }

    private func entry(_ profile: Int64 = 7, _ at: Timestamp) -> JourneyDryRun.Entry {
        JourneyDryRun.Entry(profile: profile, at: at)
    }

    private func amounts(_ deeds: [JourneyDryWalk.Deed]) -> [Int64] {
        deeds.compactMap { deed in
            guard case .points(_, let amount) = deed.effect.deed else { return nil }
            return amount
        }
    }

    @Test("what a person did since takes its way, waits pass on the clock of the time, and the end is the end")
    func walks() throws {
        let walk = try walk([
            points("a", 1),
            [
                "id": "w", "kind": "wait_event", "amount": 2, "unit": "days",
                "paths": [["name": "paid", "event": ["names": ["Paid"]], "steps": [points("p", 10)]]],
                "otherwise": [points("o", 5)],
            ], ["id": "d", "kind": "wait", "amount": 1, "unit": "days"], points("z", 2),
        ])
        #expect(walk.names == ["Paid"])
        let end = start.adding(days: 10)
        let waited = walk.deeds(of: entry(7, start), person(), until: end)
        #expect(amounts(waited) == [1, 5, 2])
        #expect(waited.map(\.at) == [start, start.adding(days: 2), start.adding(days: 3)])
        let paid = start.adding(days: 1)
        let quick = walk.deeds(
            of: entry(7, start), person(7, [(start.adding(days: -1), "Paid"), (paid, "Paid")]), until: end)
        #expect(amounts(quick) == [1, 10, 2] && quick.map(\.at) == [start, paid, paid.adding(days: 1)])
        #expect(amounts(walk.deeds(of: entry(7, start), person(), until: start.adding(days: 2))) == [1, 5])
        #expect(walk.deeds(of: entry(7, start), person(), until: start.adding(days: -1)) == [])
    }

    @Test("an event of the goal ends the way; what becomes of a message is unknown, so the time has to pass")
    func ends() throws {
        let message: JSONValue = [
            "id": "m", "kind": "message", "template": "5", "amount": 2, "unit": "days",
            "paths": [["name": "clicked", "outcome": "clicked", "steps": [points("c", 9)]]],
            "otherwise": [points("o", 5)],
        ]
        let walk = try walk([message], more: ["goal": ["event": ["names": ["Paid"]]]])
        let end = start.adding(days: 10)
        let told = [(start.adding(days: 1), "Message Clicked")]
        #expect(amounts(walk.deeds(of: entry(7, start), person(7, told), until: end)) == [5])
        let paid = walk.deeds(of: entry(7, start), person(7, [(start.adding(days: 1), "Paid")]), until: end)
        #expect(paid.count == 1 && amounts(paid) == [])
    }

    @Test("figures are added up by day, budgets and limits hold in order of time, and all of it is priced")
    func sums() throws {
        let walk = try walk([points("a", 100, most: 250), ["id": "c", "kind": "coupon", "coupon": "9"]])
        var terms = JourneyDryTerms()
        terms.currencies = ["points": 1_005]
        terms.coupons = [9: .init(remaining: 3, perPerson: 1, issued: 10, discount: 995, most: 300)]
        terms.costs = ReachCosts(perThousand: ["email": 50_000])
        let cap = MessagePolicy.Cap(days: 1, most: 1)
        var tally = JourneyDryTally([cap], terms, calendar)
        let day = calendar.day(of: start)
        var stranger = person(3)
        stranger.isMember = false
        for (id, own) in [(Int64(1), person(1)), (2, person(2)), (3, stranger), (4, person(4))] {
            let times = id == 1 ? [start, start.adding(days: 1)] : [start.adding(days: 1)]
            let deeds = times.flatMap { walk.deeds(of: entry(id, $0), own, until: start.adding(days: 2)) }
            let verdicts: [JourneyDryPolicy.Verdict] =
                id == 1
                ? [
                    .init(plannedAt: start, channel: "email", fate: .left, isDeferred: true),
                    .init(plannedAt: start, channel: "email", fate: .heldBack("frequency_cap"), caps: [cap]),
                    .init(plannedAt: start.adding(days: 1), channel: "email", fate: .waiting),
                ] : []
            tally.add(entries: times.count, deeds, verdicts, own)
        }
        let outcome = tally.outcome(of: 5, day...(day + 1))
        let total = outcome.total
        #expect(outcome.walked == 5 && outcome.walkedPeople == 4 && !outcome.isSampled && outcome.factor == 1)
        #expect(total.messages == 3 && total.left == ["email": 1] && total.heldBack == ["frequency_cap": 1])
        #expect(total.capped == [1] && total.deferred == 1 && total.waiting == 1 && total.heldBackByCaps == 1)
        // Two of five gifts of points fit into the budget; one has been given a coupon already, one comes too late.
        #expect(total.points == ["points": 200] && total.coupons == [9: 3])
        #expect(total.refused == ["budget": 3, "person_limit": 1, "issue_limit": 1])
        #expect(total.cost.spent == ReachSpent(messages: 50, points: 201, coupons: 299))
        #expect(total.cost.couponsAtMost == 900 && total.cost.unpricedCoupons == 0)
        #expect(outcome.days.map(\.day) == [day, day + 1])
        #expect(
            outcome.days.map(\.figures.messages) == [2, 1] && outcome.days.map(\.figures.coupons) == [[9: 1], [9: 2]])
        #expect(outcome.days[0].figures.cost.spent == ReachSpent(messages: 50, points: 101, coupons: 100))
    }

    @Test("who is no member gets no points and takes nothing of the budget; a coupon without a price is told")
    func refusals() throws {
        let walk = try walk([points("a", 100, most: 100), ["id": "c", "kind": "coupon", "coupon": "9"]])
        var terms = JourneyDryTerms()
        terms.currencies = ["points": 0]
        terms.coupons = [9: .init()]
        var stranger = person(1)
        stranger.isMember = false
        var tally = JourneyDryTally([], terms, calendar)
        for own in [stranger, person(2)] {
            let deeds = walk.deeds(of: entry(own.recipient.profileID, start), own, until: start)
            tally.add(entries: 1, deeds, [], own)
        }
        let day = calendar.day(of: start)
        let total = tally.outcome(of: 2, day...day).total
        #expect(total.points == ["points": 100] && total.refused == ["no_member": 1])
        #expect(total.cost.spent.sum == 0 && total.cost.unpricedCoupons == 2)
        terms.coupons = [9: .init(isActive: false)]
        var ended = JourneyDryTally([], terms, calendar)
        ended.add(entries: 1, walk.deeds(of: entry(2, start), person(2), until: start), [], person(2))
        #expect(ended.outcome(of: 1, day...day).total.refused == ["coupon_ended": 1])
    }

    @Test("a sample stands for all in proportion, budgets too; nobody at all is nothing")
    func sampled() throws {
        let walk = try walk([points("a", 10, most: 60)])
        var terms = JourneyDryTerms()
        terms.currencies = ["points": 1_000]
        var tally = JourneyDryTally([], terms, calendar)
        for id in Int64(1)...3 {
            let verdict = JourneyDryPolicy.Verdict(
                plannedAt: start, channel: "email", fate: id == 1 ? .heldBack("no_address") : .left)
            tally.add(entries: 1, walk.deeds(of: entry(id, start), person(id), until: start), [verdict], person(id))
        }
        let day = calendar.day(of: start)
        let outcome = tally.outcome(of: 10, day...day)
        #expect(outcome.isSampled && abs(outcome.factor - 10.0 / 3) < 1e-9)
        #expect(outcome.total.left == ["email": 7] && outcome.total.heldBack == ["no_address": 3])
        #expect(outcome.total.messages == 10)
        // One of three stands for 33 points, two would stand for 67.
        #expect(outcome.total.points == ["points": 33] && outcome.total.refused == ["budget": 7])
        #expect(outcome.total.cost.spent.points == 33)
        let nothing = JourneyDryTally([], terms, calendar).outcome(of: 0, day...day)
        #expect(nothing.total == JourneyDryOutcome.Figures() && !nothing.isSampled && nothing.factor == 1)
    }

    @Test("people are drawn by chance and always the same, with all of their entries")
    func sampling() {
        let entries = (Int64(1)...100).flatMap { id in
            (0..<3).map { JourneyDryRun.Entry(profile: id, at: start.adding(days: $0)) }
        }
        let all = JourneyDryPeople.sample(entries, people: 1_000, walks: 1_000)
        #expect(all.count == 100 && all.allSatisfy { $0.entries.count == 3 })
        let few = JourneyDryPeople.sample(entries.reversed(), people: 1_000, walks: 31)
        #expect(few.map(\.profile) == all.prefix(10).map(\.profile) && few.map(\.profile) != Array(1...10))
        #expect(JourneyDryPeople.sample(entries, people: 4, walks: 1_000).count == 4)
        #expect(JourneyDryPeople.sample(entries, people: 4, walks: 2).map(\.entries.count) == [2])
        #expect(JourneyDryPeople.sample([], people: 4, walks: 2).isEmpty)
    }

    @Test("parts are rounded half up and never overflow")
    func shares() {
        #expect(Shares.of(1, times: 1, over: 2) == 1 && Shares.of(1, times: 1, over: 3) == 0)
        #expect(Shares.of(0, times: 5, over: 3) == 0 && Shares.of(995, times: 3, over: 10) == 299)
        #expect(Shares.of(.max, times: .max, over: 1) == Int64.max / 1_000)
    }

    @Test(
        "over a store: messages that really left are counted, reasons told, and nothing is written",
        arguments: StoreKind.allCases)
    func whole(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            let (effects, now) = (world.platform.effects, world.clock.now)
            try await world.person(1)
            try await world.person(2, consent: false)
            try await world.person(3, consent: nil)
            let (daily, weekly) = (MessagePolicy.Cap(days: 1, most: 1), MessagePolicy.Cap(days: 7, most: 2))
            let template = world.template
            let id = try await world.platform.store.write { connection in
                var policy = MessagePolicy()
                policy.caps = [daily, weekly]
                try policy.save(by: "test", effects, connection)
                try ReachCosts(perThousand: ["email": 50_000]).save(by: "test", at: now, connection)
                _ = try PointsCurrencies.create(
                    PointsCurrency(code: "points", valuePerThousand: 1_000), at: now, connection)
                _ = try PointsAccounts.open(profile: 1, effects: effects, connection)
                let definition: JSONValue = [
                    "version": 1, "entry": ["kind": "schedule", "hour": 13, "weekdays": []],
                    "reentry": ["kind": "after_exit"],
                    "steps": [
                        ["id": "m", "kind": "message", "template": JSONValue(id: template)],
                        ["id": "p", "kind": "points", "currency": "points", "amount": 100],
                    ],
                ]
                return try Journeys.create(
                    JourneyDraft(name: "Daily", definition: definition.text()), by: "test", effects: effects,
                    connection
                ).id
            }
            try await world.plan("real", to: 1)
            try await world.send()
            world.clock.advance(milliseconds: 2 * JourneyHarness.day)
            let found = try await JourneyDryRun.run(id, days: 3, world.platform)
            #expect(found.entries == 9 && found.people == 3 && !found.isCut)
            let total = found.outcome.total
            // The letter of the first day takes that day's place, and one of the week's two.
            #expect(total.messages == 9 && total.left == ["email": 1])
            #expect(total.heldBack == ["frequency_cap": 2, "consent_refused": 3, "consent_missing": 3])
            #expect(found.outcome.caps == [daily, weekly] && total.capped == [1, 1])
            #expect(found.outcome.days.map(\.figures.leftInAll) == [0, 1, 0])
            #expect(found.outcome.days.map(\.figures.capped) == [[1, 0], [0, 0], [0, 1]])
            #expect(total.points == ["points": 300] && total.refused == ["no_member": 6])
            #expect(total.cost.spent == ReachSpent(messages: 50, points: 300))
            #expect(found.outcome.days.map(\.figures.cost.spent.sum) == [100, 150, 100])
            let count = try await world.platform.store.read { try $0.first("SELECT count(*) FROM messages")?.int(0) }
            #expect(count == 1)
        }
    }

    @Test("over history: what people did after they came in opens their ways", arguments: AnalyticsKind.allCases)
    func history(kind: AnalyticsKind) async throws {
        var history = BrandHistory()
        history.people = [(1, "2026-08-01"), (2, "2026-08-01")]
        for person in Int64(1)...2 { history.act(person, "2026-11-20 10:00:00", "Cart Updated") }
        history.act(1, "2026-11-20 12:00:00", "Paid")
        history.act(2, "2026-11-20 09:00:00", "Paid")
        try await history.with(kind, now: "2026-11-29") { platform in
            let (effects, now) = (platform.effects, platform.effects.now())
            let definition = JourneyHarness.definition(
                on: "Cart Updated",
                [
                    [
                        "id": "w", "kind": "wait_event", "amount": 1, "unit": "days",
                        "paths": [["name": "paid", "event": ["names": ["Paid"]], "steps": [points("p", 10)]]],
                        "otherwise": [points("o", 5)],
                    ]
                ])
            let id = try await platform.store.write { connection in
                _ = try PointsCurrencies.create(PointsCurrency(code: "points"), at: now, connection)
                for person in Int64(1)...2 {
                    var profile = Profile(id: person, at: now, createdAt: now, sourceID: 1)
                    profile.state = ProfileState().text()
                    try connection.executeMany(
                        "INSERT INTO profiles (\(Profile.writtenColumns)) VALUES "
                            + "(\(profile.values.map { _ in "?" }.joined(separator: ", ")))", [profile.values])
                    _ = try PointsAccounts.open(profile: person, effects: effects, connection)
                }
                return try Journeys.create(
                    JourneyDraft(name: "Cart", definition: definition.text()), by: "test", effects: effects, connection
                ).id
            }
            let found = try await JourneyDryRun.run(id, days: 30, platform)
            #expect(found.entries == 2 && found.outcome.walked == 2)
            #expect(found.outcome.total.points == ["points": 15] && found.outcome.total.messages == 0)
            let given = found.outcome.days.filter { !$0.figures.points.isEmpty }
            #expect(given.map { LocalCalendar.text(ofDay: $0.day) } == ["2026-11-20", "2026-11-21"])
            #expect(given.map(\.figures.points) == [["points": 10], ["points": 5]])
        }
    }
}
