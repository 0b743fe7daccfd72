import Storage

/// Pools on their way between the store and memory.
enum PoolRows {
    struct Membership: Equatable {
        var pool: Int64
        var account: Int64
        var isOwner: Bool
        var maySpend: Bool
        var share: Int64
        var swept: Int64
        var joinedAt: Timestamp
    }

    private static let memberColumns = "pool_id, account_id, is_owner, may_spend, share, swept, joined_ms"
    private static let invitationColumns = "id, pool_id, account_id, state, created_ms, expires_ms, decided_ms"

    // MARK: Members

    /// nil of who is in none. Throws: `StorageError`.
    static func membership(of account: Int64, _ connection: any SQLConnection) throws -> Membership? {
        try connection.first(
            "SELECT \(raw: memberColumns) FROM points_pool_members WHERE account_id = \(account)"
        ).map(membership)
    }

    /// Who joined first comes first. Throws: `StorageError`.
    static func members(of pool: Int64, _ connection: any SQLConnection) throws -> [Membership] {
        try connection.query(
            """
            SELECT \(raw: memberColumns) FROM points_pool_members WHERE pool_id = \(pool)
            ORDER BY joined_ms, account_id
            """
        ).map(membership)
    }

    /// Members whose account did something since their share was looked at. Throws: `StorageError`.
    static func unswept(limit: Int, _ connection: any SQLConnection) throws -> [Membership] {
        try connection.query(
            """
            SELECT \(raw: memberColumns.split(separator: ", ").map { "m." + $0 }.joined(separator: ", "))
            FROM points_pool_members m JOIN points_accounts a ON a.id = m.account_id
            WHERE m.share > 0 AND a.sequence > m.swept ORDER BY m.account_id LIMIT \(limit)
            """
        ).map(membership)
    }

    static func insert(_ member: Membership, _ connection: any SQLConnection) throws {
        let isNew = try connection.execute(
            """
            INSERT INTO points_pool_members (account_id, pool_id, is_owner, may_spend, share, swept, joined_ms)
            VALUES (\(member.account), \(member.pool), \(member.isOwner), \(member.maySpend), \(member.share),
                \(member.swept), \(member.joinedAt.milliseconds)) ON CONFLICT DO NOTHING
            """)
        guard isNew == 1 else { throw PoolError.inPool }
    }

