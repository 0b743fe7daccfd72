import Foundation
import Storage
import TestSupport
import Testing

@testable import Engine

/// A small history in the analytics store, written by hand: people, events and orders at moments of Shanghai's clocks.
struct BrandHistory {
    struct Act {
        var person: Int64
        /// `2026-11-02 09:00:00`.
        var at: String
        var name: String
        var properties: String = "{}"
        var context: String = "{}"
        var kind: String = "track"
        /// Nil: when it happened.
        var received: String?
    }

    struct Order {
        var person: Int64
        var at: String
        var net: Int64
        var status = "completed"
        var categories: [String] = []
    }

    /// Person and the day first seen.
    var people: [(id: Int64, seen: String)] = []
    var segments: [Int64: [Int64]] = [:]
    var tags: [Int64: [Int64]] = [:]
    var acts: [Act] = []
    var orders: [Order] = []
    /// Merged people and whom they became.
    var merged: [(loser: Int64, winner: Int64)] = []

    static func moment(_ text: String) throws -> Timestamp {
        let parts = text.split(separator: " ")
        return try #require(Timestamp(iso8601: "\(parts[0])T\(parts.count > 1 ? parts[1] : "12:00:00")+08:00"))
    }

    mutating func view(_ person: Int64, _ at: String, _ url: String, context: String? = nil, referrer: String = "") {
        let page = "\"page\":{\"url\":\"\(url)\",\"referrer\":\"\(referrer)\"}"
        acts.append(
            Act(
                person: person, at: at, name: "Page Viewed",
                context: context.map { "{\(page),\($0)}" } ?? "{\(page)}", kind: "page"))
    }

    mutating func act(_ person: Int64, _ at: String, _ name: String, _ properties: String = "{}") {
        acts.append(Act(person: person, at: at, name: name, properties: properties))
    }

    /// Runs `body` with a platform whose present is `now`.
    func with(
        _ kind: AnalyticsKind, now: String, _ body: (Platform) async throws -> Void
    ) async throws {
        let moment = try Self.moment(now)
        try await TestAnalytics.with(kind) { analytics in
            try await load(analytics)
            try await TestDatabase.with(.sqlite) { store in
                let effects = Effects(
                    now: { moment }, newID: Effects.live.newID, randomBytes: Effects.live.randomBytes)
                try await body(
                    Platform(
                        store: store, analytics: analytics, effects: effects, logger: Platform.testing(store).logger))
            }
        }
    }

    private func load(_ analytics: any AnalyticsStore) async throws {
        let calendar = Workspace().calendar
        var columns = ArchiveEventColumns(capacity: acts.count, calendar: calendar)
        for (index, act) in acts.enumerated() {
            let time = try Self.moment(act.at)
            columns.append(
                ArchivedEvent(
                    position: Int64(index + 1), sourceID: 1, messageID: "m\(index)", kind: act.kind, name: act.name,
                    time: time, receivedAt: try act.received.map(Self.moment) ?? time, identities: "",
                    properties: act.properties, context: act.context,
                    profileID: act.person))
        }
        if !acts.isEmpty {
            try await analytics.insert(columns.block, token: "events")
            try await analytics.insert(columns.timelineBlock, token: "timeline")
        }
        let rows = try people.map { person -> ArchivedProfile in
            let seen = try Self.moment(person.seen)
            let row = Profile(id: person.id, at: seen, createdAt: seen, sourceID: 1)
            return ArchivedProfile(row, ProfileState(), segments[person.id] ?? [], tags: tags[person.id] ?? [])
        }
        if !rows.isEmpty { try await analytics.insert(ArchiveProfiles.block(rows, calendar), token: "people") }
        if !orders.isEmpty { try await analytics.insert(try orderBlock(calendar), token: "orders") }
        if !merged.isEmpty {
            try await analytics.insert(
                AnalyticsBlock(
                    table: "profile_aliases",
                    columns: [
                        ("profile_id", .uint64(merged.map { UInt64($0.loser) })),
                        ("ver", .uint64(merged.map { _ in 1 })),
                        ("winner_id", .uint64(merged.map { UInt64($0.winner) })),
                    ]), token: "aliases")
        }
    }

    private func orderBlock(_ calendar: LocalCalendar) throws -> AnalyticsBlock {
        let times = try orders.map { try Self.moment($0.at) }
        func text(_ value: String) -> AnalyticsColumn { .string(orders.map { _ in value }) }
        func lines(_ value: @escaping (String) -> String) -> AnalyticsColumn {
            .strings(orders.map { $0.categories.map(value) })
        }
        return AnalyticsBlock(
            table: "orders",
            columns: [
                ("profile_id", .uint64(orders.map { UInt64($0.person) })),
                ("order_key", .uint64(orders.indices.map { UInt64($0 + 1) })),
                ("ver", .uint64(orders.map { _ in 1 })), ("order_id", .string(orders.indices.map { "o\($0)" })),
                ("status", .string(orders.map(\.status))), ("ts", .uint32(times.map(\.archived))),
                ("d", .uint16(times.map { UInt16(calendar.day(of: $0)) })), ("currency", text("CNY")),
                ("gross", .int64(orders.map(\.net))), ("refunded", .int64(orders.map { _ in 0 })),
                ("net", .int64(orders.map(\.net))),
                ("quantity", .int64(orders.map { Int64(max(1, $0.categories.count)) })),
                ("lines", .uint32(orders.map { UInt32($0.categories.count) })), ("store", text("")),
                ("channel", text("")), ("source_id", .uint64(orders.map { _ in 1 })),
                ("is_deleted", .uint8(orders.map { _ in 0 })), ("line_products", lines { $0 }),
                ("line_skus", lines { $0 }), ("line_names", lines { $0 }), ("line_categories", lines { $0 }),
                ("line_brands", lines { _ in "" }),
                (
                    "line_amounts",
                    .int64s(orders.map { one in one.categories.map { _ in one.net / Int64(one.categories.count) } })
                ), ("line_quantities", .int64s(orders.map { $0.categories.map { _ in 1 } })),
            ])
    }
}

extension ReportDocument {
    func panel(_ name: String) throws -> ReportPanel {
        try #require(panels.first { $0.name == name })
    }
}

extension ReportPanel {
    func figure(_ name: String) throws -> Figure { try #require(figures.first { $0.name == name }) }

    /// The row of these labels.
    func row(_ labels: String...) throws -> Row { try #require(rows.first { $0.labels == labels }, "\(labels)") }
}

extension InsightReport {
    /// The report of these days, and that every place in it opens as many people as `counts` says.
    static func made(_ platform: Platform, _ values: [String: String]) async throws -> ReportDocument {
        try await make(try await ReportQuestion(Self.self, values, platform))
    }

    static func ids(_ place: String, _ platform: Platform, _ values: [String: String]) async throws -> [Int64] {
        try await people(at: ReportPlace(text: place), try await ReportQuestion(Self.self, values, platform)).sorted()
    }
}
