import Science
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("RFM over the stores")
struct RFMReportTests {
    private static let asOf = LocalCalendar.day(fromText: "2006-12-31")

    private func withOrders(
        _ kind: AnalyticsKind, store: StoreKind = .sqlite, _ body: (Platform) async throws -> Void
    ) async throws {
        try await TestAnalytics.with(kind) { analytics in
            let orders = try PublishedOrders.rfm()
            try await orders.load(into: analytics)
            try await TestDatabase.with(store) { store in
                try await orders.loadProfiles(into: store)
                var platform = Platform.testing(store)
                platform = Platform(
                    store: store, analytics: analytics, effects: platform.effects, logger: platform.logger)
                try await body(platform)
            }
        }
    }

    @Test("equal settings have one revision, in whatever order their dimensions lie in memory")
    func revision() throws {
        let texts = try (0..<200).map { _ in
            try Revision(of: RFMSettings(dimensions: Set(RFMDimension.allCases.shuffled()))).text
        }
        #expect(Set(texts).count == 1)
    }

    @Test("the published figures come out of the stores", arguments: AnalyticsKind.allCases)
    func published(kind: AnalyticsKind) async throws {
        try await withOrders(kind) { platform in
            let report = try await RFMReport.make(platform, asOf: Self.asOf)
            #expect(report.asOf == "2006-12-31" && report.people == 995 && report.orders == 4_906)
            #expect(
                report.dimensions.map(\.people) == [
                    [197, 200, 199, 199, 200], [268, 187, 176, 244, 120], [200, 200, 198, 202, 195],
                ])
            #expect(report.dimensions[0].cuts == [115, 181, 297.4, 482])
            #expect(report.dimensions[2].cuts.map { ($0 / 100 * 10).rounded() / 10 } == [255.8, 382, 506.4, 666])
            let classes = Dictionary(uniqueKeysWithValues: report.classes.map { ($0.code, $0.people) })
            #expect(
                classes == [
                    "111": 274, "110": 102, "101": 20, "100": 185, "011": 125, "010": 39, "001": 28, "000": 222,
                ])
            #expect(report.classes.map(\.chinese).first == "重要价值")
            #expect(report.grid.reduce(0) { $0 + $1.people } == 995)
            let means = report.grid.reduce(0) { $0 + $1.meanMonetary } / 100
            #expect(abs(means - 12_633.712525310757) < 1e-6)
            var median = RFMSettings()
            median.classRule = .rawMedian
            let tried = try await RFMReport.make(platform, settings: median, asOf: Self.asOf)
            #expect(tried.classes.map(\.people) == [263, 28, 167, 40, 59, 146, 51, 241])
        }
    }

    @Test("a figure opens the people behind it", arguments: AnalyticsKind.allCases)
    func people(kind: AnalyticsKind) async throws {
        try await withOrders(kind) { platform in
            let result = try await RFM.compute(platform, settings: RFMSettings(), asOf: Self.asOf)
            let report = RFMReport(result, currency: "CNY")
            for cell in report.grid {
                let people = result.people(
                    in: RFMSelection(recency: UInt8(cell.recency), frequency: UInt8(cell.frequency)), limit: 1_000)
                #expect(people.count == cell.people)
            }
            var pages: [Int64] = []
            while true {
                let page = result.people(in: RFMSelection(code: "111"), after: pages.last ?? 0, limit: 100)
                pages += page
                if page.count < 100 { break }
            }
            #expect(pages.count == 274 && Set(pages).count == 274)
        }
    }

    @Test("windows, average order value and fewer dimensions change what is counted", arguments: AnalyticsKind.allCases)
    func settings(kind: AnalyticsKind) async throws {
        try await withOrders(kind) { platform in
            var settings = RFMSettings(windowDays: 365, monetary: .averageOrder, dimensions: [.recency, .monetary])
            let report = try await RFMReport.make(platform, settings: settings, asOf: Self.asOf)
            let orders = try PublishedOrders.rfm().rows.filter { $0.day > (Self.asOf ?? 0) - 365 }
            #expect(report.orders == Int64(orders.count) && report.people == Set(orders.map(\.customer)).count)
            #expect(report.revenue == orders.reduce(0) { $0 + $1.net })
            #expect(report.classes.map(\.code) == ["1-1", "0-1", "1-0", "0-0"] && report.grid.isEmpty)
            settings.windowDays = 0
            await #expect(throws: RFMError.window(days: 0)) {
                _ = try await RFM.compute(platform, settings: settings)
            }
        }
    }

    @Test("movement counts everyone once on either day", arguments: AnalyticsKind.allCases)
    func movement(kind: AnalyticsKind) async throws {
        try await withOrders(kind) { platform in
            let end = try #require(Self.asOf)
            let movement = try await RFMMovement.make(platform, from: end - 365, to: end)
            let before = try await RFMReport.make(platform, asOf: end - 365)
            let known = movement.flows.filter { $0.from != nil }.reduce(0) { $0 + $1.people }
            #expect(known == before.people)
            #expect(movement.flows.reduce(0) { $0 + $1.people } == 995)
            #expect(movement.flows.allSatisfy { $0.to != nil })
        }
    }

    @Test(
        "a refresh writes changed profiles only and raises an event for each change of class",
        arguments: StoreKind.allCases)
    func refresh(kind: StoreKind) async throws {
        try await withOrders(.embedded, store: kind) { platform in
            let clock = TestClock(LocalCalendar.utc.start(ofDay: try #require(Self.asOf)))
            let platform = Platform(
                store: platform.store, analytics: platform.analytics, effects: clock.effects, logger: platform.logger)
            let runner = JobRunner(platform: platform, catalog: JobCatalog([RFMRefresh.handler]))
            for round in 1...2 {
                _ = try await platform.enqueue(RFMRefresh.kind, key: RFMRefresh.kind)
                let now = clock.now
                try await platform.store.write { _ = try JobQueue.hasten($0, key: RFMRefresh.kind, at: now) }
                #expect(try await runner.drain() == 1)
                let (classes, events, card) = try await platform.store.read { connection in
                    (
                        try connection.query("SELECT rfm_class, count(*) FROM profiles GROUP BY rfm_class")
                            .map { (try $0.textOrNil(0) ?? "", try $0.int(1)) },
                        try connection.first("SELECT count(*) FROM event_log WHERE name = 'RFM Class Changed'")?.int(0),
                        try RFMCard.newest(connection)
                    )
                }
                #expect(Dictionary(uniqueKeysWithValues: classes)["111"] == 274)
                #expect(events == 995)
                #expect(card?.version == Int64(round))
                #expect(card?.moves.reduce(0) { $0 + $1.people } == (round == 1 ? 995 : 0))
            }
        }
    }
}
