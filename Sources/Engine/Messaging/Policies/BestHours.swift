import Storage

/// Learns best hours: of people from their openings, clicks and visits, of the brand from everybody's. What was learned
/// is kept for a week.
///
/// Openings and clicks (by persons, not scanners) are in the store; visits come from the analytics store, half an hour
/// with something looked at counting once. While that store does not answer, what the store knows has to do.
struct BestHours: Sendable {
    let platform: Platform

    private static let days = 180
    private static let brandDays = 90
    private static let freshDays = 7
    private static let visitsMax = 60_000
    private static let visits = ["Page Viewed", "Screen Viewed"]
    private static let halfHour: Int64 = 1_800_000
    private static let limits = QueryLimits(seconds: 5, memoryBytes: 1_000_000_000)
    /// The row of everybody together.
    private static let brand: Int64 = 0

    /// The hours of people, by profile. Throws: `StorageError`, `CancellationError`.
    func of(_ people: [RecipientFacts], _ workspace: Workspace) async throws -> [Int64: BestHour] {
        let ids = people.map(\.profileID) + [Self.brand]
        let fresh = platform.effects.now().adding(days: -Self.freshDays)
        var known = try await platform.store.read { try Self.load(ids, since: fresh, $0) }
        let unknown = people.filter { known[$0.profileID] == nil }
        var learned: [Int64: [Int64]] = [:]
        if known[Self.brand] == nil { learned[Self.brand] = try await everybody(workspace) }
        if !unknown.isEmpty { learned.merge(try await learn(unknown)) { $1 } }
        if !learned.isEmpty {
            let (new, now) = (learned, platform.effects.now())
            try await platform.store.write { try Self.keep(new, at: now, $0) }
            known.merge(learned) { $1 }
        }
        return Self.hours(of: people.map(\.profileID), known)
    }

    /// As they were learned last, without learning anything. Throws: `StorageError`.
    static func known(_ people: [Int64], _ connection: any SQLConnection) throws -> [Int64: BestHour] {
        hours(of: people, try load(people + [brand], since: Timestamp(milliseconds: 0), connection))
    }

    private static func hours(of people: [Int64], _ known: [Int64: [Int64]]) -> [Int64: BestHour] {
        let common = known[brand] ?? []
        return Dictionary(
            people.map { ($0, BestHour(own: known[$0] ?? [], brand: common)) }, uniquingKeysWith: { first, _ in first })
    }

    private static func load(
        _ ids: [Int64], since: Timestamp, _ connection: any SQLConnection
    ) throws -> [Int64: [Int64]] {
        let rows = try connection.query(
            """
            SELECT profile_id, weights FROM message_hours WHERE profile_id IN (\(list: ids))
                AND learned_ms >= \(since.milliseconds)
            """)
        return try Dictionary(
            rows.map { (try $0.int(0), try StoredDocument.value([Int64].self, from: try $0.text(1))) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func keep(
        _ learned: [Int64: [Int64]], at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try connection.executeMany(
            """
            INSERT INTO message_hours (profile_id, weights, learned_ms) VALUES (?, ?, ?)
            ON CONFLICT (profile_id) DO UPDATE SET weights = excluded.weights, learned_ms = excluded.learned_ms
            """,
            try learned.sorted { $0.key < $1.key }.map {
                [.integer($0.key), .text(try StoredDocument.text($0.value)), .integer(now.milliseconds)]
            })
    }

    // MARK: People

    private func learn(_ people: [RecipientFacts]) async throws -> [Int64: [Int64]] {
        let owners = Dictionary(
            people.flatMap { person in person.profileIDs.map { ($0, person.profileID) } },
            uniquingKeysWith: { first, _ in first })
        let since = platform.effects.now().adding(days: -Self.days)
        var moments: [Int64: [(at: Timestamp, weight: Int64)]] = [:]
        for (id, at, weight) in try await answers(of: owners.keys.sorted(), since: since) {
            moments[owners[id] ?? id, default: []].append((at, weight))
        }
        for (id, at) in try await visits(of: owners.keys.sorted(), since: since) {
            moments[owners[id] ?? id, default: []].append((at, BestHour.visit))
        }
        return Dictionary(
            people.map { ($0.profileID, BestHour.weights(moments[$0.profileID] ?? [], $0.calendar)) },
            uniquingKeysWith: { first, _ in first })
    }

    private func answers(of ids: [Int64], since: Timestamp) async throws -> [(Int64, Timestamp, Int64)] {
        try await platform.store.read { connection in
            let rows = try connection.query(
                """
                SELECT profile_id, opened_ms, clicked_ms FROM messages WHERE profile_id IN (\(list: ids))
                    AND eligible_ms >= \(since.milliseconds) AND opened_ms IS NOT NULL
                """)
            return try rows.flatMap { row -> [(Int64, Timestamp, Int64)] in
                let id = try row.int(0)
                return [
                    (id, Timestamp(milliseconds: try row.int(1)), BestHour.open),
                    try row.intOrNil(2).map { (id, Timestamp(milliseconds: $0), BestHour.click) },
                ].compactMap { $0 }
            }
        }
    }

    private func visits(of ids: [Int64], since: Timestamp) async throws -> [(Int64, Timestamp)] {
        try await asked {
            let table = try await platform.analytics.query(
                """
                SELECT toInt64(profile_id) AS person, toInt64(intDiv(ts_ms, \(Self.halfHour))) AS half FROM timeline
                WHERE profile_id IN (\(list: ids)) AND name IN (\(list: Self.visits)) AND ts_ms >= \(since.milliseconds)
                GROUP BY person, half ORDER BY person, half LIMIT \(Self.visitsMax)
                """, limits: Self.limits)
            return zip(try table.ints(0), try table.ints(1)).map {
                ($0, Timestamp(milliseconds: $1 * Self.halfHour))
            }
        } ?? []
    }

    // MARK: Everybody

    private func everybody(_ workspace: Workspace) async throws -> [Int64] {
        let since = platform.effects.now().adding(days: -Self.brandDays)
        let opened = try await platform.store.read { connection in
            try connection.query(
                """
                SELECT opened_ms / \(Self.halfHour), count(*), count(clicked_ms) FROM messages
                WHERE planned_ms >= \(since.milliseconds) AND opened_ms IS NOT NULL GROUP BY 1
                """
            ).map { (try $0.int(0), try $0.int(1) * BestHour.open + $0.int(2) * BestHour.click) }
        }
        let visited = try await asked {
            let table = try await platform.analytics.query(
                """
                SELECT toInt64(intDiv(toUnixTimestamp(ts), 1800)) AS half, toInt64(uniqExact(profile_id)) FROM events
                WHERE name IN (\(list: Self.visits)) AND ts >= toDateTime(\(since.seconds)) GROUP BY half ORDER BY half
                """, limits: Self.limits)
            return Array(zip(try table.ints(0), try table.ints(1).map { $0 * BestHour.visit }))
        }
        return BestHour.weights(
            (opened + (visited ?? [])).map { (Timestamp(milliseconds: $0.0 * Self.halfHour), $0.1) },
            workspace.calendar)
    }

    /// Nil when the analytics store does not answer. Throws: `CancellationError`.
    private func asked<T>(_ body: () async throws -> T) async throws -> T? {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            platform.logger.warning("Visits cannot be asked for best hours", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
