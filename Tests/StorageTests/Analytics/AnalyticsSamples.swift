import Storage

/// A table with every column type, and rows that are hard to carry.
enum AnalyticsSamples {
    static let migration = Migration(
        version: 1, name: "samples",
        statements: """
            -- Every column type.
            CREATE TABLE samples (
                id UInt64,
                flag UInt8,
                day Date,
                at DateTime,
                small UInt32,
                amount Int64,
                ratio Float64,
                name String,
                kind {LC},
                tags Array(String),
                counts Array(Int64),
                weights Array(Float64)
            ) ENGINE = {MergeTree} PARTITION BY toYYYYMM(day) ORDER BY id SHARD BY intHash64(id);

            CREATE TABLE members (id UInt64, ver UInt64, tier {LC}, points Int64)
            ENGINE = {ReplacingMergeTree(ver)} ORDER BY id SHARD BY intHash64(id);
            """)

    static let hardStrings = [
        "", "plain", "汉字与😀", "it's \\ back\\slash \\n", "tab\tnewline\nreturn\r", "nul\0inside", "\"{LC}\" {data x}",
        "-- /* ; */ {x:String} %s ?", "'; DROP TABLE samples; --",
    ]

    /// One row for every hard string, ids from `first`.
    static func block(first: UInt64 = 1) -> AnalyticsBlock {
        let rows = hardStrings.indices.map { UInt64($0) }
        return AnalyticsBlock(
            table: "samples",
            columns: [
                ("id", .uint64(rows.map { first + $0 })),
                ("flag", .uint8(rows.map { UInt8($0 % 2) })),
                ("day", .uint16(rows.map { 20_454 + UInt16($0) * 20 })),
                ("at", .uint32(rows.map { 1_767_225_600 + UInt32($0) * 86_400 })),
                ("small", .uint32(rows.map { UInt32.max - UInt32($0) })),
                ("amount", .int64(rows.map { Int64.min + Int64($0) })),
                ("ratio", .float64(rows.map { 1 / Double($0 + 3) })),
                ("name", .string(hardStrings)),
                ("kind", .string(rows.map { $0 % 2 == 0 ? "汉" : "a" })),
                ("tags", .strings(rows.map { Array(hardStrings.prefix(Int($0) % 4)) })),
                ("counts", .int64s(rows.map { [Int64](repeating: -Int64($0), count: Int($0) % 3) })),
                ("weights", .float64s(rows.map { $0 == 2 ? [] : [0.1, -1e300] })),
            ])
    }

    static func members(_ rows: [(id: UInt64, ver: UInt64, tier: String, points: Int64)]) -> AnalyticsBlock {
        AnalyticsBlock(
            table: "members",
            columns: [
                ("id", .uint64(rows.map(\.id))), ("ver", .uint64(rows.map(\.ver))),
                ("tier", .string(rows.map(\.tier))), ("points", .int64(rows.map(\.points))),
            ])
    }
}
