import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Channel code report") struct ChannelCodeReportTests {
    private struct Visit {
        var person: UInt64
        var code: String
        var name: String
        var second: UInt32
    }

    private static let noon: UInt32 = 1_795_305_600
    private static var day: Int64 { Int64(noon / 86_400) }

    private func load(_ visits: [Visit], into analytics: any AnalyticsStore) async throws {
        let blank = AnalyticsColumn.string(visits.map { _ in "" })
        let contexts = visits.map { $0.code.isEmpty ? "{}" : #"{"channelCode":"\#($0.code)"}"# }
        try await analytics.insert(
            AnalyticsBlock(
                table: "events",
                columns: [
                    ("position", .uint64(visits.indices.map { UInt64($0 + 1) })),
                    ("profile_id", .uint64(visits.map(\.person))), ("name", .string(visits.map(\.name))),
                    ("kind", .string(visits.map { _ in "track" })),
                    ("ts", .uint32(visits.map { Self.noon + $0.second })),
                    ("ts_ms", .int64(visits.map { _ in 0 })), ("received_ts", .uint32(visits.map { _ in 0 })),
                    ("source_id", .uint64(visits.map { _ in 1 })), ("message_id", blank), ("anonymous_id", blank),
                    ("url", blank), ("referrer", blank), ("campaign_source", blank), ("campaign_medium", blank),
                    ("campaign_name", blank), ("properties", blank), ("context", .string(contexts)),
                    ("d", .uint16(visits.map { _ in UInt16(Self.day) })),
                ]), token: "visits")
    }

    private func load(
        orders: [(person: UInt64, second: UInt32, net: Int64)], into analytics: any AnalyticsStore
    ) async throws {
        let blank = AnalyticsColumn.string(orders.map { _ in "" })
        let zero = AnalyticsColumn.int64(orders.map { _ in 0 })
        try await analytics.insert(
            AnalyticsBlock(
                table: "orders",
                columns: [
                    ("profile_id", .uint64(orders.map(\.person))),
                    ("order_key", .uint64(orders.indices.map { UInt64($0 + 1) })),
                    ("ver", .uint64(orders.map { _ in 1 })), ("order_id", blank),
                    ("status", .string(orders.map { _ in "completed" })),
                    ("ts", .uint32(orders.map { Self.noon + $0.second })),
                    ("d", .uint16(orders.map { _ in UInt16(Self.day) })), ("currency", blank), ("gross", zero),
                    ("refunded", zero), ("net", .int64(orders.map(\.net))), ("quantity", zero),
                    ("lines", .uint32(orders.map { _ in 1 })), ("store", blank), ("channel", blank),
                    ("source_id", .uint64(orders.map { _ in 1 })), ("is_deleted", .uint8(orders.map { _ in 0 })),
                ]), token: "orders")
    }

    @Test("counts scans, people and what they bought from their first code on", arguments: AnalyticsKind.allCases)
    func counts(kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { analytics in
            let (scan, session) = ("Channel Code Scanned", "Session Started")
            try await load(
                [
                    Visit(person: 1, code: "A", name: scan, second: 100),
                    Visit(person: 1, code: "A", name: scan, second: 900),
                    Visit(person: 1, code: "B", name: scan, second: 500),
                    Visit(person: 2, code: "B", name: scan, second: 100),
                    Visit(person: 2, code: "B", name: session, second: 101),
                    Visit(person: 3, code: "", name: session, second: 1),
                    // Merged into 2.
                    Visit(person: 4, code: "B", name: scan, second: 50),
                ], into: analytics)
            try await load(
                orders: [
                    (person: 1, second: 50, net: 1), (person: 1, second: 600, net: 1_000),
                    (person: 2, second: 60, net: 200),
                    (person: 3, second: 60, net: 9_999),
                ], into: analytics)
            try await analytics.insert(
                AnalyticsBlock(
                    table: "profiles",
                    columns: [
                        ("profile_id", .uint64([1, 2])), ("ver", .uint64([1, 1])), ("created_ts", .uint32([0, 0])),
                        ("first_seen_ts", .uint32([0, 0])), ("last_seen_ts", .uint32([0, 0])),
                        ("identified", .uint8([1, 0])), ("identified_ts", .uint32([0, 0])),
                        ("source_id", .uint64([1, 1])), ("event_count", .uint64([1, 1])),
                        ("order_count", .uint64([1, 1])), ("net_spend", .int64([0, 0])),
                        ("first_order_ts", .uint32([0, 0])), ("last_order_ts", .uint32([0, 0])),
                        ("stage", .string(["", ""])), ("rfm_class", .string(["", ""])), ("is_deleted", .uint8([0, 0])),
                    ]),
                token: "profiles")
            try await analytics.insert(
                AnalyticsBlock(
                    table: "profile_aliases",
                    columns: [("profile_id", .uint64([4])), ("ver", .uint64([1])), ("winner_id", .uint64([2]))]),
                token: "aliases")
            let report = try await ChannelCodeReport.load(ReportPeriod(days: 3, through: Self.day), analytics)
            #expect(
                report.rows == [
                    .init(code: "B", scans: 3, sessions: 1, people: 2, identified: 0, orders: 1, revenue: 200),
                    .init(code: "A", scans: 2, sessions: 0, people: 1, identified: 1, orders: 1, revenue: 1_000),
                ])
            try await behind(report, analytics)
            let empty = try await ChannelCodeReport.load(ReportPeriod(days: 1, through: Self.day - 30), analytics)
            #expect(empty.rows.isEmpty && empty.row(of: "A").people == 0)
        }
    }

    /// Every figure opens as many as it counts, and the days come to what the period has.
    private func behind(_ report: ChannelCodeReport, _ analytics: any AnalyticsStore) async throws {
        let period = ReportPeriod(days: 3, through: Self.day)
        func people(_ code: String, _ what: ChannelCodePeople.What, day: Int64? = nil) async throws -> [Int64] {
            try await ChannelCodePeople(code, what, period, day: day).ids(analytics)
        }
        for row in report.rows {
            let (came, known) = (try await people(row.code, .came), try await people(row.code, .identified))
            #expect(Int64(came.count) == row.people && Int64(known.count) == row.identified)
            let days = try await ChannelCodeDays.load(row.code, period, analytics).days
            #expect(days.map(\.day) == [Self.day - 2, Self.day - 1, Self.day])
            #expect(days.reduce(0) { $0 + $1.scans } == row.scans && days[2].scans == row.scans)
            #expect(days[2].sessions == row.sessions && days[2].orders == row.orders && days[2].revenue == row.revenue)
        }
        #expect(try await people("B", .scanned) == [1, 2])
        #expect(try await people("B", .visited) == [2])
        #expect(try await people("B", .ordered) == [2])
        #expect(try await people("A", .ordered) == [1])
        #expect(try await people("A", .identified) == [1])
        #expect(try await people("A", .ordered, day: Self.day) == [1])
        #expect(try await people("A", .ordered, day: Self.day - 1) == [])
        #expect(try await people("B", .came, day: Self.day - 1) == [])
    }
}
