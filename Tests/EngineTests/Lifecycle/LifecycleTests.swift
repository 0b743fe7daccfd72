import Science
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Lifecycle stages")
struct LifecycleTests {
    /// Days of the tests are counted from here, in the workspace's calendar.
    static let day0: Int64 = 20_000
    static let calendar = Workspace().calendar

    static func moment(_ day: Int64, hours: Int64 = 12) -> Timestamp {
        calendar.start(ofDay: day0 + day).adding(milliseconds: hours * 3_600_000)
    }

    /// Puts people into the store as People would: their orders, and the facts that follow from them.
    static func add(_ id: Int64, seen: Int64, orders: [Int64], to connection: any SQLConnection) throws {
        let times = orders.map { moment($0).milliseconds }
        let seen = moment(seen).milliseconds
        try connection.execute(
            """
            INSERT INTO profiles (id, created_ms, first_seen_ms, last_seen_ms, identified, source_id, event_count,
                order_count, net_spend, first_order_ms, last_order_ms, state, version)
            VALUES (\(id), \(seen), \(seen), \(seen), 1, 1, 1, \(orders.count), \(orders.count * 100),
                \(times.min().sqlValue), \(times.max().sqlValue), '{}', 1)
            """)
        for (index, time) in times.enumerated() {
            try connection.execute(
                """
                INSERT INTO orders (order_id, profile_id, source_id, status, ordered_ms, currency, gross, refunded, net,
                    net_workspace, line_count, quantity, updated_ms, position, state)
                VALUES (\("\(id)-\(index)"), \(id), 1, 'completed', \(time), 'CNY', 100, 0, 100, 100, 1, 1, \(time), 1,
                    '{}')
                """)
        }
    }

    private func facts(orders: Int, last: Int64?, seen: Int64 = 0) -> StageFacts {
        StageFacts(
            profileID: 1, purchaseDays: orders, lastOrder: last.map { Self.moment($0) }, firstSeen: Self.moment(seen))
    }

    private let standard = CurrentLifecycle(version: 0, model: .standard, calendar: Self.calendar)

    @Test("a stage lasts to the end of the last day within the threshold")
    func boundaries() {
        let bought = Lifecycle.step(
            facts(orders: 2, last: 0), StageState(stage: .introduction, since: Self.moment(-30)), cause: .order,
            at: Self.moment(0), standard)
        #expect(bought.state.stage == .growth)
        #expect(bought.change?.from == .introduction && bought.change?.cause == .order)
        #expect(bought.state.due == Self.calendar.start(ofDay: Self.day0 + 78))
        let quiet = Lifecycle.step(
            facts(orders: 2, last: 0), bought.state, cause: .time, at: Self.moment(77, hours: 23), standard)
        #expect(quiet.change == nil && quiet.state == bought.state)
        let declined = Lifecycle.step(
            facts(orders: 2, last: 0), bought.state, cause: .time, at: Self.moment(78, hours: 0), standard)
        #expect(declined.state.stage == .decline)
        #expect(declined.change?.evidence.recencyDays == 78 && declined.change?.evidence.q80 == 77)
    }

    @Test("beginning in introduction is no change; a first order neither")
    func beginning() {
        let seen = Lifecycle.step(
            facts(orders: 0, last: nil), StageState(), cause: .order, at: Self.moment(0), standard)
        #expect(seen.change == nil && seen.state.stage == .introduction)
        let bought = Lifecycle.step(facts(orders: 1, last: 5), seen.state, cause: .order, at: Self.moment(5), standard)
        #expect(bought.change == nil)
        #expect(bought.state.due == Self.calendar.start(ofDay: Self.day0 + 5 + 78))
    }

