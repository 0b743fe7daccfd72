import Storage

/// Coupons out of their tables, each with its rule and the uses that matter.
struct CouponRows {
    /// A coupon as it was loaded, and what its definition says.
    struct Loaded: Sendable {
        var life: CouponLife
        let before: CouponLife
        var status: CouponStatus
        var used: Int64
        /// The codes of its batch were taken back; the sweep reaches them later.
        var isBatchVoided: Bool
    }

    static let columns = """
        id, code, definition_id, version, batch_id, kind, profile_id, state, issued_ms, from_ms, until_ms, amount_left, \
        uses_max, uses, sequence
        """

    static func coupon(_ row: SQLRow) throws -> Coupon {
        var coupon = Coupon(
            id: try row.int(0), code: try row.text(1), definitionID: try row.int(2), version: try row.int(3),
            batchID: try row.int(4), kind: Coupon.Kind(rawValue: try row.text(5)) ?? .personal,
            profileID: try row.int(6), issuedAt: Timestamp(milliseconds: try row.int(8)),
            from: Timestamp(milliseconds: try row.int(9)),
            until: try row.intOrNil(10).map(Timestamp.init(milliseconds:)), left: try row.intOrNil(11),
            usesMax: try row.intOrNil(12))
        coupon.state = Coupon.State(rawValue: try row.text(7)) ?? .voided
        coupon.uses = try row.int(13)
        coupon.sequence = try row.int(14)
        return coupon
    }

    /// Those that meet a condition, ascending, locked until the transaction ends if they are to change. Of a shared code
    /// only the uses of `order` and, up to `over`, the locks that are over come along: it may have very many.
    static func load(
        _ condition: SQL, order: String = "", over: Timestamp? = nil, limit: Int = CouponLimits.couponsPerCart,
        forUpdate: Bool, skipsLocked: Bool = false, _ connection: any SQLConnection
    ) throws -> [Loaded] {
        let dialect = connection.dialect
        let tail = forUpdate ? (skipsLocked ? dialect.forUpdateSkipLocked : dialect.forUpdate) : ""
        let coupons = try connection.query(
            """
            SELECT \(raw: columns) FROM coupons WHERE \(condition) ORDER BY id LIMIT \(limit)\(raw: tail)
            """
        ).map(coupon)
        guard !coupons.isEmpty else { return [] }
        let rules = try rules(of: coupons, connection)
        let standing = try standing(of: coupons, connection)
        let uses = try uses(of: coupons, order: order, over: over, connection)
        let voided = try voidedBatches(of: coupons, connection)
        return try coupons.map { coupon in
            guard let rule = rules[RuleKey(coupon)], let definition = standing[coupon.definitionID] else {
                throw CouponError.definitionNotFound(coupon.definitionID)
            }
            let life = CouponLife(coupon, rule, uses: uses[coupon.id] ?? [])
            return Loaded(
                life: life, before: life, status: definition.status, used: definition.used,
                isBatchVoided: voided.contains(coupon.batchID))
        }
    }

    struct RuleKey: Hashable {
        var definition: Int64
        var version: Int64

        init(_ coupon: Coupon) {
            definition = coupon.definitionID
            version = coupon.version
        }
    }

    /// What the texts of stored rules say: a till asks about the same ones again and again, and reading a text takes longer
    /// than judging the rule. Twice what a workspace has of definitions.
    private static let remembered = DecodedTexts<CouponRule>(limit: 2 * CouponLimits.definitions)

    /// Throws: `CouponError.invalid`, `JSONError` for what cannot be read; `StorageError`.
    static func rules(
        of coupons: [Coupon], _ connection: any SQLConnection
    ) throws -> [RuleKey: CouponRule] {
        let keys = Array(Set(coupons.map(RuleKey.init)))
        let answers = try connection.queryMany(
            "SELECT rule FROM coupon_versions WHERE definition_id = ? AND version = ?",
            keys.map { [.integer($0.definition), .integer($0.version)] })
        var rules: [RuleKey: CouponRule] = [:]
        for (key, rows) in zip(keys, answers) {
            rules[key] = try rows.first.map { try Self.remembered.value(of: $0.text(0)) { try CouponRule(stored: $0) } }
        }
        return rules
    }

