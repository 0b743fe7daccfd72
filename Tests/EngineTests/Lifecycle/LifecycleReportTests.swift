import Science
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Lifecycle over the stores")
struct LifecycleReportTests {
    private func withOrders(
        _ kind: AnalyticsKind, store: StoreKind = .sqlite, clock: TestClock = TestClock(),
        _ body: (Platform) async throws -> Void
    ) async throws {
        try await TestAnalytics.with(kind) { analytics in
            try await PublishedOrders.cdnow().load(into: analytics)
            try await TestDatabase.with(store) { store in
                try await body(
                    Platform(
                        store: store, analytics: analytics, effects: clock.effects,
                        logger: Platform.testing(store).logger))
            }
        }
    }

    @Test("the published CDNOW figures come out of the stores", arguments: AnalyticsKind.allCases)
    func published(kind: AnalyticsKind) async throws {
        try await withOrders(kind) { platform in
            let day = try #require(LocalCalendar.day(fromText: "1997-09-30"))
            let report = try await LifecycleReport.make(platform, asOf: day)
            #expect(report.model.maturityOrders == 4 && report.buyers == 2_357 && report.from == "1997-01-01")
            #expect(report.gapQuantiles.map(\.gaps) == [946, 507, 710, 294, 2_457])
            #expect(report.gapQuantiles.last?.days == [27, 61, 77, 128, 164])
            #expect(report.gapQuantiles.first?.days == [40, 101, 119, 159, 188.5])
            #expect(report.pooledRecency == [378, 178, 1_801])
            let rates = report.model.conversions.prefix(6).map { ($0.rate * 1_000).rounded() / 1_000 }
            #expect(rates == [0.401, 0.536, 0.578, 0.659, 0.679, 0.71])
            #expect(report.stages.reduce(0) { $0 + $1.people } == 2_357)
            for stage in report.stages {
                let people = try await PeopleBehind.find(.reckoned(stage.stage, asOf: day), platform)
                #expect(people.ids.count == stage.people, "\(stage.stage)")
            }
            let whole = try await LifecycleReport.make(platform, asOf: day + 1_000)
            #expect(whole.purchases == 6_696)
        }
    }

    @Test("a refresh learns the model, publishes its card and applies it to everybody", arguments: StoreKind.allCases)
    func refresh(kind: StoreKind) async throws {
        let day = try #require(LocalCalendar.day(fromText: "1997-09-30"))
        let clock = TestClock(LocalCalendar.utc.start(ofDay: day))
        try await withOrders(.embedded, store: kind, clock: clock) { platform in
            _ = try await platform.store.write { connection in
                try connection.execute(
                    """
                    INSERT INTO profiles (id, created_ms, first_seen_ms, last_seen_ms, identified, source_id,
                        event_count, state, version)
                    VALUES (1, 0, \(clock.now.adding(days: -130).milliseconds), 0, 1, 1, 1, '{}', 1)
                    """)
            }
            _ = try await platform.enqueue(LifecycleRefresh.kind, key: LifecycleRefresh.kind)
            let runner = JobRunner(platform: platform, catalog: JobCatalog([LifecycleRefresh.handler]))
            #expect(try await runner.drain() == 1)
            let (card, stage, due) = try await platform.store.read { connection in
                let row = try connection.first("SELECT stage, stage_due_ms FROM profiles WHERE id = 1")
                return (try LifecycleCard.newest(connection), try row?.text(0), try row?.int(1))
            }
            #expect(card?.version == 1 && card?.model.maturityOrders == 4 && card?.assessed == 1)
            // Without an order for 130 days: beyond 119, within 159.
            #expect(stage == "decline")
            let firstSeen = Workspace().calendar.day(of: clock.now.adding(days: -130))
            #expect(due == Workspace().calendar.start(ofDay: firstSeen + 160).milliseconds)
        }
    }
}
