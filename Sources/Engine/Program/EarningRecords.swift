import Storage

/// Reads and writes what the program gave, and the counts that caps are held against.
package enum EarningRecords {
    private static let columns =
        "fact_key, account_id, profile_id, version, name, fact_ms, made_ms, content, grants, waterfall"
    package static let pageMax = 200

    // MARK: Reading

    /// Throws: `StorageError`.
    package static func get(_ key: String, _ connection: any SQLConnection) throws -> EarningRecord? {
        try load([key], connection)[key]
    }

    static func load(_ keys: [String], _ connection: any SQLConnection) throws -> [String: EarningRecord] {
        guard !keys.isEmpty else { return [:] }
        let answers = try connection.queryMany(
            "SELECT \(columns) FROM earning_facts WHERE fact_key = ?", keys.map { [.text($0)] })
        var records: [String: EarningRecord] = [:]
        for row in answers.compactMap(\.first) {
            let record = try record(row)
            records[record.key] = record
        }
        return records
    }

    /// What an award of the ledger was given for. Throws: `StorageError`.
    package static func of(award key: String, _ connection: any SQLConnection) throws -> EarningRecord? {
        let note = try connection.first(
            "SELECT document FROM points_transactions WHERE transaction_key = \("award:" + key)")
        guard let text = try note?.text(0), let fact = try JSONValue(parsing: text)["note"]?["fact"]?.stringValue else {
            return nil
        }
        return try get(fact, connection)
    }

    /// Of one member, the newest first, from before a place in the list. Throws: `StorageError`.
    package static func page(
        of account: Int64, before: (madeMS: Int64, key: String)?, limit: Int, _ connection: any SQLConnection
    ) throws -> [EarningRecord] {
        var condition: SQL = "account_id = \(account)"
        if let before { condition += " AND (made_ms, fact_key) < (\(before.madeMS), \(before.key))" }
        return try connection.query(
            "SELECT \(raw: columns) FROM earning_facts WHERE " + condition
                + " ORDER BY made_ms DESC, fact_key DESC LIMIT \(min(limit, pageMax + 1))"
        ).map(record)
    }

    private static func record(_ row: SQLRow) throws -> EarningRecord {
        EarningRecord(
            key: try row.text(0), account: try row.int(1), profileID: try row.int(2), version: try row.int(3),
            name: try row.text(4), factMS: try row.int(5), madeMS: try row.int(6), content: try row.text(7),
            grants: (try JSONValue(parsing: row.text(8)).arrayValue ?? []).compactMap(EarningRecord.Grant.init(json:)),
            waterfall: (try JSONValue(parsing: row.text(9)).arrayValue ?? []).compactMap(EarningStep.init(json:)))
    }

    // MARK: Writing

    static func save(_ records: [EarningRecord], _ connection: any SQLConnection) throws {
        guard !records.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO earning_facts (fact_key, account_id, profile_id, version, name, fact_ms, made_ms, content,
                grants, waterfall)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (fact_key) DO UPDATE SET account_id = excluded.account_id, profile_id = excluded.profile_id,
                version = excluded.version, content = excluded.content, grants = excluded.grants,
                waterfall = excluded.waterfall
            """,
            records.map { record in
                [
                    .text(record.key), .integer(record.account), .integer(record.profileID), .integer(record.version),
                    .text(record.name), .integer(record.factMS), .integer(record.madeMS), .text(record.content),
                    .text(JSONValue.array(record.grants.map(\.json)).text()),
                    .text(JSONValue.array(record.waterfall.map(\.json)).text()),
                ]
            })
    }

    /// Counts, those of all members locked until the transaction ends; a member's are locked with their account.
    static func uses(_ uses: Set<EarningUse>, _ connection: any SQLConnection) throws -> EarningUses {
        guard !uses.isEmpty else { return EarningUses() }
        let shared = uses.filter { $0.account == 0 }.sorted()
        try connection.executeMany(
            """
            INSERT INTO earning_uses (account_id, rule, currency, period, points, times) VALUES (?, ?, ?, ?, 0, 0)
            ON CONFLICT DO NOTHING
            """, shared.map(key))
        var counts = try read(shared, locking: true, connection)
        counts.merge(try read(uses.filter { $0.account != 0 }.sorted(), locking: false, connection)) { $1 }
        return EarningUses(counts)
    }

    /// The same to look at only.
    static func peek(_ uses: Set<EarningUse>, _ connection: any SQLConnection) throws -> EarningUses {
        EarningUses(try read(uses.sorted(), locking: false, connection))
    }

    private static func read(
        _ uses: [EarningUse], locking: Bool, _ connection: any SQLConnection
    ) throws -> [EarningUse: EarningUses.Count] {
        guard !uses.isEmpty else { return [:] }
        let answers = try connection.queryMany(
            """
            SELECT points, times FROM earning_uses WHERE account_id = ? AND rule = ? AND currency = ? AND period = ?
            """ + (locking ? connection.dialect.forUpdate : ""), uses.map(key))
        var counts: [EarningUse: EarningUses.Count] = [:]
        for (use, rows) in zip(uses, answers) {
            if let row = rows.first { counts[use] = EarningUses.Count(points: try row.int(0), times: try row.int(1)) }
        }
        return counts
    }

    private static func key(_ use: EarningUse) -> [SQLValue] {
        [.integer(use.account), .text(use.rule), .text(use.currency), .text(use.period)]
    }

    static func save(_ uses: EarningUses, _ connection: any SQLConnection) throws {
        guard !uses.changed.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO earning_uses (account_id, rule, currency, period, points, times) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, rule, currency, period) DO UPDATE SET points = excluded.points,
                times = excluded.times
            """,
            uses.changed.sorted().map { use in
                key(use) + [.integer(uses[use].points), .integer(uses[use].times)]
            })
    }

    // MARK: People

    /// Two people are one: what was given to the other was given to the one who stays, and counts for their caps.
    static func follow(_ merges: [MergeRecord], _ connection: any SQLConnection) throws {
        for merge in merges {
            try connection.execute(
                "UPDATE earning_facts SET profile_id = \(merge.winnerID) WHERE profile_id = \(merge.loserID)")
            let accounts = try connection.first(
                "SELECT winner_account, loser_account FROM points_merges WHERE merge_id = \(merge.id)")
            guard let accounts, try accounts.int(0) != accounts.int(1) else { continue }
            let (winner, loser) = (try accounts.int(0), try accounts.int(1))
            try connection.execute("UPDATE earning_facts SET account_id = \(winner) WHERE account_id = \(loser)")
            let counted: SQL = "account_id = \(loser) AND period <> \(EarningUse.streakPeriod)"
            try connection.execute(
                """
                INSERT INTO earning_uses (account_id, rule, currency, period, points, times)
                SELECT \(winner), rule, currency, period, points, times FROM earning_uses WHERE \(counted)
                ON CONFLICT (account_id, rule, currency, period) DO UPDATE SET
                    points = earning_uses.points + excluded.points, times = earning_uses.times + excluded.times
                """)
        }
    }

    /// A merge was undone: what was given for orders that are the other's again is theirs.
    static func part(_ orders: [String], to profileID: Int64, _ connection: any SQLConnection) throws {
        guard !orders.isEmpty else { return }
        let account = try ProgramMembers.of([profileID], connection)[profileID]?.account
        try connection.executeMany(
            "UPDATE earning_facts SET profile_id = ?, account_id = coalesce(CAST(? AS BIGINT), account_id) WHERE fact_key = ?",
            orders.map { [.integer(profileID), account.sqlValue, .text(EarningBatch.key(of: $0))] })
    }

    /// These people were erased: nothing tells any more what they did. Throws: `StorageError`.
    static func forget(_ profileIDs: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM earning_facts WHERE profile_id IN (\(list: profileIDs))")
    }
}
