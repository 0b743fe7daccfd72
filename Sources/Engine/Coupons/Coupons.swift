import Storage

/// Coupons: campaigns, their codes, and what orders do with them.
///
/// Invariants: a command writes coupons, uses, history, counts and what it says happened in one transaction of the store,
/// or nothing. One order's use of one coupon is one row for all time. Limits are kept by the update that counts, never
/// by a look before it. Rows are locked in one order everywhere: coupons by id, definitions by id, people. An issued
/// coupon keeps the version of the rule that is printed on it. Discounts are integers, add up exactly over the lines, and
/// are never more than a line is worth.
package enum Coupons {
    /// What a till asks: who buys what, and with which codes.
    package struct Question: Sendable {
        /// Nil: everything that the person holds.
        package var codes: [String]?
        /// Nil: nobody known.
        package var profile: Int64?
        package var cart: CouponCart
        /// The order that the cart belongs to, whose own locks do not stand in the way.
        package var order: String

        package init(codes: [String]?, profile: Int64?, cart: CouponCart, order: String = "") {
            self.codes = codes
            self.profile = profile
            self.cart = cart
            self.order = order
        }
    }

    /// The answer about one code.
    package struct Item: Sendable {
        package var code: String
        /// Nil: there is no such code.
        package var coupon: Coupon?
        package var rule: CouponRule?
        package var refusals: [CouponRefusal]
        package var discount: CouponDiscount
    }

    package struct Answer: Sendable {
        /// In the order asked for; of a person: what takes off the most first.
        package var items: [Item]
        package var best: CouponCombination
    }

    /// Says of each coupon whether it applies to the cart, why not, and what goes best together. Changes nothing; codes
    /// that do not exist count against the caller. Throws: `CouponError.cart`, `.clockSkew`, `.throttled`,
    /// `ProfileError.notFound`, `StorageError`.
    package static func validate(
        _ question: Question, by caller: CouponCaller, _ platform: Platform
    ) async throws -> Answer {
        let now = platform.effects.now()
        try question.cart.check(at: now)
        let asked = try question.codes.map(normal)
        let answer = try await platform.store.read { connection -> Answer in
            let profile = try question.profile.map { try ProfileDetail.resolve($0, connection) }
            if asked != nil { try CouponThrottle.check(caller, profile, at: now, connection) }
            let loaded = try load(asked, profile, order: question.order, at: now, connection)
            var check = CouponCheck(
                question.cart, try person(profile, loaded, connection), at: now,
                try Workspace.load(connection).calendar)
            try addStanding(of: question.order, besides: asked ?? [], to: &check, question.cart, connection)
            return judge(asked, loaded, check, order: question.order)
        }
        let unknown = answer.items.filter { $0.coupon == nil }.count
        if unknown > 0 {
            let profile = question.profile
            try await platform.store.write { connection in
                let person = try profile.map { try ProfileDetail.resolve($0, connection) }
                try CouponThrottle.note(unknown, by: caller, person, at: now, connection)
            }
        }
        return answer
    }

    static func normal(_ codes: [String]) throws -> [String] {
        var seen: Set<String> = []
        let codes = codes.map(CouponPattern.normal).filter { seen.insert($0).inserted }
        guard codes.count <= CouponLimits.couponsPerCart else {
            throw CouponError.tooMany(what: "codes", limit: Int64(CouponLimits.couponsPerCart))
        }
        return codes
    }

    static func load(
        _ codes: [String]?, _ profile: Int64?, order: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [CouponRows.Loaded] {
        if let codes {
            return try CouponRows.load("code IN (\(list: codes))", order: order, forUpdate: false, connection)
        }
        guard let profile else { return [] }
        return try CouponRows.load(
            """
            profile_id = \(profile) AND profile_id <> 0 AND state IN ('issued', 'locked')
            AND (until_ms IS NULL OR until_ms > \(now.milliseconds))
            """, order: order, forUpdate: false, connection)
    }

    /// Throws: `StorageError`.
    static func person(
        _ profile: Int64?, _ loaded: [CouponRows.Loaded], _ connection: any SQLConnection
    ) throws -> CouponPerson? {
        guard let profile else { return nil }
        var person = CouponPerson(id: profile)
        let rules = loaded.map(\.life.rule)
        guard rules.contains(where: \.needsPerson) else { return person }
        if rules.contains(where: \.isFirstOrderOnly) {
            person.orders = try connection.first("SELECT order_count FROM profiles WHERE id = \(profile)")?.int(0) ?? 0
        }
        if rules.contains(where: { !$0.tiers.isEmpty }) {
            person.tier = try MemberTiers.tier(ofProfile: profile, connection)
        }
        if rules.contains(where: { $0.segment != nil }) {
            person.segments = Set(try SegmentMembers.segments(of: [profile], connection)[profile] ?? [])
        }
        for row in try connection.query("SELECT definition_id, used FROM coupon_people WHERE profile_id = \(profile)") {
            person.used[try row.int(0)] = try row.int(1)
        }
        return person
    }

    /// What other coupons of the same order took, so that those asked about stand beside them.
    static func addStanding(
        of order: String, besides codes: [String], to check: inout CouponCheck, _ cart: CouponCart,
        _ connection: any SQLConnection
    ) throws {
        guard !order.isEmpty else { return }
        let uses = try CouponRows.uses("order_key = \(order) AND state IN ('locked', 'redeemed')", connection)
        guard !uses.isEmpty else { return }
        let ids = uses.map(\.couponID)
        let coupons = try connection.query(
            "SELECT \(raw: CouponRows.columns) FROM coupons WHERE id IN (\(list: ids))"
        ).map(CouponRows.coupon)
        let rules = try CouponRows.rules(of: coupons, connection)
        for coupon in coupons where !codes.contains(coupon.code) {
            guard let rule = rules[CouponRows.RuleKey(coupon)],
                let use = uses.first(where: { $0.couponID == coupon.id })
            else { continue }
            check.standing.append((coupon.code, rule.stacking, use.discount))
        }
    }

    static func candidate(
        _ loaded: CouponRows.Loaded, order: String, at now: Timestamp
    ) -> CouponCheck.Candidate {
        var life = loaded.life
        life.advance(to: now)
        var coupon = life.coupon
        if loaded.isBatchVoided, coupon.profileID == 0, coupon.state == .issued { coupon.state = .voided }
        let isOwn = !order.isEmpty && life.uses[order]?.state == .locked
        if isOwn, coupon.state == .locked { coupon.state = .issued }
        return CouponCheck.Candidate(
            coupon, life.rule, status: loaded.status, used: loaded.used, lockedUntil: life.heldUntil(besides: order),
            isOwn: isOwn)
    }

    private static func judge(
        _ asked: [String]?, _ loaded: [CouponRows.Loaded], _ check: CouponCheck, order: String
    ) -> Answer {
        let entries = loaded.map { check.entry(candidate($0, order: order, at: check.now)) }
        let best = check.best(of: entries)
        guard let asked else {
            return Answer(items: CouponCheck.ranked(entries).map { item(entries[$0]) }, best: best)
        }
        let byCode = Dictionary(entries.map { ($0.candidate.coupon.code, $0) }) { first, _ in first }
        return Answer(
            items: asked.map { code in
                byCode[code].map(item)
                    ?? Item(
                        code: code, coupon: nil, rule: nil, refusals: [unknown(code)], discount: CouponDiscount())
            }, best: best)
    }

    static func item(_ entry: CouponCheck.Entry) -> Item {
        let coupon = entry.candidate.coupon
        // Of somebody else's coupon nothing more is told.
        let isTold = entry.refusals != [.notYours]
        return Item(
            code: coupon.code, coupon: coupon, rule: isTold ? entry.candidate.rule : nil,
            refusals: entry.refusals, discount: entry.discount)
    }

    /// Drawn codes have three groups or more of hyphens and a check; only a word with one is said to be misread.
    static func unknown(_ code: String) -> CouponRefusal {
        code.contains("-") && !CouponPattern.isIntact(code) ? .mistyped : .unknown
    }
}