    static func update(_ member: Membership, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE points_pool_members SET is_owner = \(member.isOwner), may_spend = \(member.maySpend),
                share = \(member.share), swept = \(member.swept) WHERE account_id = \(member.account)
            """)
    }

    static func remove(_ account: Int64, _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM points_pool_members WHERE account_id = \(account)")
    }

    /// The membership changes hands, with two people who are one, or two again.
    static func hand(
        _ account: Int64, to other: Int64, swept: Int64, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            UPDATE points_pool_members SET account_id = \(other), swept = \(swept) WHERE account_id = \(account)
            """)
    }

    private static func membership(_ row: SQLRow) throws -> Membership {
        Membership(
            pool: try row.int(0), account: try row.int(1), isOwner: try row.bool(2), maySpend: try row.bool(3),
            share: try row.int(4), swept: try row.int(5), joinedAt: Timestamp(milliseconds: try row.int(6)))
    }

    // MARK: Lots

    /// Notes who put lots in.
    static func note(
        _ lots: [Int64], of account: Int64, in pool: Int64, _ connection: any SQLConnection
    ) throws {
        try connection.executeMany(
            "INSERT INTO points_pool_lots (pool_id, lot, account_id) VALUES (?, ?, ?)",
            lots.map { [.integer(pool), .integer($0), .integer(account)] })
    }

    /// By lot, of those asked for. Throws: `StorageError`.
    static func contributors(
        of lots: some Sequence<Int64>, in pool: Int64, _ connection: any SQLConnection
    ) throws -> [Int64: Int64] {
        let lots = Set(lots).sorted()
        let rows = try connection.queryMany(
            "SELECT account_id FROM points_pool_lots WHERE pool_id = ? AND lot = ?",
            lots.map { [.integer(pool), .integer($0)] })
        return try zip(lots, rows).reduce(into: [:]) { found, pair in
            if let row = pair.1.first { found[pair.0] = try row.int(0) }
        }
    }

    /// Lots that a member put in and of which something is left, or with `all` every one. Throws: `StorageError`.
    static func lots(
        of account: Int64, in pool: Int64, all: Bool = false, _ connection: any SQLConnection
    ) throws -> Set<Int64> {
        let open: SQL = all ? "" : " AND l.remaining > 0"
        return Set(
            try connection.query(
                """
                SELECT p.lot FROM points_pool_lots p JOIN points_lots l ON l.account_id = p.pool_id AND l.lot = p.lot
                WHERE p.pool_id = \(pool) AND p.account_id = \(account)
                """ + open
            ).map { try $0.int(0) })
    }

    /// What is left of what each put in, by currency. Throws: `StorageError`.
    static func left(in pool: Int64, _ connection: any SQLConnection) throws -> [Int64: [String: Int64]] {
        var left: [Int64: [String: Int64]] = [:]
        let rows = try connection.query(
            """
            SELECT p.account_id, l.currency, CAST(sum(l.remaining) AS BIGINT) FROM points_pool_lots p
            JOIN points_lots l ON l.account_id = p.pool_id AND l.lot = p.lot
            WHERE p.pool_id = \(pool) AND l.remaining > 0 GROUP BY p.account_id, l.currency
            """)
        for row in rows { left[try row.int(0), default: [:]][try row.text(1)] = try row.int(2) }
        return left
    }

    // MARK: Pools

    /// Name, making and end. Throws: `PoolError.notFound`, `StorageError`.
    static func head(
        _ pool: Int64, _ connection: any SQLConnection
    ) throws -> (name: String, createdAt: Timestamp, dissolvedAt: Timestamp?) {
        let row = try connection.first(
            "SELECT name, created_ms, dissolved_ms FROM points_pools WHERE id = \(pool)")
        guard let row else { throw PoolError.notFound(pool) }
        return (
            try row.text(0), Timestamp(milliseconds: try row.int(1)),
            try row.intOrNil(2).map { Timestamp(milliseconds: $0) }
        )
    }

    static func keyed(_ key: String, _ connection: any SQLConnection) throws -> (pool: Int64, hash: String)? {
        try connection.first("SELECT id, request_hash FROM points_pools WHERE pool_key = \(key)").map {
            (try $0.int(0), try $0.text(1))
        }
    }

    // MARK: Invitations

    static func invitation(_ id: Int64, _ connection: any SQLConnection) throws -> PoolInvitation {
        let row = try connection.first(
            "SELECT \(raw: invitationColumns) FROM points_pool_invitations WHERE id = \(id)")
        guard let row else { throw PoolError.invitationNotFound(id) }
        return try invitation(row)
    }

    /// The newest first. Throws: `StorageError`.
    static func invitations(_ condition: SQL, _ connection: any SQLConnection) throws -> [PoolInvitation] {
        try connection.query(
            "SELECT \(raw: invitationColumns) FROM points_pool_invitations WHERE " + condition
                + " ORDER BY id DESC LIMIT \(PoolLimits.invitationsShown)"
        ).map(invitation)
    }

    private static func invitation(_ row: SQLRow) throws -> PoolInvitation {
        PoolInvitation(
            id: try row.int(0), pool: try row.int(1), account: try row.int(2),
            state: PoolInvitation.State(rawValue: try row.text(3)) ?? .withdrawn,
            createdAt: Timestamp(milliseconds: try row.int(4)), expiresAt: Timestamp(milliseconds: try row.int(5)),
            decidedAt: try row.intOrNil(6).map { Timestamp(milliseconds: $0) })
    }
}
