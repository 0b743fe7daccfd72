import Storage

/// What a till is told before it sells: points by rule, coupons, what points may pay, tier, benefits. Writes nothing.
package struct TillQuote: Sendable {
    package var profile: Int64?
    package var member: MemberAccount?
    package var bill: TillBill
    package var look: Coupons.Look
    /// The codes that the bill has taken off.
    package var applied: [(code: String, discount: CouponDiscount)]
    package var spendable: [TillPoints]
    /// Of the person's pool; empty of who is in none, or may not spend of it.
    package var pooled: [TillPoints]
    /// What would be earned, with its waterfall.
    package var earned: ProgramDryRun
    /// As things are, and as they would be after the order; nil of who is no member, and while there are no tiers.
    package var standing: (before: TierStanding, after: TierStanding)?
    /// What the tier brings by itself, and grants that can be used now.
    package var benefits: [Benefit]
    package var grants: [BenefitGrant]
    package var world: CriteriaWorld
    package var names: CouponPrint.Names
    package var speech: TierSpeech

    private static let grantsLookedAt = 200

    /// Codes that do not exist count against the caller. Throws: `TillError`, `CouponError.cart`, `.clockSkew`,
    /// `.throttled`, `PointsError`, `StorageError`.
    package static func ask(
        _ sale: Till.Sale, by caller: CouponCaller, _ platform: Platform, _ memory: TillMemory = TillMemory()
    ) async throws -> TillQuote {
        let now = platform.effects.now()
        let quote = try await platform.store.read { try ask(sale, by: caller, at: now, memory, $0) }
        let (unknown, profile) = (quote.look.unknown, quote.profile)
        if unknown > 0 {
            try await platform.store.write { connection in
                try CouponThrottle.note(unknown, by: caller, profile, at: now, connection)
            }
        }
        return quote
    }

    private static func ask(
        _ sale: Till.Sale, by caller: CouponCaller, at now: Timestamp, _ memory: TillMemory,
        _ connection: any SQLConnection
    ) throws -> TillQuote {
        let time = try Till.moment(sale.cart.at, at: now)
        let profile = try sale.who.map { try Till.profile(of: $0, connection) }
        let member = try profile.flatMap { try PointsAccounts.ofProfile($0, connection) }
        let look = try Coupons.look(
            Coupons.Question(codes: sale.codes, profile: profile, cart: sale.cart, order: sale.order), by: caller,
            at: now, connection)
        let combination = sale.codes == nil ? look.best : look.shown
        let applied = combination.parts.compactMap { part in
            look.items.first { $0.coupon?.id == part.couponID }.map { (code: $0.code, discount: part.discount) }
        }
        var bill = TillBill(sale.cart, applied.map(\.discount))
        let (workspace, program) = (try Workspace.load(connection), try PointsProgram.load(connection))
        let spendable = TillPoints.spendable(member?.balances ?? [:], bill, workspace, program)
        let pool = try member.flatMap { try PointsPools.spendable(by: $0.id, connection) }
        let pooled = TillPoints.spendable(pool?.balances ?? [:], bill, workspace, program).filter { $0.available > 0 }
        if let spending = sale.spending {
            guard profile != nil else { throw TillError.personNeeded }
            guard let member else { throw TillError.notMember }
            try TillPoints.pay(spending, &bill, workspace, program)
            if spending.isOfPool {
                try check(spending, pool?.balances)
            } else {
                try check(spending, member, connection)
            }
        }
        let order = sale.order.isEmpty ? "cart" : sale.order
        let imagined = TierOrder(id: order, at: time, gross: bill.currency == workspace.currency ? bill.paid : 0)
        let ladder = member == nil ? nil : try TierLadders.current(connection)
        let sold = try ladder.flatMap { _ in
            try member.map { try TierStanding.load(member: $0.id, imagining: imagined, at: now, connection) }
        }
        let earned = try ProgramDryRun.run(
            ProgramDryRun.Question(
                .order(bill.completed(order, codes: applied.map(\.code))), profileID: profile,
                tier: sold?.state.tier, at: time), connection, memory)
        let standing = try ladder.flatMap { _ in
            try member.map { member in
                (
                    before: try TierStanding.load(member: member.id, at: now, connection),
                    after: try TierStanding.load(
                        member: member.id, imagining: imagined, earned.points, at: now, connection)
                )
            }
        }
        let tier = standing.flatMap { $0.before.ladder.tier($0.before.state.tier) }
        let world = try CriteriaWorld.names(connection)
        let grants = try member.map { try BenefitGrants.list(member: $0.id, limit: grantsLookedAt, connection) } ?? []
        return TillQuote(
            profile: profile, member: member, bill: bill, look: look, applied: applied, spendable: spendable,
            pooled: pooled,
            earned: earned, standing: standing, benefits: (tier?.benefits ?? []).filter(\.kind.isStanding),
            grants: grants.filter { $0.isOpen(at: now) }, world: world, names: CouponPrint.Names(world),
            speech: try TierSpeech.load(connection))
    }

    /// The same of a pool. Throws: `PoolError.maySpend` also of who is in none, `PointsError`.
    private static func check(_ spending: Till.Spending, _ pool: [String: PointsBalance]?) throws {
        guard let pool else { throw PoolError.maySpend }
        let available = pool[spending.currency]?.available ?? 0
        guard spending.amount <= available else {
            throw PointsError.insufficient(available: available, wanted: spending.amount)
        }
    }

    /// What is asked for is there: available, or in the hold that is named. Throws: `PointsError`.
    private static func check(
        _ spending: Till.Spending, _ member: MemberAccount, _ connection: any SQLConnection
    ) throws {
        guard let key = spending.hold else {
            let available = max(member.balances[spending.currency]?.available ?? 0, 0)
            guard spending.amount <= available else {
                throw PointsError.insufficient(available: available, wanted: spending.amount)
            }
            return
        }
        let found = try PointsAccountRows.hold(key, connection)
        guard let found, found.account == member.id, found.hold.currency == spending.currency else {
            throw PointsError.holdNotFound(key)
        }
        guard found.hold.state == .open else { throw PointsError.holdEnded(key) }
        guard spending.amount <= found.hold.held else {
            throw PointsError.holdTooSmall(held: found.hold.held, wanted: spending.amount)
        }
    }
}
