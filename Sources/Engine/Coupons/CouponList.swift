import Storage

/// Issued coupons, looked at.
package enum CouponList {
    package struct Shown: Sendable {
        package var coupon: Coupon
        package var rule: CouponRule
        /// Of the definition.
        package var name: String
    }

    /// What a list is narrowed by.
    package struct Filter: Sendable {
        package var profile: Int64?
        package var definition: Int64?
        package var batch: Int64?
        package var state: Coupon.State?

        package init(
            profile: Int64? = nil, definition: Int64? = nil, batch: Int64? = nil, state: Coupon.State? = nil
        ) {
            self.profile = profile
            self.definition = definition
            self.batch = batch
            self.state = state
        }
    }

    /// The newest first, with ids below `before`. Of a definition: those of no batch. Throws: `StorageError`.
    package static func page(
        _ filter: Filter, before: Int64 = .max, limit: Int, _ connection: any SQLConnection
    ) throws -> [Shown] {
        var condition: SQL = "id < \(before)"
        if let profile = filter.profile { condition += " AND profile_id = \(profile) AND profile_id <> 0" }
        if let batch = filter.batch { condition += " AND batch_id = \(batch) AND batch_id <> 0" }
        if let definition = filter.definition {
            condition += " AND definition_id = \(definition)"
            if filter.batch == nil && filter.profile == nil { condition += " AND batch_id = 0" }
        }
        if let state = filter.state { condition += " AND state = \(state.rawValue)" }
        let coupons = try connection.query(
            """
            SELECT \(raw: CouponRows.columns) FROM coupons WHERE \(condition) ORDER BY id DESC
            LIMIT \(min(limit, CouponLimits.pageRows + 1))
            """
        ).map(CouponRows.coupon)
        return try shown(coupons, connection)
    }

    /// Throws: `CouponError.couponNotFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> Shown {
        let row = try connection.first("SELECT \(raw: CouponRows.columns) FROM coupons WHERE id = \(id)")
        guard let row, let found = try shown([try CouponRows.coupon(row)], connection).first else {
            throw CouponError.couponNotFound(String(id))
        }
        return found
    }

    /// The id of a code, as typed; nil: there is none. Throws: `StorageError`.
    package static func id(ofCode code: String, _ connection: any SQLConnection) throws -> Int64? {
        try connection.first("SELECT id FROM coupons WHERE code = \(CouponPattern.normal(code))")?.int(0)
    }

    /// What happened to one coupon, the newest first; `by`: who did it. Throws: `StorageError`.
    package static func history(
        of id: Int64, _ connection: any SQLConnection
    ) throws -> [(sequence: Int64, entry: CouponEntry, by: String)] {
        try connection.query(
            """
            SELECT sequence, kind, at_ms, profile_id, order_key, amount, coupons, note, actor FROM coupon_history
            WHERE coupon_id = \(id) AND coupon_id <> 0 ORDER BY sequence DESC LIMIT \(historyMax)
            """
        ).compactMap { row in
            guard let kind = CouponEntry.Kind(rawValue: try row.text(1)) else { return nil }
            let entry = CouponEntry(
                kind, at: Timestamp(milliseconds: try row.int(2)), profileID: try row.int(3), order: try row.text(4),
                amount: try row.int(5), count: try row.int(6), note: try row.text(7))
            return (try row.int(0), entry, try row.text(8))
        }
    }

    private static let historyMax = 500

    private static func shown(_ coupons: [Coupon], _ connection: any SQLConnection) throws -> [Shown] {
        let rules = try CouponRows.rules(of: coupons, connection)
        var names: [Int64: String] = [:]
        let ids = Set(coupons.map(\.definitionID)).sorted()
        for row in try connection.query("SELECT id, name FROM coupon_definitions WHERE id IN (\(list: ids))") {
            names[try row.int(0)] = try row.text(1)
        }
        return coupons.compactMap { coupon in
            rules[CouponRows.RuleKey(coupon)].map {
                Shown(coupon: coupon, rule: $0, name: names[coupon.definitionID] ?? "")
            }
        }
    }
}

extension CouponPrint.Names {
    /// The names of segments and tiers. Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> CouponPrint.Names {
        let tiers = try TierLadders.current(connection)?.ladder.tiers ?? []
        return CouponPrint.Names(
            segments: try CriteriaWorld.segmentNames(connection),
            tiers: Dictionary(tiers.map { ($0.code, $0.names) }) { first, _ in first })
    }

    /// Of a world that was loaded.
    init(_ world: CriteriaWorld) {
        self.init(segments: world.segments.mapValues(\.name), tiers: world.tiers)
    }
}
