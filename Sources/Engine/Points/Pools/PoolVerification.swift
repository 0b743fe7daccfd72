import Storage

/// Whether what is stored about pools holds together with their accounts.
enum PoolVerification {
    /// Reads only. Throws: `StorageError`.
    static func flaws(_ connection: any SQLConnection) throws -> [PointsVerification.Flaw] {
        let checks: [(text: String, sql: SQL)] = [
            (
                "has a lot that nobody put in",
                """
                SELECT DISTINCT a.id FROM points_accounts a JOIN points_lots l ON l.account_id = a.id
                LEFT JOIN points_pool_lots p ON p.pool_id = l.account_id AND p.lot = l.lot
                WHERE a.is_pool = 1 AND p.lot IS NULL
                """
            ),
            (
                "has no lot of a number that somebody is said to have put in",
                """
                SELECT DISTINCT p.pool_id FROM points_pool_lots p
                LEFT JOIN points_lots l ON l.account_id = p.pool_id AND l.lot = p.lot WHERE l.lot IS NULL
                """
            ),
            (
                "is over and has points, or is not over and has nobody",
                """
                SELECT DISTINCT p.id FROM points_pools p
                LEFT JOIN points_balances b ON b.account_id = p.id
                    AND (b.available <> 0 OR b.pending <> 0 OR b.held <> 0 OR b.owed <> 0)
                WHERE (p.dissolved_ms IS NOT NULL AND b.account_id IS NOT NULL)
                    OR (p.dissolved_ms IS NULL
                        AND NOT EXISTS (SELECT 1 FROM points_pool_members m WHERE m.pool_id = p.id))
                """
            ),
            (
                "is over and has members, or has not exactly one owner",
                """
                SELECT p.id FROM points_pools p JOIN points_pool_members m ON m.pool_id = p.id
                GROUP BY p.id, p.dissolved_ms HAVING p.dissolved_ms IS NOT NULL OR sum(m.is_owner) <> 1
                """
            ),
            (
                "has a member whose account is closed",
                """
                SELECT DISTINCT m.pool_id FROM points_pool_members m JOIN points_accounts a ON a.id = m.account_id
                WHERE a.closed_ms IS NOT NULL OR a.is_pool = 1
                """
            ),
            (
                "keeps what somebody put in who left",
                """
                SELECT DISTINCT p.pool_id FROM points_pool_lots p
                JOIN points_lots l ON l.account_id = p.pool_id AND l.lot = p.lot AND l.remaining > 0
                LEFT JOIN points_pool_members m ON m.pool_id = p.pool_id AND m.account_id = p.account_id
                WHERE p.account_id <> 0 AND m.account_id IS NULL
                """
            ),
        ]
        return try checks.flatMap { check in
            try connection.query(check.sql + " LIMIT \(PointsVerification.flawsMax)").map {
                PointsVerification.Flaw(account: try $0.int(0), text: "the pool \(check.text)")
            }
        }
    }
}
