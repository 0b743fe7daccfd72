import Science
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The people behind a mark")
struct PeopleBehindTests {
    private func withOrders(
        _ kind: AnalyticsKind, _ orders: PublishedOrders, _ body: (Platform) async throws -> Void
    ) async throws {
        try await TestAnalytics.with(kind) { analytics in
            try await orders.load(into: analytics)
            try await TestDatabase.with(.sqlite) { store in
                try await orders.loadProfiles(into: store)
                try await body(Platform(store: store, analytics: analytics, logger: Platform.testing(store).logger))
            }
        }
    }

    @Test("the buyers of a period are those of its orders", arguments: AnalyticsKind.allCases)
    func buyers(kind: AnalyticsKind) async throws {
        let orders = try PublishedOrders.cdnow()
        try await withOrders(kind, orders) { platform in
            let last = try #require(LocalCalendar.day(fromText: "1997-06-30"))
            let period = ReportPeriod(days: 30, through: last)
            let figures = try await Overview.make(platform, period: period).now
            let own = Set(orders.rows.filter { (period.first...period.last).contains($0.day) }.map(\.customer))
            let counts = Dictionary(
                orders.rows.filter { $0.day <= last }.map { ($0.customer, 1) }, uniquingKeysWith: +)
            let buyers = try await PeopleBehind.find(.buyers(period), platform)
            #expect(Set(buyers.ids) == own && Int64(buyers.ids.count) == figures.buyers)
            let returning = try await PeopleBehind.find(.repeatBuyers(period), platform)
            #expect(Set(returning.ids) == own.filter { counts[$0, default: 0] > 1 })
            #expect(Int64(returning.ids.count) == figures.repeatBuyers)
        }
    }

    @Test("people, newcomers and the identified are as many as the figures say", arguments: AnalyticsKind.allCases)
    func seen(kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { analytics in
            let base: Int64 = 20_000
            // Noon in Shanghai of ten days; every third person is identified two days later, the last is gone.
            let days = (0..<10).map { base + Int64($0) }
            func noon(_ day: Int64) -> Int64 { (day * 86_400 + 4 * 3_600) * 1_000 }
            let people = days.indices.map { index -> ArchivedProfile in
                let seen = Timestamp(milliseconds: noon(days[index]))
                var row = Profile(id: Int64(index + 1), at: seen, createdAt: seen, sourceID: 1)
                row.isIdentified = index % 3 == 0
                row.identifiedMS = index % 3 == 0 ? noon(days[index] + 2) : nil
                row.deletedMS = index == 9 ? noon(days[index]) : nil
                return ArchivedProfile(row, ProfileState(), [])
            }
            try await analytics.insert(ArchiveProfiles.block(people, Workspace().calendar), token: "people")
            try await TestDatabase.with(.sqlite) { store in
                let platform = Platform(store: store, analytics: analytics, logger: Platform.testing(store).logger)
                let period = ReportPeriod(first: base + 3, last: base + 9)
                let figures = try await Overview.make(platform, period: period).now
                let expected: [(Mark, Set<Int64>, Int64)] = [
                    (.people(through: period.last), Set(1...9), figures.people),
                    (.new(period), Set(4...9), figures.new),
                    (.identified(through: period.last), [1, 4, 7], figures.identified),
                    (.active(period), [], figures.active),
                ]
                for (mark, people, figure) in expected {
                    let found = try await PeopleBehind.find(mark, platform)
                    #expect(Set(found.ids) == people, "\(mark)")
                    #expect(Int64(found.ids.count) == figure, "\(mark)")
                }
            }
        }
    }

    @Test("cells, classes and movements of RFM open as many people as they show", arguments: AnalyticsKind.allCases)
    func rfm(kind: AnalyticsKind) async throws {
        try await withOrders(kind, try PublishedOrders.rfm()) { platform in
            let day = try #require(LocalCalendar.day(fromText: "2006-12-31"))
            let settings = RFMSettings()
            let report = try await RFMReport.make(platform, settings: settings, asOf: day)
            for cell in report.grid.prefix(7) {
                let selection = RFMSelection(recency: UInt8(cell.recency), frequency: UInt8(cell.frequency))
                let found = try await PeopleBehind.find(.rfm(selection, settings, asOf: day), platform)
                #expect(found.ids.count == cell.people)
            }
            let key = try await PeopleBehind.find(.rfm(RFMSelection(code: "111"), settings, asOf: day), platform)
            #expect(key.ids.count == 274 && key.isBySpend)
            let movement = try await RFMMovement.make(platform, settings: settings, from: day - 200, to: day)
            var all: Set<Int64> = []
            for flow in movement.flows {
                let mark = Mark.rfmMoved(from: flow.from, to: flow.to, settings, start: day - 200, end: day)
                let found = try await PeopleBehind.find(mark, platform)
                #expect(found.ids.count == flow.people, "\(flow)")
                #expect(all.isDisjoint(with: found.ids))
                all.formUnion(found.ids)
            }
            #expect(all.count == 995)
        }
    }

    @Test("who spent most stands first, and who is gone leaves a gap", arguments: StoreKind.allCases)
    func pages(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            try await store.write { connection in
                try LifecycleTests.add(1, seen: 0, orders: [0], to: connection)
                try LifecycleTests.add(2, seen: 0, orders: [0, 5], to: connection)
                try LifecycleTests.add(3, seen: 0, orders: [], to: connection)
                try connection.execute("UPDATE profiles SET stage = 'growth'")
            }
            let people = try await PeopleBehind.find(.stage(.growth, at: nil), Platform.testing(store))
            #expect(people.ids == [2, 1, 3])
            _ = try await store.write { try $0.execute("DELETE FROM profiles WHERE id = 1") }
            let page = try await store.read { try people.page(from: 1, limit: 5, $0) }
            #expect(page.map(\.id) == [1, 3] && page.map { $0.profile?.id } == [nil, 3])
        }
    }
}
