import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Overview")
struct OverviewTests {
    @Test("figures of a period and the one before are those of the orders", arguments: AnalyticsKind.allCases)
    func orders(kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { analytics in
            let orders = try PublishedOrders.cdnow()
            try await orders.load(into: analytics)
            try await TestDatabase.with(.sqlite) { store in
                let platform = Platform(
                    store: store, analytics: analytics, logger: Platform.testing(store).logger)
                let last = try #require(LocalCalendar.day(fromText: "1997-06-30"))
                let period = ReportPeriod(days: 30, through: last)
                let overview = try await Overview.make(platform, period: period)
                for (figures, period) in [(overview.now, period), (overview.before, period.before)] {
                    let own = orders.rows.filter { (period.first...period.last).contains($0.day) }
                    #expect(figures.orders == Int64(own.count))
                    #expect(figures.revenue == own.reduce(0) { $0 + $1.net })
                    let buyers = Set(own.map(\.customer))
                    #expect(figures.buyers == Int64(buyers.count))
                    let all = Dictionary(
                        orders.rows.filter { $0.day <= period.last }.map { ($0.customer, 1) }, uniquingKeysWith: +)
                    #expect(figures.repeatBuyers == Int64(buyers.count { all[$0, default: 0] > 1 }))
                }
                #expect(overview.days.count == 30 && overview.daysBefore.count == 30)
                #expect(overview.daysBefore.reduce(0) { $0 + $1.revenue } == overview.before.revenue)
                let year = try await Overview.make(platform, period: period, against: period.yearBefore)
                #expect(year.before.orders == 0 && year.now == overview.now)
                #expect(overview.days.reduce(0) { $0 + $1.orders } == overview.now.orders)
                #expect(overview.days.last?.day == "1997-06-30")
                #expect(overview.now.averageOrder != nil)
            }
        }
    }

    @Test("an empty brand has an overview of zeros", arguments: AnalyticsKind.allCases)
    func empty(kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { analytics in
            try await TestDatabase.with(.sqlite) { store in
                let platform = Platform(store: store, analytics: analytics, logger: Platform.testing(store).logger)
                let overview = try await Overview.make(platform, period: ReportPeriod(days: 7, through: 20_000))
                #expect(overview.now == Overview.Figures() && overview.days.count == 7)
                #expect(overview.now.averageOrder == nil && overview.now.repurchaseRate == nil)
                #expect(try await RFMReport.make(platform).people == 0)
                let lifecycle = try await LifecycleReport.make(platform)
                #expect(!lifecycle.model.isFitted && lifecycle.buyers == 0)
                for format in ReportFormat.allCases {
                    #expect(try !ReportRenderer.text(overview, format: format).isEmpty)
                    #expect(try !ReportRenderer.text(lifecycle, format: format).isEmpty)
                }
                let changes = try await store.read { try RecentChanges.read($0, at: Effects.live.now()) }
                #expect(changes.facts.isEmpty)
            }
        }
    }

    @Test("what changed since yesterday is counted", arguments: StoreKind.allCases)
    func changes(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock(LifecycleTests.moment(100))
            let facts = try await store.write { connection in
                try LifecycleTests.add(1, seen: 100, orders: [100], to: connection)
                try LifecycleTests.add(2, seen: 99, orders: [99, 99], to: connection)
                try LifecycleTests.add(3, seen: 10, orders: [10], to: connection)
                try connection.execute(
                    """
                    INSERT INTO stage_history (profile_id, at_ms, from_stage, to_stage, cause, model_version, evidence)
                    VALUES (3, \(clock.now.milliseconds), 'growth', 'decline', 'time', 1, '{}')
                    """)
                return try RecentChanges.read(connection, at: clock.now).facts
            }
            #expect(
                facts == [
                    .newPeople(today: 1, yesterday: 1), .orders(today: 1, yesterday: 2),
                    .revenue(today: 100, yesterday: 200),
                    .stageMoved(from: .growth, to: .decline, people: 1, spend: 100),
                ])
        }
    }

    @Test("tables align wide characters and CSV quotes what it must")
    func tables() {
        let table = ReportTable(
            "T", [.text("名称"), .number("n")], rows: [["重要价值", "1"], ["a,\"b\"", "23"], ["=1+1", "-4"]])
        #expect(table.aligned() == "T\n名称       n\n────────  ──\n重要价值   1\na,\"b\"     23\n=1+1      -4\n")
        #expect(table.csv() == "名称,n\r\n重要价值,1\r\n\"a,\"\"b\"\"\",23\r\n'=1+1,-4\r\n")
    }
}
