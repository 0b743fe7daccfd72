import Storage

/// A campaign: a rule under a name, in versions, with what was counted of it.
package struct CouponDefinition: Sendable, Equatable {
    package var id: Int64
    package var name: String
    package var status: CouponStatus
    package var version: Int64
    package var rule: CouponRule
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    package var createdBy: String
    package var tally: CouponTally

    package var revision: Revision {
        get throws { try Revision(of: [name, status.rawValue, rule.json.text()]) }
    }
}

/// The definitions. A change makes a new version; what is out keeps the version it was issued under.
package enum CouponDefinitions {
    private static let columns = """
        d.id, d.name, d.status, d.version, v.rule, d.created_ms, d.updated_ms, d.created_by, d.issued, d.open_locks, \
        d.taken, d.redeemed, d.discount, d.expired, d.voided
        """
    private static let tables = """
        coupon_definitions d JOIN coupon_versions v ON v.definition_id = d.id AND v.version = d.version
        """

    /// The newest first, with ids below `before`. Throws: `StorageError`.
    package static func list(
        before: Int64 = .max, limit: Int, _ connection: any SQLConnection
    ) throws -> [CouponDefinition] {
        try connection.query(
            """
            SELECT \(raw: columns) FROM \(raw: tables) WHERE d.id < \(before) ORDER BY d.id DESC
            LIMIT \(min(limit, CouponLimits.pageRows))
            """
        ).map(definition)
    }

    /// Throws: `CouponError.definitionNotFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> CouponDefinition {
        let row = try connection.first("SELECT \(raw: columns) FROM \(raw: tables) WHERE d.id = \(id)")
        guard let row else { throw CouponError.definitionNotFound(id) }
        return try definition(row)
    }

    /// The rule of a version. Throws: `CouponError.definitionNotFound`, `StorageError`.
    package static func rule(_ id: Int64, version: Int64, _ connection: any SQLConnection) throws -> CouponRule {
        let row = try connection.first(
            "SELECT rule FROM coupon_versions WHERE definition_id = \(id) AND version = \(version)")
        guard let row else { throw CouponError.definitionNotFound(id) }
        return try CouponRule(stored: row.text(0))
    }

    /// Every version with its moment, the newest first. Throws: `StorageError`.
    package static func versions(
        _ id: Int64, _ connection: any SQLConnection
    ) throws -> [(version: Int64, at: Timestamp, by: String)] {
        try connection.query(
            """
            SELECT version, created_ms, created_by FROM coupon_versions WHERE definition_id = \(id)
            ORDER BY version DESC LIMIT \(CouponLimits.pageRows)
            """
        ).map { (try $0.int(0), Timestamp(milliseconds: try $0.int(1)), try $0.text(2)) }
    }

    /// Throws: `CouponError`, `StorageError`.
    package static func create(
        name: String, _ rule: CouponRule, by actor: String, effects: Effects, _ connection: any SQLConnection
    ) throws -> CouponDefinition {
        let name = try checked(name)
        try rule.validate()
        try connection.lock("coupon_definitions")
        let count = try connection.first("SELECT count(*) FROM coupon_definitions")?.int(0) ?? 0
        guard count < Int64(CouponLimits.definitions) else {
            throw CouponError.tooMany(what: "definitions", limit: Int64(CouponLimits.definitions))
        }
        try refuseTaken(name, besides: 0, connection)
        let (id, now) = (effects.newID(), effects.now().milliseconds)
        try connection.execute(
            """
            INSERT INTO coupon_definitions (id, name, status, version, created_ms, updated_ms, created_by, issued,
                open_locks, taken, redeemed, discount, expired, voided)
            VALUES (\(id), \(name), 'active', 1, \(now), \(now), \(actor), 0, 0, 0, 0, 0, 0, 0)
            """)
        try keep(rule, of: id, version: 1, by: actor, now, connection)
        return try get(id, connection)
    }

    /// Throws: `CouponError`, `StorageError`.
    package static func update(
        _ id: Int64, name: String, _ rule: CouponRule, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> CouponDefinition {
        let name = try checked(name)
        try rule.validate()
        try connection.lock("coupon_definitions")
        let before = try get(id, connection)
        guard before.status != .ended else { throw CouponError.definitionEnded }
        if rule.currency != before.rule.currency, before.tally.issued > 0 {
            throw CouponError.invalid(field: "currency", reason: "cannot change once coupons are out")
        }
        try refuseTaken(name, besides: id, connection)
        let version = before.rule == rule ? before.version : before.version + 1
        if version != before.version {
            try keep(rule, of: id, version: version, by: actor, now.milliseconds, connection)
        }
        try connection.execute(
            """
            UPDATE coupon_definitions SET name = \(name), version = \(version), updated_ms = \(now.milliseconds)
            WHERE id = \(id)
            """)
        return try get(id, connection)
    }

    /// Pauses, resumes, or ends for good. Throws: `CouponError.definitionEnded`, `.definitionNotFound`, `StorageError`.
    package static func set(
        _ status: CouponStatus, _ id: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> CouponDefinition {
        let before = try get(id, connection)
        guard before.status != .ended || status == .ended else { throw CouponError.definitionEnded }
        try connection.execute(
            """
            UPDATE coupon_definitions SET status = \(status.rawValue), updated_ms = \(now.milliseconds)
            WHERE id = \(id)
            """)
        return try get(id, connection)
    }

    /// Throws: `CouponError.inUse` once coupons were issued, `.usedBy` while a definition of people asks for it,
    /// `.definitionNotFound`, `StorageError`.
    package static func delete(_ id: Int64, _ connection: any SQLConnection) throws {
        try connection.lock("coupon_definitions")
        let before = try get(id, connection)
        let hasBatch = try connection.first("SELECT 1 FROM coupon_batches WHERE definition_id = \(id) LIMIT 1") != nil
        guard before.tally.issued == 0, !hasBatch else { throw CouponError.inUse(issued: before.tally.issued) }
        let uses = try usedBy(id, connection)
        guard uses.isEmpty else { throw CouponError.usedBy(uses) }
        try connection.execute("DELETE FROM coupon_versions WHERE definition_id = \(id)")
        try connection.execute("DELETE FROM coupon_definitions WHERE id = \(id)")
    }

    /// Definitions of people that ask for it by name, and journeys that issue it. Throws: `StorageError`.
    package static func usedBy(_ id: Int64, _ connection: any SQLConnection) throws -> [SegmentUse] {
        try DefinitionUses.find(connection) { $0.coupons.contains(id) } + Journeys.uses(of: .coupon(id), connection)
    }

    private static func checked(_ name: String) throws -> String {
        let name = name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard (1...CouponLimits.nameCharacters).contains(name.count) else { throw CouponError.name }
        return name
    }

    private static func refuseTaken(_ name: String, besides id: Int64, _ connection: any SQLConnection) throws {
        let taken = try connection.first("SELECT 1 FROM coupon_definitions WHERE name = \(name) AND id <> \(id)")
        guard taken == nil else { throw CouponError.nameTaken(name) }
    }

    private static func keep(
        _ rule: CouponRule, of id: Int64, version: Int64, by actor: String, _ nowMS: Int64,
        _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO coupon_versions (definition_id, version, rule, created_ms, created_by)
            VALUES (\(id), \(version), \(rule.json.text()), \(nowMS), \(actor))
            """)
    }

    private static func definition(_ row: SQLRow) throws -> CouponDefinition {
        var tally = CouponTally()
        (tally.issued, tally.open, tally.taken) = (try row.int(8), try row.int(9), try row.int(10))
        (tally.redeemed, tally.discount) = (try row.int(11), try row.int(12))
        (tally.expired, tally.voided) = (try row.int(13), try row.int(14))
        return CouponDefinition(
            id: try row.int(0), name: try row.text(1), status: CouponStatus(rawValue: try row.text(2)) ?? .ended,
            version: try row.int(3), rule: try CouponRule(stored: row.text(4)),
            createdAt: Timestamp(milliseconds: try row.int(5)), updatedAt: Timestamp(milliseconds: try row.int(6)),
            createdBy: try row.text(7), tally: tally)
    }
}
