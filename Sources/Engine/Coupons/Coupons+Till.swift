import Storage

extension Coupons {
    /// What a till is told of a cart: of every coupon that the person holds, and of the codes that were shown besides.
    package struct Look: Sendable {
        /// Codes that were shown in the order asked for, then what is held: what takes off the most first.
        package var items: [Item]
        /// Of all of them.
        package var best: CouponCombination
        /// The codes that were shown, as far as they apply together.
        package var shown: CouponCombination
        /// Codes that do not exist, to be counted against the caller.
        package var unknown: Int
    }

    /// One look at what is held and what is shown; changes nothing. `question.profile` is a living person's.
    /// Throws: `CouponError.cart`, `.clockSkew`, `.tooMany`, `.throttled`, `StorageError`.
    static func look(
        _ question: Question, by caller: CouponCaller, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Look {
        try question.cart.check(at: now)
        let codes = try normal(question.codes ?? [])
        let (profile, order) = (question.profile, question.order)
        var loaded = try load(nil, profile, order: order, at: now, connection)
        if !codes.isEmpty {
            try CouponThrottle.check(caller, profile, at: now, connection)
            let held = Set(loaded.map(\.life.coupon.id))
            loaded += try load(codes, profile, order: order, at: now, connection)
                .filter { !held.contains($0.life.coupon.id) }
        }
        var check = CouponCheck(
            question.cart, try person(profile, loaded, connection), at: now, try Workspace.load(connection).calendar)
        try addStanding(of: order, besides: loaded.map(\.life.coupon.code), to: &check, question.cart, connection)
        var entries = loaded.map { check.entry(candidate($0, order: order, at: now)) }
        let best = check.best(of: entries)
        let shown = codes.compactMap { code in entries.first { $0.candidate.coupon.code == code } }
        let usable = shown.filter(\.refusals.isEmpty)
        let conflicts = check.conflicts(usable)
        for place in entries.indices {
            if let refusal = conflicts[entries[place].candidate.coupon.id] {
                entries[place].refusals = [refusal]
                entries[place].discount = CouponDiscount()
            }
        }
        let together = check.combined(usable.filter { conflicts[$0.candidate.coupon.id] == nil })
        let known = Set(shown.map(\.candidate.coupon.code))
        return Look(
            items: items(codes, entries), best: best, shown: together, unknown: codes.count - known.count)
    }

    private static func items(_ codes: [String], _ entries: [CouponCheck.Entry]) -> [Item] {
        let shown = codes.map { code in
            entries.first { $0.candidate.coupon.code == code }.map(item)
                ?? Item(code: code, coupon: nil, rule: nil, refusals: [unknown(code)], discount: CouponDiscount())
        }
        let held = CouponCheck.ranked(entries).filter { !codes.contains(entries[$0].candidate.coupon.code) }
        return shown + held.map { item(entries[$0]) }
    }
}
