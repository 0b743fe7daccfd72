import Storage

/// Claims on their way between the store and memory.
package enum RewardClaimRows {
    private static let columns = """
        id, claim_key, reward_id, account_id, quantity, currency, points, money, state, delivery, requested_ms,
        changed_ms, pool_id
        """

    /// What is looked for; nil stands for everything.
    package struct Filter: Sendable, Equatable {
        package var states: [RewardClaim.State] = []
        package var reward: Int64?
        package var account: Int64?

        package init(states: [RewardClaim.State] = [], reward: Int64? = nil, account: Int64? = nil) {
            self.states = states
            self.reward = reward
            self.account = account
        }
    }

    /// The newest first, older than `before`, without their steps. Throws: `StorageError`.
    package static func list(
        _ filter: Filter, before: Int64?, limit: Int, _ connection: any SQLConnection
    ) throws -> [RewardClaim] {
        var condition: SQL = "id < \(before ?? .max)"
        if !filter.states.isEmpty { condition += " AND state IN (\(list: filter.states.map(\.rawValue)))" }
        if let reward = filter.reward { condition += " AND reward_id = \(reward)" }
        if let account = filter.account { condition += " AND account_id = \(account)" }
        return try load(condition + " ORDER BY id DESC LIMIT \(limit)", connection)
    }

    /// With its steps. Throws: `RewardError.claimNotFound`, `StorageError`.
    package static func get(
        _ id: Int64, locking: Bool = false, _ connection: any SQLConnection
    ) throws -> RewardClaim {
        let lock = locking ? connection.dialect.forUpdate : ""
        guard var claim = try load("id = \(id)\(raw: lock)", connection).first else {
            throw RewardError.claimNotFound(id)
        }
        claim.steps = try connection.query(
            "SELECT state, actor, note, at_ms FROM reward_steps WHERE claim_id = \(id) ORDER BY step"
        ).map { row in
            RewardClaim.Step(
                state: RewardClaim.State(rawValue: try row.text(0)) ?? .requested, actor: try row.text(1),
                note: try row.text(2), at: Timestamp(milliseconds: try row.int(3)))
        }
        return claim
    }

    /// How many are in each state. Throws: `StorageError`.
    package static func counts(_ connection: any SQLConnection) throws -> [RewardClaim.State: Int64] {
        var counts: [RewardClaim.State: Int64] = [:]
        for row in try connection.query("SELECT state, count(*) FROM reward_claims GROUP BY state") {
            guard let state = RewardClaim.State(rawValue: try row.text(0)) else { continue }
            counts[state] = try row.int(1)
        }
        return counts
    }

    static func keyed(_ key: String, _ connection: any SQLConnection) throws -> (claim: RewardClaim, hash: String)? {
        let row = try connection.first("SELECT id, request_hash FROM reward_claims WHERE claim_key = \(key)")
        guard let row else { return nil }
        return (try get(row.int(0), connection), try row.text(1))
    }

    static func insert(
        _ claim: RewardClaim, _ hash: String, by actor: String, _ connection: any SQLConnection
    ) throws {
        let delivery = JSONValue.object(claim.delivery.mapValues { .string($0) }).text()
        try connection.execute(
            """
            INSERT INTO reward_claims (id, claim_key, request_hash, reward_id, account_id, quantity, currency, points,
                money, state, delivery, requested_ms, changed_ms, pool_id)
            VALUES (\(claim.id), \(claim.key), \(hash), \(claim.rewardID), \(claim.account), \(claim.quantity),
                \(claim.currency), \(claim.points), \(claim.money), \(claim.state.rawValue), \(delivery),
                \(claim.requestedAt.milliseconds), \(claim.changedAt.milliseconds), \(claim.pool.sqlValue))
            """)
        try add(claim, claim.state, note: "", by: actor, at: claim.requestedAt, connection)
    }

    static func advance(
        _ claim: RewardClaim, to state: RewardClaim.State, note: String, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            UPDATE reward_claims SET state = \(state.rawValue), changed_ms = \(now.milliseconds)
            WHERE id = \(claim.id)
            """)
        try add(claim, state, note: note, by: actor, at: now, connection)
    }

    /// The claim as it was read, locked, with its steps so far.
    private static func add(
        _ claim: RewardClaim, _ state: RewardClaim.State, note: String, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO reward_steps (claim_id, step, state, actor, note, at_ms)
            VALUES (\(claim.id), \(claim.steps.count + 1), \(state.rawValue), \(actor), \(note),
                \(now.milliseconds))
            """)
    }

    /// The people are erased: where their rewards went, for whom, and what was noted is deleted; the claims stay as
    /// nobody's. Call while the accounts are still theirs. Throws: `StorageError`.
    static func forget(_ profiles: [Int64], _ connection: any SQLConnection) throws {
        let theirs: SQL = "SELECT id FROM points_accounts WHERE profile_id IN (\(list: profiles))"
        try connection.execute("UPDATE reward_claims SET delivery = '{}' WHERE account_id IN (\(theirs))")
        try connection.execute(
            """
            UPDATE reward_steps SET note = '' WHERE claim_id IN (
                SELECT id FROM reward_claims WHERE account_id IN (\(theirs)))
            """)
    }

    private static func load(_ condition: SQL, _ connection: any SQLConnection) throws -> [RewardClaim] {
        try connection.query("SELECT \(raw: columns) FROM reward_claims WHERE " + condition).map { row in
            let delivery = try JSONValue(parsing: row.text(9)).objectValue ?? [:]
            return RewardClaim(
                id: try row.int(0), key: try row.text(1), rewardID: try row.int(2), account: try row.int(3),
                pool: try row.intOrNil(12), quantity: try row.int(4), currency: try row.text(5), points: try row.int(6),
                money: try row.int(7),
                state: RewardClaim.State(rawValue: try row.text(8)) ?? .requested,
                delivery: delivery.compactMapValues(\.stringValue),
                requestedAt: Timestamp(milliseconds: try row.int(10)),
                changedAt: Timestamp(milliseconds: try row.int(11)), steps: [])
        }
    }
}
