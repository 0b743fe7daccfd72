import Storage

/// Points of a pool that lapse soon are told to each of its members: none of them sees it in an account of their own.
enum PoolNotices {
    /// Throws: `StorageError`.
    static func said(
        by pool: PointsAccount, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        guard !pool.notices.isEmpty else { return [] }
        let people = try connection.query(
            """
            SELECT a.profile_id FROM points_pool_members m JOIN points_accounts a ON a.id = m.account_id
            WHERE m.pool_id = \(pool.id) AND a.profile_id <> 0 ORDER BY m.joined_ms, m.account_id
            """
        ).map { try $0.int(0) }
        return people.flatMap { profile in
            pool.notices.map { notice in
                SystemEvent(
                    name: PointsEvents.expiring, profileID: profile, time: now,
                    properties: JSONValue.object([
                        "pool": JSONValue(id: pool.id), "currency": .string(notice.currency),
                        "amount": .integer(notice.amount), "expires_at": .string(notice.expiresAt.iso8601),
                        "days": .integer(Int64(notice.days)),
                    ]).text())
            }
        }
    }
}
