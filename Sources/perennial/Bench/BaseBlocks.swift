import Engine
import Storage

/// The rows of people, their orders and their merges for the analytics store.
enum BaseBlocks {
    static func all(of people: [BasePerson]) -> [AnalyticsBlock] {
        [profiles(people), orders(people), aliases(people.filter(\.isMerged))]
    }

    private static func seconds(_ milliseconds: Int64?) -> UInt32 {
        UInt32(clamping: (milliseconds ?? 0) / 1000)
    }

    private static func profiles(_ people: [BasePerson]) -> AnalyticsBlock {
        AnalyticsBlock(
            table: "profiles",
            columns: [
                ("profile_id", .uint64(people.map { UInt64($0.number) })), ("ver", .uint64(people.map { _ in 1 })),
                ("created_ts", .uint32(people.map { seconds($0.firstSeenMS) })),
                ("first_seen_ts", .uint32(people.map { seconds($0.firstSeenMS) })),
                ("last_seen_ts", .uint32(people.map { seconds($0.lastSeenMS) })),
                ("identified", .uint8(people.map { $0.isIdentified ? 1 : 0 })),
                ("identified_ts", .uint32(people.map { $0.isIdentified ? seconds($0.firstSeenMS) : 0 })),
                ("source_id", .uint64(people.map { UInt64($0.sourceID) })),
                ("event_count", .uint64(people.map { UInt64($0.eventCount) })),
                ("order_count", .uint64(people.map { UInt64($0.orders.count) })),
                ("net_spend", .int64(people.map(\.netSpend))),
                ("first_order_ts", .uint32(people.map { seconds($0.orders.first?.timeMS) })),
                ("last_order_ts", .uint32(people.map { seconds($0.orders.last?.timeMS) })),
                ("stage", .string(people.map { $0.stage ?? "" })),
                ("rfm_class", .string(people.map { $0.rfmClass ?? "" })),
                ("is_deleted", .uint8(people.map { $0.isMerged ? 1 : 0 })),
            ])
    }

    private static func orders(_ people: [BasePerson]) -> AnalyticsBlock {
        let rows = people.flatMap { person in person.orders.map { (person, $0) } }
        func text(_ value: String) -> AnalyticsColumn { .string(rows.map { _ in value }) }
        func number(_ value: Int64) -> AnalyticsColumn { .int64(rows.map { _ in value }) }
        return AnalyticsBlock(
            table: "orders",
            columns: [
                ("profile_id", .uint64(rows.map { UInt64($0.0.number) })),
                ("order_key", .uint64(rows.map { Digest.key64($0.1.id) })), ("ver", .uint64(rows.map { _ in 1 })),
                ("order_id", .string(rows.map(\.1.id))), ("status", text("completed")),
                ("ts", .uint32(rows.map { seconds($0.1.timeMS) })),
                ("d", .uint16(rows.map { UInt16(clamping: ($0.1.timeMS + 28_800_000) / BasePerson.dayMS) })),
                ("currency", text("CNY")), ("gross", .int64(rows.map(\.1.net))), ("refunded", number(0)),
                ("net", .int64(rows.map(\.1.net))), ("quantity", number(1)), ("lines", .uint32(rows.map { _ in 1 })),
                ("store", text("Hangzhou")), ("channel", text("web")),
                ("source_id", .uint64(rows.map { UInt64($0.0.sourceID) })), ("is_deleted", .uint8(rows.map { _ in 0 })),
            ])
    }

    private static func aliases(_ people: [BasePerson]) -> AnalyticsBlock {
        AnalyticsBlock(
            table: "profile_aliases",
            columns: [
                ("profile_id", .uint64(people.map { UInt64($0.number) })), ("ver", .uint64(people.map { _ in 1 })),
                ("winner_id", .uint64(people.map { UInt64($0.number - 1) })),
            ])
    }
}
