import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Orders read without merging versions")
struct OrderPartsTests {
    private static let asOf: Int64 = 13_513

    /// What `FINAL` finds, whatever the parts.
    private func merged(_ query: RFMQuery, _ analytics: any AnalyticsStore) async throws -> [[Int64]] {
        let table = try await analytics.query(query.sql(OrderFacts.source), limits: OrderFacts.limits)
        return try (0..<4).map { try table.ints($0) }
    }

    private func read(_ query: RFMQuery, _ analytics: any AnalyticsStore) async throws -> [[Int64]] {
        let customers = try await query.run(analytics, currency: "CNY")
        return [customers.ids, customers.columns.recency, customers.columns.frequency, customers.netSpend]
    }

    @Test("one merged part, and a tail of newer versions, tell the same as merging everything")
    func tail() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await PublishedOrders.rfm().load(into: analytics)
            let query = RFMQuery(settings: RFMSettings(), asOf: Self.asOf)
            #expect(try await OrderParts.load(analytics) == nil)
            let whole = try await merged(query, analytics)
            #expect(try await read(query, analytics) == whole)

            try await analytics.execute("OPTIMIZE TABLE {data orders} FINAL")
            #expect(try await OrderParts.load(analytics)?.tail == [])
            #expect(try await read(query, analytics) == whole)

            let rows = try PublishedOrders.rfm().rows
            func row(_ index: Int, _ version: UInt64, net: Int64, _ status: String = "completed", gone: Bool = false)
                -> (Int64, UInt64, UInt64, Int64, Int64, String, Bool)
            {
                (rows[index].customer, UInt64(index), version, rows[index].day, net, status, gone)
            }
            // A new amount, a cancelled order, one that moved to somebody else, a first order of somebody new, an older
            // version that comes late, and the only order of a customer gone.
            let once = try #require(
                rows.indices.first { index in rows.count { $0.customer == rows[index].customer } == 1 })
            try await PublishedOrders.load(
                [
                    row(20, 5, net: 777), row(40, 5, net: 1, "cancelled"), row(60, 5, net: 1, gone: true),
                    (5_000, 60, 5, rows[60].day, rows[60].net, "completed", false),
                    (5_001, 9_000_001, 5, Self.asOf, 42, "completed", false), row(80, 1, net: 9_999),
                    row(once, 5, net: 1, "refunded"),
                ], token: "changes", into: analytics)
            let parts = try #require(try await OrderParts.load(analytics))
            #expect(parts.tail.count == 1)
            let changed = try await merged(query, analytics)
            #expect(changed != whole && changed[0].contains(5_001) && !changed[0].contains(rows[once].customer))
            #expect(try await read(query, analytics) == changed)

            // The same rows again, as a load repeated by a store that has forgotten it.
            try await PublishedOrders.load([row(20, 5, net: 777)], token: "again", into: analytics)
            #expect(try await read(query, analytics) == changed)
            let early = RFMQuery(settings: RFMSettings(windowDays: 90), asOf: Self.asOf - 200)
            #expect(try await read(early, analytics) == (try await merged(early, analytics)))
        }
    }

    @Test("a large tail and a cluster are merged by the store", arguments: AnalyticsKind.allCases)
    func fallback(kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { analytics in
            try await PublishedOrders.rfm().load(into: analytics)
            if kind == .embedded { try await analytics.execute("OPTIMIZE TABLE {data orders} FINAL") }
            let many = (0..<200).map {
                (Int64($0 + 1), UInt64(8_000_000 + $0), UInt64(7), Self.asOf, Int64(5), "completed", false)
            }
            try await PublishedOrders.load(many, token: "many", into: analytics)
            #expect(try await OrderParts.load(analytics) == nil)
            let query = RFMQuery(settings: RFMSettings(), asOf: Self.asOf)
            #expect(try await read(query, analytics) == (try await merged(query, analytics)))
        }
    }
}