    private static func standing(
        of coupons: [Coupon], _ connection: any SQLConnection
    ) throws -> [Int64: (status: CouponStatus, used: Int64)] {
        let ids = Set(coupons.map(\.definitionID)).sorted()
        var found: [Int64: (status: CouponStatus, used: Int64)] = [:]
        for row in try connection.query(
            "SELECT id, status, open_locks + redeemed FROM coupon_definitions WHERE id IN (\(list: ids))")
        {
            found[try row.int(0)] = (CouponStatus(rawValue: try row.text(1)) ?? .ended, try row.int(2))
        }
        return found
    }

    private static func voidedBatches(of coupons: [Coupon], _ connection: any SQLConnection) throws -> Set<Int64> {
        let ids = Set(coupons.map(\.batchID)).subtracting([0]).sorted()
        guard !ids.isEmpty else { return [] }
        return Set(
            try connection.query(
                "SELECT id FROM coupon_batches WHERE id IN (\(list: ids)) AND voided_ms IS NOT NULL"
            ).map { try $0.int(0) })
    }

    private static func uses(
        of coupons: [Coupon], order: String, over: Timestamp?, _ connection: any SQLConnection
    ) throws -> [Int64: [CouponUse]] {
        let own = coupons.filter { $0.kind != .shared && $0.uses + $0.sequence > 0 }.map(\.id)
        let shared = coupons.filter { $0.kind == .shared }.map(\.id)
        var found: [CouponUse] = []
        if !own.isEmpty { found += try uses("coupon_id IN (\(list: own))", connection) }
        if !shared.isEmpty, !order.isEmpty {
            found += try uses("coupon_id IN (\(list: shared)) AND order_key = \(order)", connection)
        }
        if !shared.isEmpty, let over {
            found += try uses(
                "coupon_id IN (\(list: shared)) AND until_ms IS NOT NULL AND until_ms <= \(over.milliseconds)",
                connection
            ).filter { $0.order != order }
        }
        return Dictionary(grouping: found, by: \.couponID)
    }

    /// Uses that meet a condition. Throws: `StorageError`.
    static func uses(_ condition: SQL, _ connection: any SQLConnection) throws -> [CouponUse] {
        try connection.query(
            """
            SELECT coupon_id, order_key, definition_id, profile_id, state, discount, until_ms, at_ms, request_hash
            FROM coupon_uses WHERE \(condition) ORDER BY at_ms, coupon_id LIMIT \(usesMax)
            """
        ).map { row in
            CouponUse(
                couponID: try row.int(0), definitionID: try row.int(2), order: try row.text(1),
                profileID: try row.int(3), state: CouponUse.State(rawValue: try row.text(4)) ?? .returned,
                discount: CouponDiscount(try JSONValue(parsing: row.text(5))),
                lockedUntil: try row.intOrNil(6).map(Timestamp.init(milliseconds:)),
                at: Timestamp(milliseconds: try row.int(7)), request: try row.text(8))
        }
    }

    /// An amount coupon may have served many orders; more than these are not looked at.
    private static let usesMax = 5_000
}

extension CouponDiscount {
    /// Lines as `[id, quantity, amount, returned]`.
    var stored: JSONValue {
        [
            "lines": .array(
                shares.map {
                    [.string($0.line), .integer($0.quantity), .integer($0.amount), .integer($0.returned)]
                }), "shipping": .integer(shipping),
        ]
    }

    init(_ stored: JSONValue) {
        shares = (stored["lines"]?.arrayValue ?? []).map {
            Share(
                line: $0[0]?.stringValue ?? "", quantity: $0[1]?.intValue ?? 0, amount: $0[2]?.intValue ?? 0,
                returned: $0[3]?.intValue ?? 0)
        }
        shipping = stored["shipping"]?.intValue ?? 0
    }
}
