import Storage

/// The analytics tables that hold rows about a person, by `profile_id`: where an erasure has to reach.
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
}
