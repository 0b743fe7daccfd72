import Foundation
import Storage
import Testing

@testable import Engine

/// The published order files, as the archiver would have loaded them.
struct PublishedOrders {
    /// Who bought, the day, and the minor units; customers are numbered by their names in ascending order.
    var rows: [(customer: Int64, day: Int64, net: Int64)]

    static func rfm() throws -> PublishedOrders {
        try PublishedOrders("rfm/orders.csv", customer: 0, day: 1, amount: 2)
    }

    static func cdnow() throws -> PublishedOrders {
        try PublishedOrders("lifecycle/cdnow_sample.csv", customer: 1, day: 2, amount: 4)
    }

    private init(_ path: String, customer: Int, day: Int, amount: Int) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/\(path)")
        let lines = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let names = Set(lines.map { $0[customer] }).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int64($0 + 1)) })
        rows = try lines.map { line in
            (
                try #require(numbers[line[customer]]), try #require(LocalCalendar.day(fromText: line[day])),
                Int64((try #require(Double(line[amount])) * 100).rounded())
            )
        }
    }

    /// Loads every order twice, the older version with another amount, and a cancelled order on top: what counts must
    /// not change by that.
    func load(into analytics: any AnalyticsStore) async throws {
        try await analytics.insert(block(version: 1, status: "completed", net: { _ in 1 }), token: "orders-1")
        try await analytics.insert(block(version: 2, status: "completed", net: { $0 }), token: "orders-2")
        var cancelled = self
        cancelled.rows = Array(rows.prefix(10))
        try await analytics.insert(
            cancelled.block(version: 3, status: "cancelled", keyOffset: 1_000_000, net: { $0 }), token: "orders-3")
    }

    private func block(
        version: UInt64, status: String, keyOffset: Int = 0, net: (Int64) -> Int64
    ) -> AnalyticsBlock {
        let seconds = rows.map { UInt32($0.day * 86_400 + 43_200 - 8 * 3_600) }
        let nets = rows.map { net($0.net) }
        func text(_ value: String) -> AnalyticsColumn { .string(rows.map { _ in value }) }
        func zero() -> AnalyticsColumn { .int64(rows.map { _ in 0 }) }
        return AnalyticsBlock(
            table: "orders",
            columns: [
                ("profile_id", .uint64(rows.map { UInt64($0.customer) })),
                ("order_key", .uint64(rows.indices.map { UInt64($0 + keyOffset) })),
                ("ver", .uint64(rows.map { _ in version })), ("order_id", .string(rows.indices.map { "o\($0)" })),
                ("status", text(status)), ("ts", .uint32(seconds)), ("d", .uint16(rows.map { UInt16($0.day) })),
                ("currency", text("CNY")), ("gross", .int64(nets)), ("refunded", zero()), ("net", .int64(nets)),
                ("quantity", zero()), ("lines", .uint32(rows.map { _ in 1 })), ("store", text("")),
                ("channel", text("")), ("source_id", .uint64(rows.map { _ in 1 })),
                ("is_deleted", .uint8(rows.map { _ in 0 })),
            ] + Self.noLines(rows.count))
    }
}

extension PublishedOrders {
    /// Profiles for the customers, each first seen with the first order.
    func loadProfiles(into store: any OperationalStore) async throws {
        let first = Dictionary(rows.map { ($0.customer, $0.day) }, uniquingKeysWith: min)
        _ = try await store.write { connection in
            try connection.executeMany(
                """
                INSERT INTO profiles (id, created_ms, first_seen_ms, last_seen_ms, identified, source_id, event_count,
                    state, version) VALUES (?, 0, ?, 0, 1, 1, 1, '{}', 1)
                """,
                first.sorted { $0.key < $1.key }.map { [.integer($0.key), .integer($0.value * 86_400_000)] })
        }
    }
}

extension PublishedOrders {
    /// One version of one order on its own, as the archiver loads what changed.
    static func load(
        _ changes: [(
            customer: Int64, key: UInt64, version: UInt64, day: Int64, net: Int64, status: String, isDeleted: Bool
        )],
        token: String, into analytics: any AnalyticsStore
    ) async throws {
        func text(_ value: (Int) -> String) -> AnalyticsColumn { .string(changes.indices.map(value)) }
        func number(_ value: (Int) -> Int64) -> AnalyticsColumn { .int64(changes.indices.map(value)) }
        try await analytics.insert(
            AnalyticsBlock(
                table: "orders",
                columns: [
                    ("profile_id", .uint64(changes.map { UInt64($0.customer) })),
                    ("order_key", .uint64(changes.map(\.key))), ("ver", .uint64(changes.map(\.version))),
                    ("order_id", text { "c\(changes[$0].key)" }), ("status", text { changes[$0].status }),
                    ("ts", .uint32(changes.map { UInt32($0.day * 86_400) })),
                    ("d", .uint16(changes.map { UInt16($0.day) })), ("currency", text { _ in "CNY" }),
                    ("gross", number { changes[$0].net }), ("refunded", number { _ in 0 }),
                    ("net", number { changes[$0].net }), ("quantity", number { _ in 0 }),
                    ("lines", .uint32(changes.map { _ in 1 })), ("store", text { _ in "" }),
                    ("channel", text { _ in "" }), ("source_id", .uint64(changes.map { _ in 1 })),
                    ("is_deleted", .uint8(changes.map { $0.isDeleted ? 1 : 0 })),
                ] + noLines(changes.count)), token: token)
    }

    /// The columns of orders that say what was in them, empty.
    private static func noLines(_ count: Int) -> [(String, AnalyticsColumn)] {
        let texts = ["line_products", "line_skus", "line_names", "line_categories", "line_brands"]
        let numbers = ["line_amounts", "line_quantities"]
        return texts.map { ($0, .strings([[String]](repeating: [], count: count))) }
            + numbers.map { ($0, .int64s([[Int64]](repeating: [], count: count))) }
    }
}
