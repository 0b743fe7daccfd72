import Science
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Stages over time")
struct StageTrendTests {
    /// A person as the test knows them: when they came, and every change of stage after that.
    private struct Life {
        var id: Int64
        var seen: Timestamp
        var changes: [(at: Timestamp, from: LifecycleStage, to: LifecycleStage)]
        var isMerged: Bool

        func stage(at moment: Timestamp) -> LifecycleStage? {
            guard !isMerged, seen <= moment else { return nil }
            return changes.last { $0.at <= moment }?.to ?? .introduction
        }
    }

    private static let now = LifecycleTests.moment(60)

    private static func lives() -> [Life] {
        var random = SeededGenerator(seed: 11)
        return (1...80).map { id in
            let day = Int64.random(in: -30...58, using: &random)
            let seen = LifecycleTests.moment(day, hours: Int64.random(in: 0...20, using: &random))
            var stage = LifecycleStage.introduction
            var at = seen
            var changes: [(Timestamp, LifecycleStage, LifecycleStage)] = []
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                // Half of the changes happen as a day begins, as those by time do.
                let later = at.adding(days: Int.random(in: 1...20, using: &random))
                let midnight = LifecycleTests.calendar.start(ofDay: LifecycleTests.calendar.day(of: later))
                at = Bool.random(using: &random) && midnight > at ? midnight : later
                guard at <= now,
                    let next = LifecycleStage.allCases.filter({ $0 != stage }).randomElement(using: &random)
                else { break }
                changes.append((at, stage, next))
                stage = next
            }
            return Life(
                id: Int64(id), seen: seen, changes: changes.map { (at: $0.0, from: $0.1, to: $0.2) },
                isMerged: id % 17 == 0)
        }
    }

    private func withLives(_ kind: StoreKind, _ body: (Platform, [Life]) async throws -> Void) async throws {
        let lives = Self.lives()
        try await TestDatabase.with(kind) { store in
            try await store.write { connection in
                for life in lives {
                    try LifecycleTests.add(life.id, seen: 0, orders: [], to: connection)
                    let stage = life.changes.last?.to ?? .introduction
                    try connection.execute(
                        """
                        UPDATE profiles SET first_seen_ms = \(life.seen.milliseconds),
                            last_seen_ms = \(Self.now.milliseconds), stage = \(stage.rawValue),
                            merged_into = \((life.isMerged ? Int64(1) : nil).sqlValue) WHERE id = \(life.id)
                        """)
                    for change in life.changes {
                        try connection.execute(
                            """
                            INSERT INTO stage_history (profile_id, at_ms, from_stage, to_stage, cause, model_version,
                                evidence) VALUES (\(life.id), \(change.at.milliseconds), \(change.from.rawValue),
                                \(change.to.rawValue), 'time', 1, '{}')
                            """)
                    }
                }
            }
            let clock = TestClock(Self.now)
            let analytics = ClosedAnalyticsStore("not in this test")
            try await body(
                Platform(
                    store: store, analytics: analytics, effects: clock.effects,
                    logger: Platform.testing(store).logger), lives)
        }
    }

    @Test("every point is the count of the people, and opens exactly them", arguments: StoreKind.allCases)
    func points(kind: StoreKind) async throws {
        try await withLives(kind) { platform, lives in
            let today = LifecycleTests.calendar.day(of: Self.now)
            let trend = try await platform.store.read {
                try StageTrend.make(ReportPeriod(days: 50, through: today), now: Self.now, $0)
            }
            #expect(trend.points.count == 50 && trend.points.last?.at == Self.now)
            for point in trend.points {
                let expected = LifecycleStage.allCases.map { stage in
                    Set(lives.filter { $0.stage(at: point.at) == stage }.map(\.id))
                }
                #expect(point.people == expected.map { Int64($0.count) }, "\(point.day)")
                guard point.day % 7 == 0 || point.at == Self.now else { continue }
                for (stage, people) in zip(LifecycleStage.allCases, expected) {
                    let found = try await PeopleBehind.find(.stage(stage, at: point.at), platform)
                    #expect(Set(found.ids) == people, "\(point.day) \(stage)")
                }
            }
        }
    }

    @Test("a flow opens exactly the people it counts, and knows what they spent lately", arguments: StoreKind.allCases)
    func flows(kind: StoreKind) async throws {
        try await withLives(kind) { platform, lives in
            let (start, end) = (LifecycleTests.moment(10), LifecycleTests.moment(45))
            let flow = try await platform.store.read { try StageFlow.between(start, end, $0) }
            #expect(flow.flows.contains { $0.from != $0.to })
            for one in flow.flows where one.from != nil {
                let expected = lives.filter { $0.stage(at: start) == one.from && $0.stage(at: end) == one.to }
                let mark = Mark.moved(from: one.from, to: one.to, since: start, until: end)
                let found = try await PeopleBehind.find(mark, platform)
                #expect(Set(found.ids) == Set(expected.map(\.id)) && Int64(found.ids.count) == one.people, "\(one)")
            }
            let arrived = try await PeopleBehind.find(
                .moved(from: nil, to: .churn, since: start, until: end), platform)
            #expect(
                Set(arrived.ids)
                    == Set(lives.filter { $0.stage(at: start) != nil && $0.stage(at: end) == .churn }.map(\.id)))

            let move = try #require(flow.flows.first { $0.from != $0.to && $0.from != nil })
            let mover = try #require(lives.first { $0.stage(at: start) == move.from && $0.stage(at: end) == move.to })
            try await platform.store.write { connection in
                for (id, day, net) in [("late", 40, 500), ("old", -400, 9_000), ("after", 50, 70)] {
                    try connection.execute(
                        """
                        INSERT INTO orders (order_id, profile_id, source_id, status, ordered_ms, currency, gross,
                            refunded, net, net_workspace, line_count, quantity, updated_ms, position, state)
                        VALUES (\(id), \(mover.id), 1, 'completed', \(LifecycleTests.moment(Int64(day)).milliseconds),
                            'CNY', \(net), 0, \(net), \(net), 1, 1, 0, 1, '{}')
                        """)
                }
            }
            let moves = try await platform.store.read {
                try StageFlow.moves(start, end, spentSince: end.adding(days: -365), $0)
            }
            let found = try #require(moves.first { $0.from == move.from && $0.to == move.to })
            #expect(found.people == move.people && found.spend == 500)
        }
    }

    @Test("long periods take every n-th day and end today")
    func longPeriods() async throws {
        try await withLives(.sqlite) { platform, _ in
            let today = LifecycleTests.calendar.day(of: Self.now)
            let trend = try await platform.store.read {
                try StageTrend.make(ReportPeriod(days: 365, through: today), now: Self.now, $0)
            }
            #expect(trend.points.count <= StageTrend.pointsMax && trend.points.last?.day == today)
            let ahead = try await platform.store.read {
                try StageTrend.make(ReportPeriod(first: today + 1, last: today + 5), now: Self.now, $0)
            }
            #expect(ahead.points.isEmpty)
        }
    }
}
