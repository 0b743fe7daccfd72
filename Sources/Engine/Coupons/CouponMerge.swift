import Storage

/// Coupons follow their people, in the transaction of the merge: what one holds and used is the other's. Both counts add
/// up; a limit that is passed by it takes nothing away, it only allows nothing more.
package enum CouponMerge {
    /// Call with merges in the order in which they happened. Throws: `StorageError`.
    static func follow(_ merges: [MergeRecord], at now: Timestamp, _ connection: any SQLConnection) throws {
        for merge in merges {
            try connection.execute(
                """
                INSERT INTO coupon_moves (merge_id, coupon_id, order_key)
                SELECT CAST(\(merge.id) AS BIGINT), id, '' FROM coupons WHERE profile_id = \(merge.loserID)
                """)
            try connection.execute(
                """
                INSERT INTO coupon_moves (merge_id, coupon_id, order_key)
                SELECT CAST(\(merge.id) AS BIGINT), coupon_id, order_key FROM coupon_uses
                WHERE profile_id = \(merge.loserID)
                """)
            let moved = try connection.first("SELECT 1 FROM coupon_moves WHERE merge_id = \(merge.id) LIMIT 1") != nil
            guard moved else { continue }
            try move(merge.id, to: merge.winnerID, at: now, connection)
            try CouponPeople.recount([merge.winnerID, merge.loserID], connection)
        }
    }

    /// The way back: what is still there of what the merge brought. Throws: `StorageError`.
    static func undo(
        _ mergeID: Int64, winner: Int64, loser: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        guard try connection.first("SELECT 1 FROM coupon_moves WHERE merge_id = \(mergeID) LIMIT 1") != nil else {
            return
        }
        try move(mergeID, to: loser, at: now, connection)
        try connection.execute("DELETE FROM coupon_moves WHERE merge_id = \(mergeID)")
        try CouponPeople.recount([winner, loser], connection)
    }

    private static func move(
        _ mergeID: Int64, to profile: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let rows = try connection.query(
            """
            SELECT \(raw: CouponRows.columns) FROM coupons
            WHERE id IN (SELECT coupon_id FROM coupon_moves WHERE merge_id = \(mergeID) AND order_key = '')
            AND profile_id <> 0 ORDER BY id\(raw: connection.dialect.forUpdate)
            """
        ).map(CouponRows.coupon)
        let ids = rows.map { [SQLValue.integer(profile), .integer($0.sequence + 1), .integer($0.id)] }
        try connection.executeMany("UPDATE coupons SET profile_id = ?, sequence = ? WHERE id = ?", ids)
        let rules = try CouponRows.rules(of: rows, connection)
        let lives = rows.compactMap { coupon in
            rules[CouponRows.RuleKey(coupon)].map {
                CouponLife(
                    coupon, $0,
                    written: [CouponEntry(.moved, at: now, profileID: profile, note: "merge:\(mergeID)")])
            }
        }
        try CouponRows.write(lives, by: "identity", connection)
        let uses = try connection.query(
            "SELECT coupon_id, order_key FROM coupon_moves WHERE merge_id = \(mergeID) AND order_key <> ''")
        try connection.executeMany(
            "UPDATE coupon_uses SET profile_id = ? WHERE coupon_id = ? AND order_key = ? AND profile_id <> 0",
            uses.map { [.integer(profile), $0.values[0], $0.values[1]] })
    }

    /// The person was erased: what they hold is void, and nobody's; what they used stays, as nobody's.
    /// Throws: `StorageError`.
    static func forget(_ profiles: [Int64], at now: Timestamp, _ connection: any SQLConnection) throws {
        let held = try CouponRows.load(
            "profile_id IN (\(list: profiles)) AND profile_id <> 0", limit: heldMax, forUpdate: true, connection)
        let lives = held.compactMap { item -> CouponLife? in
            var life = item.life
            for order in life.uses.values.filter({ $0.state == .locked }).map(\.order).sorted() {
                life.release(order, timedOut: false, at: now)
            }
            guard life.coupon.state == .issued else { return life.written.isEmpty ? nil : life }
            do { try life.void(at: now, reason: "erased") } catch { return nil }
            return life
        }
        let changed = held.compactMap { item -> CouponRows.Loaded? in
            guard let life = lives.first(where: { $0.coupon.id == item.life.coupon.id }) else { return nil }
            var item = item
            item.life = life
            return item
        }
        // What is said of it would be about the person.
        _ = try CouponRows.save(changed, by: "erasure", connection)
        try connection.execute(
            """
            UPDATE coupon_history SET profile_id = 0 WHERE profile_id IN (\(list: profiles)) AND coupon_id IN
                (SELECT id FROM coupons WHERE profile_id IN (\(list: profiles))
                UNION SELECT coupon_id FROM coupon_uses WHERE profile_id IN (\(list: profiles)))
            """)
        try connection.execute("UPDATE coupons SET profile_id = 0 WHERE profile_id IN (\(list: profiles))")
        try connection.execute("UPDATE coupon_uses SET profile_id = 0 WHERE profile_id IN (\(list: profiles))")
        try connection.execute("DELETE FROM coupon_people WHERE profile_id IN (\(list: profiles))")
    }

    private static let heldMax = 100_000
}
