import Science
import Storage

/// What changed since yesterday began, as facts that a page puts into words; each can be clicked through to its people.
package struct RecentChanges: Sendable, Codable, Equatable {
    /// The beginning of yesterday in the workspace's calendar.
    package var since: Timestamp
    /// The beginning of today.
    package var morning: Timestamp
    package var facts: [Fact]

    package enum Fact: Sendable, Codable, Equatable {
        /// New people, orders and net revenue today so far, beside the whole of yesterday.
        case newPeople(today: Int64, yesterday: Int64)
        case orders(today: Int64, yesterday: Int64)
        case revenue(today: Int64, yesterday: Int64)
        /// People who stand in another stage than when yesterday began, with their net spend of the last year.
        case stageMoved(from: LifecycleStage, to: LifecycleStage, people: Int64, spend: Int64)
        case peopleMerged(Int64)
        case identityConflicts(Int64)
        /// Items that wait in quarantine since then.
        case quarantined(Int64)
        case lifecycleModelPublished(version: Int64)
        case rfmModelPublished(version: Int64)
    }
}

extension RecentChanges {
    /// Reads the operational store. Facts that count nothing are left out. Throws: `StorageError`.
    package static func read(_ connection: any SQLConnection, at now: Timestamp) throws -> RecentChanges {
        let calendar = try Workspace.load(connection).calendar
        let today = calendar.day(of: now)
        let morning = calendar.start(ofDay: today)
        let since = calendar.start(ofDay: today - 1)
        var facts = try amounts(connection, since: since, morning: morning)
        facts += try StageFlow.moves(since, now, spentSince: now.adding(days: -spendDays), connection).map {
            .stageMoved(from: $0.from, to: $0.to, people: $0.people, spend: $0.spend)
        }
        facts += try upkeep(connection, since: since)
        return RecentChanges(since: since, morning: morning, facts: facts)
    }

    /// What people who moved are worth: their net spend of so many days.
    package static let spendDays = 365

    private static func amounts(
        _ connection: any SQLConnection, since: Timestamp, morning: Timestamp
    ) throws -> [Fact] {
        var facts: [Fact] = []
        if let row = try connection.first(
            """
            SELECT COALESCE(sum(CASE WHEN first_seen_ms >= \(morning.milliseconds) THEN 1 ELSE 0 END), 0), count(*)
            FROM profiles WHERE last_seen_ms >= \(since.milliseconds) AND first_seen_ms >= \(since.milliseconds)
            AND merged_into IS NULL AND deleted_ms IS NULL
            """)
        {
            let today = try row.int(0)
            let yesterday = try row.int(1) - today
            if today + yesterday > 0 { facts.append(.newPeople(today: today, yesterday: yesterday)) }
        }
        if let row = try connection.first(
            """
            SELECT COALESCE(sum(CASE WHEN ordered_ms >= \(morning.milliseconds) THEN 1 ELSE 0 END), 0), count(*),
                COALESCE(sum(CASE WHEN ordered_ms >= \(morning.milliseconds) THEN net_workspace ELSE 0 END), 0),
                COALESCE(sum(net_workspace), 0)
            FROM orders WHERE ordered_ms >= \(since.milliseconds)
            AND status IN ('completed', 'partially_refunded')
            """), try row.int(1) > 0
        {
            let (today, all) = (try row.int(0), try row.int(1))
            facts.append(.orders(today: today, yesterday: all - today))
            let (revenue, total) = (try row.int(2), try row.int(3))
            facts.append(.revenue(today: revenue, yesterday: total - revenue))
        }
        return facts
    }

    private static func upkeep(_ connection: any SQLConnection, since: Timestamp) throws -> [Fact] {
        let milliseconds = since.milliseconds
        var facts: [Fact] = []
        func count(_ sql: SQL) throws -> Int64 { try connection.first(sql)?.int(0) ?? 0 }
        let merged = try count("SELECT count(*) FROM profile_merges WHERE at_ms >= \(milliseconds)")
        if merged > 0 { facts.append(.peopleMerged(merged)) }
        let conflicts = try count("SELECT count(*) FROM identity_conflicts WHERE at_ms >= \(milliseconds)")
        if conflicts > 0 { facts.append(.identityConflicts(conflicts)) }
        let waiting = try count(
            "SELECT count(*) FROM quarantine WHERE status = 'waiting' AND received_ms >= \(milliseconds)")
        if waiting > 0 { facts.append(.quarantined(waiting)) }
        let published: SQL = "SELECT max(version) FROM lifecycle_models WHERE created_ms >= \(milliseconds)"
        if let version = try connection.first(published)?.intOrNil(0) {
            facts.append(.lifecycleModelPublished(version: version))
        }
        let scored: SQL = "SELECT max(version) FROM rfm_models WHERE created_ms >= \(milliseconds)"
        if let version = try connection.first(scored)?.intOrNil(0) {
            facts.append(.rfmModelPublished(version: version))
        }
        return facts
    }
}
