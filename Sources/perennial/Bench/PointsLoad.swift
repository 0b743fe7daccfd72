import Engine
import Storage

/// Load on the ledger, and the same rows without it.
struct PointsLoad {
    let platform: Platform
    let clients: Int
    private static let firstAccount: Int64 = 1_000
    /// Accounts whose rows are written by hand, which no verification holds for.
    static let bareAccount: Int64 = 9_000_000
    private static let awardAccounts = 10_000
    private static let amount: Int64 = 10

    /// A currency, an account for each client with a few lots, and accounts to award.
    func prepare(lots: Int) async throws {
        let effects = platform.effects
        try await platform.store.write { connection in
            _ = try PointsCurrencies.create(
                PointsCurrency(code: "points", expiry: .rolling(months: 12), noticeDays: [30]), at: effects.now(),
                connection)
        }
        try await open(Self.firstAccount, clients)
        try await open(Self.bareAccount, clients)
        try await open(Self.bareAccount + 100_000, Self.awardAccounts)
        let given = (0..<clients).flatMap { client in
            (0..<5).map { lot in
                Points.Given(
                    account: Self.firstAccount + Int64(client), currency: "points",
                    award: PointsAward(key: "seed\(client)-\(lot)", amount: Int64(lots) * Self.amount))
            }
        }
        _ = try await platform.store.write { try Points.award(given, effects: effects, $0) }
    }

    /// Redemptions a second, a transaction each, of all clients at once.
    func redeem(each count: Int) async throws -> Double {
        try await rate(count) { client, number in
            _ = try await Points.perform(
                .redeem(
                    account: Self.firstAccount + Int64(client), currency: "points", Self.amount,
                    key: "r\(client)-\(number)", note: ["order": "o\(client)-\(number)"]), platform)
        }
    }

    /// The same reads and rows by hand, with texts of the same length: a transaction each, as the store alone does it, or
    /// committed together where our store does that.
    func bare(each count: Int, together: Bool) async throws -> Double {
        let store = platform.store
        let document = String(repeating: "x", count: 620)
        let hash = String(repeating: "0", count: 64)
        let shares = #"[{"amount":10,"lot":1}]"#
        let first = together ? count : 0
        return try await rate(count) { client, place in
            let (id, number) = (Self.bareAccount + Int64(client), first + place)
            let work: @Sendable (any SQLConnection) throws -> Void = { connection in
                let key = "redeem:bare\(client)-\(number)"
                _ = try connection.first("SELECT document FROM points_transactions WHERE transaction_key = \(key)")
                _ = try connection.query("SELECT definition FROM points_currencies")
                _ = try connection.query(
                    "SELECT * FROM points_accounts WHERE id = \(id)\(raw: connection.dialect.forUpdate)")
                _ = try connection.query("SELECT * FROM points_balances WHERE account_id = \(id)")
                _ = try connection.query(
                    "SELECT * FROM points_lots WHERE account_id = \(id) AND (remaining > 0 OR held > 0)")
                _ = try connection.query("SELECT * FROM points_holds WHERE account_id = \(id) AND state = 'open'")
                let sequence = Int64(number) + 1
                try connection.execute(
                    """
                    INSERT INTO points_transactions (account_id, sequence, transaction_key, request_hash, kind, at_ms,
                        currency, change, document, hash)
                    VALUES (\(id), \(sequence), \(key), \(hash), 'redeem', 1, 'bare', -10, \(document), \(hash))
                    """)
                for line in 0..<2 {
                    try connection.execute(
                        """
                        INSERT INTO points_entries (account_id, sequence, line, ledger, currency, lot, amount, at_ms)
                        VALUES (\(id), \(sequence), \(line), 'redeemed', 'bare', 1, \(line == 0 ? -10 : 10), 1)
                        """)
                }
                try connection.execute(
                    """
                    INSERT INTO points_redemptions (redemption_key, account_id, currency, amount, at_ms, shares)
                    VALUES (\(key), \(id), 'bare', 10, 1, \(shares))
                    """)
                try connection.execute("UPDATE points_accounts SET last_ms = \(sequence) WHERE id = \(id)")
                try connection.execute(
                    """
                    INSERT INTO points_balances (account_id, currency, pending, available, held, owed, earned, noticed_ms)
                    VALUES (\(id), 'bare', 0, \(sequence), 0, 0, 0, 0)
                    ON CONFLICT (account_id, currency) DO UPDATE SET available = excluded.available
                    """)
                try connection.execute(
                    """
                    INSERT INTO points_lots (account_id, lot, currency, lot_key, amount, earned_ms, pending, waits_for,
                        remaining, held, reversed, expired, source)
                    VALUES (\(id), 1, 'bare', '', 10, 1, 0, '', 0, 0, 0, 0, '')
                    ON CONFLICT (account_id, lot) DO UPDATE SET expired = points_lots.expired + 1
                    """)
            }
            if together { try await store.write(work) } else { try await store.writeAlone(work) }
        }
    }

    /// Entries a second of awards in batches.
    func award(_ count: Int, batch: Int) async throws -> Double {
        let (effects, store) = (platform.effects, platform.store)
        let began = effects.now()
        for start in stride(from: 0, to: count, by: batch) {
            let given = (start..<min(count, start + batch)).map { number in
                Points.Given(
                    account: Self.bareAccount + 100_000 + Int64(number % Self.awardAccounts), currency: "points",
                    award: PointsAward(key: "a\(number)", amount: 100, source: "rule"))
            }
            _ = try await store.write { try Points.award(given, effects: effects, $0) }
        }
        return Double(count * 2) / seconds(since: began)
    }

    // MARK: -

    private func open(_ first: Int64, _ count: Int) async throws {
        _ = try await platform.store.write { connection in
            try connection.executeMany(
                """
                INSERT INTO points_accounts (id, profile_id, number, opened_ms, sequence, hash, last_ms, lots_opened)
                VALUES (?, ?, ?, 0, 0, ?, 0, 0)
                """,
                (0..<Int64(count)).map { number in
                    let id = first + number
                    return [
                        .integer(id), .integer(id), .text(String(id)), .text(PointsTransaction.firstHash),
                    ]
                })
        }
    }

    private func rate(_ count: Int, _ body: @escaping @Sendable (Int, Int) async throws -> Void) async throws -> Double
    {
        let began = platform.effects.now()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<clients {
                group.addTask { for number in 0..<count { try await body(client, number) } }
            }
            try await group.waitForAll()
        }
        return Double(clients * count) / seconds(since: began)
    }

    private func seconds(since began: Timestamp) -> Double {
        max(0.001, Double(platform.effects.now().milliseconds - began.milliseconds) / 1_000)
    }
}