    @Test("the sweep catches up after a long stop, every change at its own time", arguments: StoreKind.allCases)
    func sweep(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock(Self.moment(0))
            let effects = clock.effects
            try await store.write { connection in
                try Self.add(1, seen: 0, orders: [0], to: connection)
                try Self.add(2, seen: 0, orders: [0, 0, 30], to: connection)
                try connection.execute(
                    """
                    UPDATE profiles SET stage = 'introduction', stage_since_ms = \(Self.moment(0).milliseconds),
                        stage_due_ms = \(Self.calendar.start(ofDay: Self.day0 + 78).milliseconds)
                    """)
            }
            clock.set(Self.moment(400))
            let swept = try await store.write { try StageSweep.sweep($0, limit: 10, effects: effects) }
            #expect(swept == StageSweep.Swept(people: 2, changes: 5))
            let (one, two, events) = try await store.read { connection in
                (
                    try StageHistory.list(profileID: 1, connection), try StageHistory.list(profileID: 2, connection),
                    try connection.query("SELECT time_ms FROM event_log WHERE name = 'Stage Changed' ORDER BY position")
                        .map { try $0.int(0) }
                )
            }
            #expect(one.map(\.to) == [.churn, .decline])
            #expect(one.map(\.at) == [129, 78].map { Self.moment($0, hours: 0) })
            // Two orders on one day are one purchase; the sweep finds growth where the row still said introduction.
            #expect(two.map(\.to) == [.churn, .decline, .growth])
            #expect(two[0].at == Self.moment(30 + 129, hours: 0))
            #expect(events.count == 5 && events == events.sorted())
            let again = try await store.write { try StageSweep.sweep($0, limit: 10, effects: effects) }
            #expect(again == StageSweep.Swept(people: 0, changes: 0))
        }
    }

    @Test("the sweep works in bounded batches and leaves merged people alone", arguments: StoreKind.allCases)
    func batches(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock(Self.moment(200))
            let effects = clock.effects
            try await store.write { connection in
                for id in 1...5 as ClosedRange<Int64> { try Self.add(id, seen: 0, orders: [0], to: connection) }
                try connection.execute("UPDATE profiles SET stage = 'introduction', stage_due_ms = 1")
                try connection.execute("UPDATE profiles SET merged_into = 1 WHERE id = 5")
            }
            for wanted in [2, 2, 1, 0] {
                let swept = try await store.write { try StageSweep.sweep($0, limit: 2, effects: effects) }
                #expect(swept.people == wanted)
            }
            let stages = try await store.read { try $0.query("SELECT stage FROM profiles ORDER BY id") }
            #expect(try stages.map { try $0.text(0) } == ["churn", "churn", "churn", "churn", "introduction"])
        }
    }

    @Test("the flow between two moments counts movers, stayers and newcomers", arguments: StoreKind.allCases)
    func flow(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            try await store.write { connection in
                // Declines on day 78, churns on day 129; comes on day 100; stays churned all along.
                try Self.add(1, seen: 0, orders: [0], to: connection)
                try Self.add(2, seen: 100, orders: [100], to: connection)
                try Self.add(3, seen: -500, orders: [-500], to: connection)
                try connection.execute("UPDATE profiles SET stage = 'introduction', stage_due_ms = 1")
            }
            let clock = TestClock(Self.moment(150))
            let effects = clock.effects
            _ = try await store.write { connection in
                try connection.execute(
                    "UPDATE profiles SET stage_due_ms = first_seen_ms + \(78 * Timestamp.millisecondsPerDay)")
                return try StageSweep.sweep(connection, limit: 10, effects: effects)
            }
            func flow(_ from: Int64, _ to: Int64) async throws -> [StageFlow.Flow] {
                try await store.read { try StageFlow.between(Self.moment(from), Self.moment(to), $0) }.flows
            }
            let moved = try await flow(70, 140)
            #expect(moved.count == 3)
            #expect(moved.contains(StageFlow.Flow(from: .introduction, to: .churn, people: 1)))
            #expect(moved.contains(StageFlow.Flow(from: .churn, to: .churn, people: 1)))
            #expect(moved.contains(StageFlow.Flow(from: nil, to: .introduction, people: 1)))
            let earlier = try await flow(10, 90)
            #expect(earlier.contains(StageFlow.Flow(from: .introduction, to: .decline, people: 1)))
            #expect(earlier.map(\.people).reduce(0, +) == 2)
            let now = clock.now
            let distribution = try await store.read { try StageDistribution.now($0, at: now) }
            #expect(distribution.stages.map(\.people) == [1, 0, 0, 0, 2])
            #expect(distribution.stages.map(\.value) == [100, 0, 0, 0, 200])
        }
    }

    @Test("a new model moves people, and brought-in orders get the past they had", arguments: StoreKind.allCases)
    func reassessment(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock(Self.moment(100))
            let effects = clock.effects
            try await store.write { connection in
                try Self.add(1, seen: 0, orders: [0, 20, 40, 60], to: connection)
                try Self.add(2, seen: 90, orders: [90], to: connection)
                try Self.add(3, seen: 95, orders: [], to: connection)
                try Self.add(4, seen: -100, orders: [], to: connection)
                try connection.execute("UPDATE profiles SET stage = 'churn' WHERE id = 4")
                for (id, stage) in [(1, "maturity"), (4, "churn")] {
                    try connection.execute(
                        """
                        INSERT INTO stage_history (profile_id, at_ms, from_stage, to_stage, cause, model_version,
                            evidence) VALUES (\(id), \(clock.now.milliseconds), NULL, \(stage), 'order', 0, '{}')
                        """)
                }
                var model = LifecycleModel.standard
                model.maturityOrders = 3
                try LifecycleCard(
                    version: 1, created: clock.now, firstDay: nil, lastDay: Self.day0 + 100, buyers: 2, purchases: 5,
                    model: model
                ).save(connection)
                var place = LifecycleRefresh.Checkpoint(version: 1, lastID: 0, done: 0, total: 3)
                while let next = try LifecycleReassessment(version: 1, effects: effects)
                    .run(after: place, limit: 2, connection)
                {
                    place = next
                }
                #expect(place.done == 4)
            }
            let visitor = try await store.read { try StageHistory.list(profileID: 4, $0) }
            #expect(visitor.reversed().map(\.to) == [.decline, .churn])
            #expect(visitor.map(\.at) == [29, -22].map { Self.moment($0, hours: 0) })
            let (history, card, stages) = try await store.read { connection in
                (
                    try StageHistory.list(profileID: 1, connection), try LifecycleCard.newest(connection),
                    try connection.query("SELECT stage FROM profiles ORDER BY id").map { try $0.text(0) }
                )
            }
            #expect(history.reversed().map(\.to) == [.growth, .maturity])
            #expect(history.map(\.at) == [40, 20].map { Self.moment($0, hours: 0) })
            #expect(history.allSatisfy { $0.cause == .reconstructed })
            #expect(card?.assessed == 4)
            #expect(stages == ["maturity", "introduction", "introduction", "churn"])
        }
    }
}
