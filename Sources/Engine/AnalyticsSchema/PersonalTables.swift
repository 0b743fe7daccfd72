import Storage

/// The analytics tables that hold rows about a person, by `profile_id`: where an erasure has to reach. Rows of orders are
/// there again as nobody's (profile 0), loaded before.
enum PersonalTables {
    static let all = ["events", "timeline", "orders", "profiles", "profile_aliases"]
}

extension AnalyticsStore {
    /// Removes every row of these people from every personal table, and waits for it.
    func erase(_ profiles: [Int64]) async throws {
        for table in PersonalTables.all {
            try await execute("ALTER TABLE {data \(raw: table)} DELETE WHERE profile_id IN (\(list: profiles))")
        }
    }

    /// Removes events that are nobody's and hold a value of an erased person, received before the erasure.
    func forgetNobodys(_ sought: SoughtValues, before time: Timestamp) async throws {
        guard !sought.own.isEmpty else { return }
        let isEarlier: AnalyticsSQL = "received_ts <= toDateTime(\(time.seconds + 1))"
        for (table, own) in [("events", "anonymous_id, ' ', "), ("timeline", "")] {
            let texts: AnalyticsSQL = "lowerUTF8(concat(\(raw: own)url, ' ', properties, ' ', context))"
            let condition: AnalyticsSQL = "profile_id = 0 AND kind != 'system' AND " + isEarlier
            try await execute(
                "ALTER TABLE {data \(raw: table)} DELETE WHERE " + condition
                    + " AND arrayExists(value -> position(" + texts + ", value) > 0, [\(list: sought.own)])")
        }
    }
}
