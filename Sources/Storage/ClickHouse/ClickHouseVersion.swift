/// A server's version, and what it can do beyond the oldest supported one (18.16).
struct ClickHouseVersion: Sendable, Equatable, Comparable {
    var major: Int
    var minor: Int

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// From `version()`: `26.9.2.1`.
    init(_ text: String) {
        let parts = text.split(separator: ".").map { Int($0) ?? 0 }
        self.init(major: parts.first ?? 0, minor: parts.count > 1 ? parts[1] : 0)
    }

    static func < (left: ClickHouseVersion, right: ClickHouseVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// Has one replica of a shard do an `ALTER … ON CLUSTER`. Older servers sometimes let two (ClickHouse pull request
    /// 3904), and one of them stops its distributed DDL for good.
    var altersOnce: Bool { self >= .init(major: 19, minor: 1) }
    var hasLowCardinality: Bool { self >= .init(major: 19, minor: 4) }
    /// Stops a query whose client has gone; older ones must be told.
    var cancelsOnClose: Bool { self >= .init(major: 19, minor: 5) }
    var hasFsync: Bool { self >= .init(major: 21, minor: 1) }
    /// Remembers loads of tables that are not replicated.
    var deduplicatesPlainTables: Bool { self >= .init(major: 21, minor: 8) }
    var hasDeduplicationToken: Bool { self >= .init(major: 22, minor: 2) }
    var hasSessionTimeZone: Bool { self >= .init(major: 23, minor: 6) }
}
