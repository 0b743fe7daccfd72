import Storage

/// Goals and exit conditions that may come true by time alone (so many days since, a birthday) are asked of everybody who
/// waits once a day, as the workspace's day begins, which is when they change; all others are asked as things happen.
enum JourneyWatch {
    private static let chunk = 1_000

    static let handler = JobHandler(kind: "journey_watch", schedule: .daily(hour: 0, minute: 10)) { context in
        let now = context.platform.effects.now()
        let versions = try await context.platform.store.read { connection -> [Int64] in
            let content = try JourneyCache().load(connection)
            return content.maps.filter { $0.value.watchesTime }.keys.sorted()
        }
        guard !versions.isEmpty else { return try StoredDocument.text(["asked": 0]) }
        var (asked, last) = (0, Int64(0))
        while true {
            let after = last
            let ids = try await context.write { connection -> [Int64] in
                let ids = try connection.query(
                    """
                    SELECT r.id FROM journey_runs r JOIN journeys j ON j.id = r.journey_id
                    WHERE r.version_id IN (\(list: versions)) AND r.id > \(after) AND r.status = 'active'
                        AND r.is_waiting = 1 AND r.held_ms IS NULL AND j.status <> 'paused' ORDER BY r.id LIMIT \(chunk)
                    """
                ).map { try $0.int(0) }
                try connection.execute(
                    """
                    UPDATE journey_runs SET due_ms = \(now.milliseconds) WHERE id IN (\(list: ids)) AND status = 'active'
                        AND (due_ms IS NULL OR due_ms > \(now.milliseconds))
                    """)
                return ids
            }
            asked += ids.count
            guard ids.count == chunk, let end = ids.last else { break }
            last = end
        }
        return try StoredDocument.text(["asked": asked])
    }
}
