import Storage

/// The catalogue of what points buy. Claims on it are `RewardClaims`.
///
/// Invariants: what is left of a stock is never below zero; what was claimed is priced by the definition of that moment;
/// a reward that was claimed is withdrawn, never deleted.
package enum Rewards {
    private static let columns = "id, definition, stock, claimed, is_offered, created_ms, updated_ms"

    /// The newest first. Throws: `StorageError`.
    package static func list(onlyOffered: Bool = false, _ connection: any SQLConnection) throws -> [Reward] {
        let condition: SQL = onlyOffered ? " WHERE is_offered = 1" : ""
        return try connection.query(
            "SELECT \(raw: columns) FROM rewards" + condition + " ORDER BY id DESC LIMIT \(RewardLimits.rewards)"
        ).map(reward)
    }

    /// Throws: `RewardError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> Reward {
        let row = try connection.first("SELECT \(raw: columns) FROM rewards WHERE id = \(id)")
        guard let row else { throw RewardError.notFound(id) }
        return try reward(row)
    }

    /// Offered from now on. Throws: `RewardError`, `PointsError.unknownCurrency`, `.notSpendable`, `StorageError`.
    package static func create(
        _ definition: RewardDefinition, stock: Int64?, by actor: String, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Reward {
        try check(definition, connection)
        guard stock.map({ (0...RewardLimits.stockMax).contains($0) }) ?? true else {
            throw RewardError.invalid(field: "stock", reason: "must be 0 to \(RewardLimits.stockMax)")
        }
        try connection.lock("rewards")
        let count = try connection.first("SELECT count(*) FROM rewards")?.int(0) ?? 0
        guard count < Int64(RewardLimits.rewards) else { throw RewardError.tooMany(limit: RewardLimits.rewards) }
        let (id, now) = (effects.newID(), effects.now())
        try connection.execute(
            """
            INSERT INTO rewards (id, definition, stock, claimed, is_offered, created_ms, updated_ms)
            VALUES (\(id), \(try StoredDocument.text(definition)), \(stock.sqlValue), 0, 1, \(now.milliseconds),
                \(now.milliseconds))
            """)
        try note("create", id, definition, by: actor, at: now, connection)
        return try get(id, connection)
    }

    /// For claims from now on. Throws: as `create`.
    package static func update(
        _ id: Int64, _ definition: RewardDefinition, isOffered: Bool, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Reward {
        try check(definition, connection)
        _ = try get(id, connection)
        try connection.execute(
            """
            UPDATE rewards SET definition = \(try StoredDocument.text(definition)), is_offered = \(isOffered),
                updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        try note("update", id, definition, by: actor, at: now, connection)
        return try get(id, connection)
    }

    /// So many more are there, or fewer; a stock that was not counted begins with it. Throws: `RewardError.stock`,
    /// `.notFound`, `StorageError`.
    package static func changeStock(
        _ id: Int64, by amount: Int64, actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Reward {
        guard (-RewardLimits.stockMax...RewardLimits.stockMax).contains(amount) else {
            throw RewardError.invalid(field: "amount", reason: "must be at most \(RewardLimits.stockMax)")
        }
        let before = try get(id, connection)
        let changed = try connection.execute(
            """
            UPDATE rewards SET stock = coalesce(stock, 0) + \(amount), updated_ms = \(now.milliseconds)
            WHERE id = \(id) AND coalesce(stock, 0) + \(amount) BETWEEN 0 AND \(RewardLimits.stockMax)
            """)
        guard changed == 1 else { throw RewardError.stock(left: before.stock ?? 0) }
        try AuditLog.append(
            actor: actor, action: "reward.stock", subject: "reward:\(id)", detail: String(amount), connection, at: now)
        return try get(id, connection)
    }

    /// Throws: `RewardError.inUse`, `.notFound`, `StorageError`.
    package static func delete(
        _ id: Int64, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let reward = try get(id, connection)
        guard try connection.first("SELECT 1 FROM reward_claims WHERE reward_id = \(id) LIMIT 1") == nil else {
            throw RewardError.inUse
        }
        try connection.execute("DELETE FROM rewards WHERE id = \(id)")
        try note("delete", id, reward.definition, by: actor, at: now, connection)
    }

    private static func check(_ definition: RewardDefinition, _ connection: any SQLConnection) throws {
        try definition.validate()
        guard let currency = try PointsCurrencies.stored(definition.currency, connection)?.currency else {
            throw PointsError.unknownCurrency(definition.currency)
        }
        guard currency.isSpendable else { throw PointsError.notSpendable(currency: currency.code) }
    }

    private static func note(
        _ verb: String, _ id: Int64, _ definition: RewardDefinition, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try AuditLog.append(
            actor: actor, action: "reward.\(verb)", subject: "reward:\(id)", detail: definition.name("en"),
            connection, at: now)
    }

    private static func reward(_ row: SQLRow) throws -> Reward {
        Reward(
            id: try row.int(0), definition: try StoredDocument.value(RewardDefinition.self, from: row.text(1)),
            stock: try row.intOrNil(2), claimed: try row.int(3), isOffered: try row.bool(4),
            createdAt: Timestamp(milliseconds: try row.int(5)), updatedAt: Timestamp(milliseconds: try row.int(6)))
    }
}
