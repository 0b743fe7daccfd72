import Storage

/// What orders do with coupons: lock, redeem, let go, give back.
package enum CouponOrders {
    /// What became of each coupon; `isRepeat`: the answer of the first time, nothing was done now.
    package struct Answer: Sendable {
        package var uses: [(coupon: Coupon, use: CouponUse)]
        package var isRepeat: Bool
        /// What is to be said and is not in the log yet.
        var told: [SystemEvent] = []
    }

    /// A refusal that is to be counted is committed before it is thrown.
    enum Outcome: Sendable {
        case done(Answer)
        case refused([CouponError.Refused])
    }

    /// Reserves coupons for an order, all or none. Again for the same order: anew, for another cart or longer.
    /// Throws: `CouponError`, `ProfileError`, `StorageError`.
    package static func lock(
        _ question: Coupons.Question, seconds: Int64, by caller: CouponCaller, _ platform: Platform
    ) async throws -> Answer {
        guard (1...CouponLimits.lockSecondsMax).contains(seconds) else {
            throw CouponError.lockSeconds(max: CouponLimits.lockSecondsMax)
        }
        let codes = try check(question, at: platform.effects.now())
        let effects = platform.effects
        return try settled(
            try await platform.store.write { connection in
                let now = effects.now()
                let outcome = try decide(question, codes, by: caller, at: now, connection) { life, discount, person in
                    life.lock(
                        question.order, discount, by: person, until: now.adding(milliseconds: seconds * 1_000),
                        request: "", at: now)
                }
                return try said(outcome, at: now, effects, connection)
            })
    }

    /// Uses coupons for an order, all or none: as locked where no cart is told, or as they apply to the cart. Again with
    /// the same cart: the answer of the first time. Throws: `CouponError`, `ProfileError`, `StorageError`.
    package static func redeem(
        order: String, codes: [String], profile: Int64?, cart: CouponCart?, by caller: CouponCaller,
        _ platform: Platform
    ) async throws -> Answer {
        let effects = platform.effects
        let request = fingerprint(order, profile, cart)
        let codes = try Coupons.normal(codes)
        guard (1...CouponLimits.couponsPerOrder).contains(codes.count) else {
            throw CouponError.tooMany(what: "coupons of one order", limit: Int64(CouponLimits.couponsPerOrder))
        }
        try check(key: order)
        if let cart {
            let question = Coupons.Question(codes: codes, profile: profile, cart: cart, order: order)
            _ = try check(question, at: nil)
            return try settled(
                try await platform.store.write { connection in
                    let now = effects.now()
                    try turn(order, connection)
                    if let first = try repeated(order, codes, request, connection) { return .done(first) }
                    try cart.check(at: now)
                    let outcome = try decide(question, codes, by: caller, at: now, connection) {
                        $0.redeem(order, $1, by: $2, request: request, at: now)
                    }
                    return try said(outcome, at: now, effects, connection)
                })
        }
        return try settled(
            try await platform.store.write { connection in
                try turn(order, connection)
                if let first = try repeated(order, codes, request, connection) { return .done(first) }
                return try redeemLocked(order, codes, request, by: caller.actor, effects, connection)
            })
    }

    /// Lets the locks of an order go: all, or those of some codes. Without any it does nothing, so a retry is harmless.
    /// Throws: `StorageError`.
    package static func release(
        order: String, codes: [String]?, by caller: String, _ platform: Platform
    ) async throws -> Answer {
        let effects = platform.effects
        let codes = try codes.map(Coupons.normal)
        return try await platform.store.write { connection in
            let now = effects.now()
            try turn(order, connection)
            var loaded = try load(order, state: .locked, connection)
                .filter { codes?.contains($0.life.coupon.code) ?? true }
            for index in loaded.indices { loaded[index].life.release(order, timedOut: false, at: now) }
            return try said(save(loaded, order, by: caller, connection), at: now, effects, connection)
        }
    }

    /// Gives back what an order used: all of it, or pieces of lines. `key` is the return's own: the same return again
    /// changes nothing. Throws: `CouponError`, `StorageError`.
    package static func giveBack(
        order: String, lines: [String: Int64]?, key: String, by caller: String, _ platform: Platform
    ) async throws -> Answer {
        let effects = platform.effects
        return try await platform.store.write { connection in
            let now = effects.now()
            let answer = try giveBack(order: order, lines: lines, key: key, by: caller, at: now, connection)
            return try said(answer, at: now, effects, connection)
        }
    }

    /// The same in the open transaction, with what it says handed over.
    static func giveBack(
        order: String, lines: [String: Int64]?, key: String, by caller: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Answer {
        try check(key: key)
        let asked = lines.map { JSONValue.object($0.mapValues { .integer($0) }) } ?? .null
        let hash = Digest.sha256(JSONValue.array([.string(order), .string(key), asked]).utf8Text())
        try turn(order, connection)
        let isNew = try connection.execute(
            """
            INSERT INTO coupon_returns (order_key, return_key, request_hash, at_ms)
            VALUES (\(order), \(key), \(hash), \(now.milliseconds)) ON CONFLICT DO NOTHING
            """)
        if isNew == 0 {
            let row = try connection.first(
                """
                SELECT request_hash FROM coupon_returns WHERE order_key = \(order) AND return_key = \(key)
                """)
            guard try row?.text(0) == hash else { throw CouponError.keyReused(key) }
            return Answer(uses: try uses(of: order, connection), isRepeat: true)
        }
        var loaded = try load(order, state: .redeemed, connection)
        guard !loaded.isEmpty else { throw CouponError.orderNotFound(order) }
        let known = Set(loaded.flatMap { $0.life.uses[order]?.discount.shares.map(\.line) ?? [] })
        if let stranger = lines?.keys.sorted().first(where: { !known.contains($0) }) {
            throw CouponError.lineNotFound(stranger)
        }
        for index in loaded.indices { try loaded[index].life.giveBack(order, lines, at: now, key: key) }
        return try save(loaded, order, by: caller, connection)
    }

    /// What an order holds or used. Throws: `StorageError`.
    package static func uses(
        of order: String, _ connection: any SQLConnection
    ) throws -> [(coupon: Coupon, use: CouponUse)] {
        let uses = try CouponRows.uses("order_key = \(order)", connection)
        let ids = uses.map(\.couponID)
        let coupons = try connection.query(
            "SELECT \(raw: CouponRows.columns) FROM coupons WHERE id IN (\(list: ids))"
        ).map(CouponRows.coupon)
        return uses.compactMap { use in coupons.first { $0.id == use.couponID }.map { ($0, use) } }
    }
}

// MARK: The steps

extension CouponOrders {
    /// Redeems in the open transaction as the coupons apply to the cart, all or none, with what it says handed over.
    /// What is refused is thrown; codes that do not exist are then still to be counted. Throws: `CouponError`,
    /// `ProfileError`, `StorageError`.
    static func redeem(
        _ question: Coupons.Question, by caller: CouponCaller, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Answer {
        let codes = try check(question, at: now)
        let request = fingerprint(question.order, question.profile, question.cart)
        return try settled(
            try decide(question, codes, by: caller, at: now, connection) {
                $0.redeem(question.order, $1, by: $2, request: request, at: now)
            })
    }

    /// Appends what a command says to the log; the last thing in its transaction.
    private static func said(
        _ answer: Answer, at now: Timestamp, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Answer {
        try SystemEventLog.append(answer.told, now: now, effects: effects, to: connection)
        return answer
    }

    private static func said(
        _ outcome: Outcome, at now: Timestamp, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Outcome {
        guard case .done(let answer) = outcome else { return outcome }
        return .done(try said(answer, at: now, effects, connection))
    }

    private static func settled(_ outcome: Outcome) throws -> Answer {
        switch outcome {
        case .done(let answer): return answer
        case .refused(let refused): throw CouponError.refused(refused)
        }
    }

    /// Commands on one order come one after the other: which coupons stand beside which is decided in turn.
    private static func turn(_ order: String, _ connection: any SQLConnection) throws {
        try connection.lock("coupon_order:\(order)")
    }

    private static func check(key: String) throws {
        guard (1...CouponLimits.keyBytes).contains(key.utf8.count) else { throw CouponError.key(key) }
    }

    private static func check(_ question: Coupons.Question, at now: Timestamp?) throws -> [String] {
        try check(key: question.order)
        if let now { try question.cart.check(at: now) }
        let codes = try Coupons.normal(question.codes ?? [])
        guard (1...CouponLimits.couponsPerOrder).contains(codes.count) else {
            throw CouponError.tooMany(what: "coupons of one order", limit: Int64(CouponLimits.couponsPerOrder))
        }
        return codes
    }

    /// SHA-256 over what a redemption is asked for; the time of the till does not matter.
    private static func fingerprint(_ order: String, _ profile: Int64?, _ cart: CouponCart?) -> String {
        var asked: [JSONValue] = [.string(order), JSONValue(profile)]
        if let cart {
            asked += [.string(cart.store), .string(cart.channel), .string(cart.currency), .integer(cart.shipping)]
            asked += cart.lines.map {
                [
                    .string($0.id), .string($0.sku), .string($0.category), .string($0.brand), .integer($0.quantity),
                    .integer($0.unitPrice),
                ]
            }
        }
        return Digest.sha256(JSONValue.array(asked).utf8Text())
    }

    /// Judges coupons with everything they stand beside, and does the same to each that passed: all or none.
    private static func decide(
        _ question: Coupons.Question, _ codes: [String], by caller: CouponCaller, at now: Timestamp,
        _ connection: any SQLConnection, _ body: (inout CouponLife, CouponDiscount, _ person: Int64) throws -> Void
    ) throws -> Outcome {
        let (order, profile) = (question.order, try question.profile.map { try ProfileDetail.resolve($0, connection) })
        try CouponThrottle.check(caller, profile, at: now, connection)
        try turn(order, connection)
        var loaded = try CouponRows.load(
            "code IN (\(list: codes))", order: order, over: now, forUpdate: true, connection)
        let found = Set(loaded.map(\.life.coupon.code))
        let unknown = codes.filter { !found.contains($0) }
        if !unknown.isEmpty {
            try CouponThrottle.note(unknown.count, by: caller, profile, at: now, connection)
            return .refused(unknown.map { CouponError.Refused(code: $0, reasons: [Coupons.unknown($0)]) })
        }
        var check = CouponCheck(
            question.cart, try Coupons.person(profile, loaded, connection), at: now,
            try Workspace.load(connection).calendar)
        try Coupons.addStanding(of: order, besides: codes, to: &check, question.cart, connection)
        var entries = loaded.map { item in
            var entry = check.entry(Coupons.candidate(item, order: order, at: now))
            // What the order used, it used: it may not be used for it again.
            let state = item.life.uses[order]?.state
            if state == .redeemed || state == .returned { entry.refusals = [.redeemed] }
            return entry
        }
        for (id, refusal) in check.conflicts(entries) {
            for index in entries.indices where entries[index].candidate.coupon.id == id {
                entries[index].refusals.append(refusal)
            }
        }
        let discounts = Dictionary(
            check.combined(entries).parts.map { ($0.couponID, $0.discount) }
        ) { first, _ in first }
        for index in entries.indices where entries[index].refusals.isEmpty {
            let discount = discounts[entries[index].candidate.coupon.id]
            if discount?.amount ?? 0 == 0 { entries[index].refusals = [.nothingLeft] }
        }
        let refused = entries.filter { !$0.refusals.isEmpty }
        guard refused.isEmpty else {
            return .refused(
                refused.map { CouponError.Refused(code: $0.candidate.coupon.code, reasons: $0.refusals) })
        }
        for index in loaded.indices {
            loaded[index].life.advance(to: now)
            let discount = discounts[loaded[index].life.coupon.id] ?? CouponDiscount()
            try body(&loaded[index].life, discount, profile ?? 0)
        }
        return .done(try save(loaded, order, by: caller.actor, connection))
    }

    /// As locked, whatever has changed since: that is what a lock is for.
    private static func redeemLocked(
        _ order: String, _ codes: [String], _ request: String, by caller: String, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Outcome {
        let now = effects.now()
        var loaded = try CouponRows.load(
            "code IN (\(list: codes))", order: order, over: now, forUpdate: true, connection)
        for index in loaded.indices {
            loaded[index].life.advance(to: now)
            guard let use = loaded[index].life.uses[order], use.state == .locked else {
                throw CouponError.orderNotFound(order)
            }
            loaded[index].life.redeem(order, use.discount, by: use.profileID, request: request, at: now)
        }
        guard loaded.count == codes.count else { throw CouponError.orderNotFound(order) }
        return .done(try said(save(loaded, order, by: caller, connection), at: now, effects, connection))
    }

    /// What the order redeemed before, when it was all of these. Throws: `CouponError.orderReused`.
    private static func repeated(
        _ order: String, _ codes: [String], _ request: String, _ connection: any SQLConnection
    ) throws -> Answer? {
        let ids = try connection.query(
            "SELECT id FROM coupons WHERE code IN (\(list: codes)) ORDER BY id"
        ).map { try $0.int(0) }
        guard ids.count == codes.count else { return nil }
        let known = try uses(of: order, connection).filter {
            ids.contains($0.coupon.id) && ($0.use.state == .redeemed || $0.use.state == .returned)
        }
        guard !known.isEmpty, known.count == ids.count else { return nil }
        guard known.allSatisfy({ $0.use.request == request }) else { throw CouponError.orderReused(order) }
        return Answer(uses: known, isRepeat: true)
    }

    private static func load(
        _ order: String, state: CouponUse.State, _ connection: any SQLConnection
    ) throws -> [CouponRows.Loaded] {
        let ids = try connection.query(
            "SELECT coupon_id FROM coupon_uses WHERE order_key = \(order) AND state = \(state.rawValue)"
        ).map { try $0.int(0) }
        guard !ids.isEmpty else { return [] }
        return try CouponRows.load("id IN (\(list: ids))", order: order, forUpdate: true, connection)
            .filter { $0.life.uses[order]?.state == state }
    }

    private static func save(
        _ loaded: [CouponRows.Loaded], _ order: String, by caller: String, _ connection: any SQLConnection
    ) throws -> Answer {
        let events = try CouponRows.save(loaded, by: caller, connection)
        return Answer(
            uses: loaded.compactMap { item in item.life.uses[order].map { (item.life.coupon, $0) } }, isRepeat: false,
            told: events)
    }
}
