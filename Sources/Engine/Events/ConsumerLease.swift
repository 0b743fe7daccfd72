import Storage

/// One process's hold on the shards of the log for one consumer (`processor`, `archiver`).
///
/// A shard belongs to the process whose name stands in its row until the lease runs out. Every batch locks and reads
/// its rows inside its own transaction, so a process that lost its lease finds nothing to advance: that is the fence.
struct ConsumerLease: Sendable {
    let consumer: String
    let owner: String
    let shards: Int64

    /// How long a shard stays with a process that has stopped answering.
    static let leaseMilliseconds: Int64 = 10_000
    /// A process that has not been heard of for this long does not count when shards are shared out.
    static let livenessMilliseconds: Int64 = 6_000

    /// Makes the rows of a new consumer. Idempotent.
    func prepare(_ connection: any SQLConnection) throws {
        let rows = (0..<shards).map { shard -> [SQLValue] in [consumer.sqlValue, shard.sqlValue] }
        try connection.executeMany(
            """
            INSERT INTO log_consumers (consumer, shard, position, planned, owner, fence, lease_expires_ms) \
            VALUES (?, ?, 0, 0, '', 0, 0) ON CONFLICT DO NOTHING
            """, rows)
    }

    /// Says that this process lives, takes its fair share of free shards and gives back what is beyond it.
    func balance(_ connection: any SQLConnection, now: Timestamp) throws {
        try connection.execute(
            """
            INSERT INTO live_processes (owner, role, seen_ms) VALUES (\(owner), \(consumer), \(now.milliseconds)) \
            ON CONFLICT (owner, role) DO UPDATE SET seen_ms = excluded.seen_ms
            """)
        // Also whom a clock that went back since has seen in what is now the future.
        try connection.execute(
            """
            DELETE FROM live_processes WHERE seen_ms < \(now.milliseconds - 10 * Self.livenessMilliseconds)
                OR seen_ms > \(now.milliseconds + 10 * Self.livenessMilliseconds)
            """)
        let living =
            try connection.first(
                """
                SELECT count(*) FROM live_processes \
                WHERE role = \(consumer) AND seen_ms >= \(now.milliseconds - Self.livenessMilliseconds)
                """)?.int(0) ?? 1
        // SQLite has one process by design: a lease left by a killed one is taken over at once.
        let sharing = connection.dialect == .postgresql
        let share = sharing ? (shards + max(living, 1) - 1) / max(living, 1) : shards
        let held = try shardsHeld(connection)
        if Int64(held.count) > share {
            try release(Array(held.dropFirst(Int(share))), connection)
        } else if Int64(held.count) < share {
            try claim(Int(share) - held.count, stealing: !sharing, now: now, connection)
        }
    }

    /// The shards held and how far each has come, locked until the transaction ends.
    func locked(_ connection: any SQLConnection) throws -> [HeldShard] {
        try held(connection, lock: connection.dialect.forUpdate)
    }

    /// The shards held and how far each had come in this snapshot.
    func held(_ connection: any SQLConnection) throws -> [HeldShard] {
        try held(connection, lock: "")
    }

    private func held(_ connection: any SQLConnection, lock: String) throws -> [HeldShard] {
        let sql: SQL = """
            SELECT shard, position, planned FROM log_consumers WHERE consumer = \(consumer) AND owner = \(owner) \
            ORDER BY shard\(raw: lock)
            """
        return try connection.query(sql).map {
            HeldShard(shard: try $0.int(0), position: try $0.int(1), planned: try $0.int(2))
        }
    }

    /// Moves every held shard that is behind it to a position, never one back, and renews the lease.
    ///
    /// A shard taken over from another process may be ahead of the others: moving it back would apply events again.
    func advance(to position: Int64, planned: Int64? = nil, now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE log_consumers SET \
            position = CASE WHEN position < \(position) THEN \(position) ELSE position END, \
            planned = \(planned ?? position), lease_expires_ms = \(now.milliseconds + Self.leaseMilliseconds) \
            WHERE consumer = \(consumer) AND owner = \(owner)
            """)
    }

    /// Gives everything back, so that another process takes over at once.
    func releaseAll(_ connection: any SQLConnection) throws {
        try release(try shardsHeld(connection), connection)
        try connection.execute("DELETE FROM live_processes WHERE owner = \(owner) AND role = \(consumer)")
    }

    private func shardsHeld(_ connection: any SQLConnection) throws -> [Int64] {
        try connection.query(
            "SELECT shard FROM log_consumers WHERE consumer = \(consumer) AND owner = \(owner) ORDER BY shard"
        ).map { try $0.int(0) }
    }

    private func release(_ shards: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE log_consumers SET owner = '', lease_expires_ms = 0, fence = fence + 1 \
            WHERE consumer = \(consumer) AND owner = \(owner) AND shard IN (\(list: shards))
            """)
    }

    private func claim(_ count: Int, stealing: Bool, now: Timestamp, _ connection: any SQLConnection) throws {
        let expiry: SQL = stealing ? "" : " AND \(LeaseClock.isOver(Self.leaseMilliseconds, at: now))"
        let free = try connection.query(
            """
            SELECT shard FROM log_consumers WHERE consumer = \(consumer) AND owner <> \(owner)\(expiry) \
            ORDER BY shard LIMIT \(count)\(raw: connection.dialect.forUpdateSkipLocked)
            """
        ).map { try $0.int(0) }
        try connection.execute(
            """
            UPDATE log_consumers SET owner = \(owner), fence = fence + 1, \
            lease_expires_ms = \(now.milliseconds + Self.leaseMilliseconds) \
            WHERE consumer = \(consumer) AND shard IN (\(list: free))
            """)
    }
}

/// A leased shard and its checkpoint.
struct HeldShard: Sendable, Equatable {
    var shard: Int64
    /// Everything up to here is done.
    var position: Int64
    /// Where the range in flight ends.
    var planned: Int64
}
