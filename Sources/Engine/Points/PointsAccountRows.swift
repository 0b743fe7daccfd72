import Storage

/// Accounts on their way between the store and memory.
enum PointsAccountRows {
    /// How much of an account a command needs.
    enum Depth {
        /// Balances, without lots: enough for an award that nothing is due before.
        case balances
        /// Also lots with something in them, and open holds.
        case open
        /// All lots, holds and redemptions there ever were.
        case everything
    }

    private static let lotColumns = """
        lot, currency, lot_key, amount, earned_ms, pending, available_ms, waits_for, expires_ms, remaining, held,
        reversed, expired, source
        """

    struct Loaded {
        var account: PointsAccount
        var dueMS: Int64?
        var depth: Depth
        var profileID: Int64
        var number: String
        /// Of a household (`PointsPools`), nobody's own.
        var isPool = false
    }

    /// Reads accounts and, unless only to look, locks them in the order of their ids; unknown ids are missing.
    /// - Parameter program: the one in force, where it is known already.
    static func load(
        _ ids: [Int64], _ depth: Depth, locking: Bool = true, by program: PointsProgram? = nil,
        _ connection: any SQLConnection
    ) throws -> [Int64: Loaded] {
        let ids = Set(ids).sorted()
        let lock = locking ? connection.dialect.forUpdate : ""
        let rows = try connection.queryMany(
            """
            SELECT id, sequence, hash, last_ms, lots_opened, due_ms, closed_ms, profile_id, number, is_pool
            FROM points_accounts WHERE id = ?\(lock)
            """, ids.map { [.integer($0)] })
        var open: Timestamp?
        if let program {
            open = program.openFrom
        } else if locking {
            open = try PointsHeads.open(connection)
        }
        var loaded: [Int64: Loaded] = [:]
        for row in rows.compactMap(\.first) {
            var account = PointsAccount(id: try row.int(0))
            account.sequence = try row.int(1)
            account.hash = try row.text(2)
            let last = Timestamp(milliseconds: try row.int(3))
            account.lastAt = max(last, open ?? last)
            account.lotsOpened = try row.int(4)
            account.isClosed = try row.intOrNil(6) != nil
            loaded[account.id] = Loaded(
                account: account, dueMS: try row.intOrNil(5), depth: .balances, profileID: try row.int(7),
                number: try row.text(8), isPool: try row.bool(9))
        }
        switch depth {
        case .balances: try loadBalances(&loaded, connection)
        case .open: try loadOpen(&loaded, connection)
        case .everything:
            try loadBalances(&loaded, connection)
            for id in loaded.keys.sorted() {
                guard var one = loaded[id] else { continue }
                try deepen(&one, depth, connection)
                loaded[id] = one
            }
        }
        return loaded
    }

    private static func loadBalances(_ loaded: inout [Int64: Loaded], _ connection: any SQLConnection) throws {
        let found = loaded.keys.sorted()
        let balances = try connection.queryMany(
            """
            SELECT currency, pending, available, held, owed, earned, inactive_ms, noticed_ms FROM points_balances
            WHERE account_id = ?
            """, found.map { [.integer($0)] })
        for (id, rows) in zip(found, balances) {
            for row in rows { loaded[id]?.account.balances[try row.text(0)] = try balance(row) }
        }
    }

    /// Balances, lots and holds in one statement: each would be a round trip more of every command. What a balance and a
    /// hold have comes in the columns of a lot.
    private static let openRows = """
        SELECT \(lotColumns), 'lot' AS what FROM points_lots WHERE account_id = ? AND (remaining > 0 OR held > 0)
        UNION ALL
        SELECT 0, currency, '', pending, available, held, inactive_ms, '', noticed_ms, owed, earned, 0, 0, '',
            'balance' FROM points_balances WHERE account_id = ?
        UNION ALL
        SELECT 0, currency, hold_key, amount, captured, 0, until_ms, shares, 0, 0, 0, 0, 0, state, 'hold'
            FROM points_holds WHERE account_id = ? AND state = 'open'
        """

    private static func loadOpen(_ loaded: inout [Int64: Loaded], _ connection: any SQLConnection) throws {
        let found = loaded.keys.sorted()
        let answers = try connection.queryMany(
            openRows, found.map { [.integer($0), .integer($0), .integer($0)] })
        for (id, rows) in zip(found, answers) {
            guard var one = loaded.removeValue(forKey: id) else { continue }
            one.depth = .open
            for row in rows {
                switch try row.text(14) {
                case "lot":
                    let lot = try lot(row)
                    one.account.lots[lot.number] = lot
                case "balance": one.account.balances[try row.text(1)] = try openBalance(row)
                default:
                    let hold = try openHold(row)
                    one.account.holds[hold.key] = hold
                }
            }
            loaded[id] = one
        }
    }

