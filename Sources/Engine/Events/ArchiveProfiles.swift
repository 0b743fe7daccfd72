import Storage

/// The mirror of profiles in the analytics store: a full row with a higher version for every change.
enum ArchiveProfiles {
    private static let select = """
        SELECT id, version, created_ms, first_seen_ms, last_seen_ms, identified, identified_ms, source_id, \
        event_count, order_count, net_spend, first_order_ms, last_order_ms, stage, rfm_class, merged_into, deleted_ms \
        FROM profiles WHERE id = ?
        """

    static func block(_ ids: [Int64], _ connection: any SQLConnection) throws -> AnalyticsBlock {
        let rows = try connection.queryMany(select, ids.map { [.integer($0)] }).compactMap(\.first)
        func uint64(_ column: Int) throws -> AnalyticsColumn {
            .uint64(try rows.map { UInt64(try $0.int(column)) })
        }
        func time(_ column: Int) throws -> AnalyticsColumn {
            .uint32(try rows.map { Timestamp(milliseconds: try $0.intOrNil(column) ?? 0).archived })
        }
        func text(_ column: Int) throws -> AnalyticsColumn {
            .string(try rows.map { try $0.textOrNil(column) ?? "" })
        }
        return AnalyticsBlock(
            table: "profiles",
            columns: [
                ("profile_id", try uint64(0)), ("ver", try uint64(1)), ("created_ts", try time(2)),
                ("first_seen_ts", try time(3)), ("last_seen_ts", try time(4)),
                ("identified", .uint8(try rows.map { UInt8(try $0.int(5)) })), ("identified_ts", try time(6)),
                ("source_id", try uint64(7)), ("event_count", try uint64(8)), ("order_count", try uint64(9)),
                ("net_spend", .int64(try rows.map { try $0.int(10) })), ("first_order_ts", try time(11)),
                ("last_order_ts", try time(12)), ("stage", try text(13)), ("rfm_class", try text(14)),
                (
                    "is_deleted",
                    .uint8(try rows.map { try $0.intOrNil(15) != nil || $0.intOrNil(16) != nil ? 1 : 0 })
                ),
            ])
    }
}