    static func deepen(_ loaded: inout Loaded, _ depth: Depth, _ connection: any SQLConnection) throws {
        let id = loaded.account.id
        let openLots: SQL = depth == .open ? " AND (remaining > 0 OR held > 0)" : ""
        let openHolds: SQL = depth == .open ? " AND state = 'open'" : ""
        let lots = try connection.query(
            "SELECT \(raw: lotColumns) FROM points_lots WHERE account_id = \(id)" + openLots)
        for row in lots {
            let lot = try lot(row)
            loaded.account.lots[lot.number] = lot
        }
        let holds = try connection.query(
            """
            SELECT hold_key, currency, amount, captured, shares, until_ms, state FROM points_holds
            WHERE account_id = \(id)
            """ + openHolds)
        for row in holds {
            let hold = try hold(row)
            loaded.account.holds[hold.key] = hold
        }
        if depth == .everything {
            for row in try redemptions("account_id = \(id)", connection) {
                loaded.account.redemptions[row.redemption.key] = row.redemption
            }
        }
        loaded.depth = depth
    }

    /// The account that an award was given to, and its lot, wherever a merge has taken it.
    static func lot(award key: String, _ connection: any SQLConnection) throws -> (account: Int64, lot: Int64)? {
        try connection.first("SELECT account_id, lot FROM points_lots WHERE lot_key = \(key)").map {
            (try $0.int(0), try $0.int(1))
        }
    }

    static func lot(_ number: Int64, of account: Int64, _ connection: any SQLConnection) throws -> PointsLot? {
        try connection.first(
            "SELECT \(raw: lotColumns) FROM points_lots WHERE account_id = \(account) AND lot = \(number)"
        ).map { try lot($0) }
    }

    /// Lots of an account, the newest first. Throws: `StorageError`.
    static func lots(
        of account: Int64, currency: String?, onlyOpen: Bool, limit: Int, _ connection: any SQLConnection
    ) throws -> [PointsLot] {
        var condition: SQL = "account_id = \(account)"
        if let currency { condition += " AND currency = \(currency)" }
        if onlyOpen { condition += " AND (remaining > 0 OR held > 0)" }
        return try connection.query(
            "SELECT \(raw: lotColumns) FROM points_lots WHERE " + condition + " ORDER BY lot DESC LIMIT \(limit)"
        ).map { try lot($0) }
    }

    static func hold(_ key: String, _ connection: any SQLConnection) throws -> (account: Int64, hold: PointsHold)? {
        try connection.first(
            """
            SELECT hold_key, currency, amount, captured, shares, until_ms, state, account_id FROM points_holds
            WHERE hold_key = \(key)
            """
        ).map { (try $0.int(7), try hold($0)) }
    }

    static func redemptions(
        _ condition: SQL, _ connection: any SQLConnection
    ) throws -> [(account: Int64, redemption: PointsRedemption)] {
        try connection.query(
            "SELECT redemption_key, currency, amount, at_ms, shares, account_id FROM points_redemptions WHERE "
                + condition
        ).map { row in
            (
                try row.int(5),
                PointsRedemption(
                    key: try row.text(0), currency: try row.text(1), amount: try row.int(2),
                    at: Timestamp(milliseconds: try row.int(3)),
                    shares: try PointsShare.list(parsing: try row.text(4)))
            )
        }
    }

    // MARK: Rows

    private static func balance(_ row: SQLRow) throws -> PointsBalance {
        var balance = PointsBalance()
        balance.pending = try row.int(1)
        balance.available = try row.int(2)
        balance.held = try row.int(3)
        balance.owed = try row.int(4)
        balance.earned = try row.int(5)
        balance.inactiveAt = try row.intOrNil(6).map { Timestamp(milliseconds: $0) }
        balance.noticedTo = Timestamp(milliseconds: try row.int(7))
        return balance
    }

    private static func openBalance(_ row: SQLRow) throws -> PointsBalance {
        var balance = PointsBalance()
        balance.pending = try row.int(3)
        balance.available = try row.int(4)
        balance.held = try row.int(5)
        balance.inactiveAt = try row.intOrNil(6).map { Timestamp(milliseconds: $0) }
        balance.noticedTo = Timestamp(milliseconds: try row.int(8))
        balance.owed = try row.int(9)
        balance.earned = try row.int(10)
        return balance
    }

    private static func openHold(_ row: SQLRow) throws -> PointsHold {
        PointsHold(
            key: try row.text(2), currency: try row.text(1), amount: try row.int(3), captured: try row.int(4),
            shares: try PointsShare.list(parsing: try row.text(7)), until: Timestamp(milliseconds: try row.int(6)),
            state: PointsHold.State(rawValue: try row.text(13)) ?? .released)
    }

    private static func lot(_ row: SQLRow) throws -> PointsLot {
        PointsLot(
            number: try row.int(0), currency: try row.text(1), key: try row.text(2), amount: try row.int(3),
            earnedAt: Timestamp(milliseconds: try row.int(4)), isPending: try row.bool(5),
            availableAt: try row.intOrNil(6).map { Timestamp(milliseconds: $0) }, waitsFor: try row.text(7),
            expiresAt: try row.intOrNil(8).map { Timestamp(milliseconds: $0) }, remaining: try row.int(9),
            held: try row.int(10), reversed: try row.int(11), expired: try row.int(12), source: try row.text(13))
    }

    private static func hold(_ row: SQLRow) throws -> PointsHold {
        PointsHold(
            key: try row.text(0), currency: try row.text(1), amount: try row.int(2), captured: try row.int(3),
            shares: try PointsShare.list(parsing: try row.text(4)), until: Timestamp(milliseconds: try row.int(5)),
            state: PointsHold.State(rawValue: try row.text(6)) ?? .released)
    }
}
