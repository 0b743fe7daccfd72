import Storage

/// A sale as it is committed: order, coupons, points spent and earned, tier, all in one transaction.
package enum TillCommit {
    /// Codes that do not exist count against the caller. Throws: `TillError`, `CouponError`, `PointsError`,
    /// `StorageError`.
    package static func run(
        _ sale: Till.Sale, by caller: CouponCaller, _ platform: Platform, _ memory: TillMemory = TillMemory()
    ) async throws -> TillReceipt {
        try Till.check(key: sale.order)
        do {
            return try await platform.store.write { try commit(sale, by: caller, platform, memory, $0) }
        } catch CouponError.refused(let refused) {
            let unknown = refused.filter { $0.reasons == [.unknown] || $0.reasons == [.mistyped] }.count
            if unknown > 0 {
                let now = platform.effects.now()
                try await platform.store.write { connection in
                    let profile = try sale.who.map { try Till.profile(of: $0, connection) }
                    try CouponThrottle.note(unknown, by: caller, profile, at: now, connection)
                }
            }
            throw CouponError.refused(refused)
        }
    }

    private static func commit(
        _ sale: Till.Sale, by caller: CouponCaller, _ platform: Platform, _ memory: TillMemory,
        _ connection: any SQLConnection
    ) throws -> TillReceipt {
        let now = platform.effects.now()
        let request = fingerprint(sale)
        try connection.lock("till_order:\(sale.order)")
        if let known = try TillRows.order(sale.order, connection) {
            guard known.request == request else { throw TillError.orderReused(sale.order) }
            return TillReceipt(document: known.receipt, isRepeat: true)
        }
        try sale.cart.check(at: now)
        let time = try Till.moment(sale.cart.at, at: now)
        let told = try sale.who.map { try Till.profile(of: $0, connection) }
        var event = try TillEvent(
            "Order Completed", id: "till:\(sale.order)", order: sale.order, of: told, at: time, now: now, platform,
            connection)
        let profile = try told.map { try living($0, event) }
        try check(event.order, profile, sale, platform, connection)
        let before = try TillStanding.load(profile, connection)
        var said: [SystemEvent] = []
        let coupons = try redeem(sale, profile, by: caller, at: now, &said, connection)
        var bill = TillBill(sale.cart, coupons.map(\.use.discount))
        if let spending = sale.spending {
            try spend(spending, sale, before.member, profile, &bill, at: now, &said, connection)
        }
        said += try event.apply(bill.completed(sale.order, codes: coupons.map(\.coupon.code)), memory)
        let receipt = try receipt(sale, bill, coupons, before, profile, at: time, memory, connection)
        try TillRows.save(sale.order, request: request, bill, receipt, by: caller.actor, at: now, connection)
        try event.append(said)
        return TillReceipt(document: receipt, isRepeat: false)
    }

    private static func living(_ profile: Int64, _ event: TillEvent) throws -> Int64 {
        guard let row = event.people.profile(profile) else { throw TillError.unknownPerson }
        return row.id
    }

    /// SHA-256 over what is asked; the clock of the till does not matter, so that a retry may come late.
    private static func fingerprint(_ sale: Till.Sale) -> String {
        let cart = sale.cart
        var asked: [JSONValue] = [
            .string(sale.order), sale.who?.asked ?? .null, .string(cart.store),
            .string(cart.channel),
            .string(cart.currency), .integer(cart.shipping), .array((sale.codes ?? []).map(JSONValue.string)),
        ]
        if let spending = sale.spending {
            var points: [String: JSONValue] = [
                "currency": .string(spending.currency), "amount": .integer(spending.amount),
                "hold": JSONValue(spending.hold),
            ]
            if spending.isOfPool { points["pool"] = true }
            asked.append(.object(points))
        }
        asked += cart.lines.map {
            [
                .string($0.id), .string($0.sku), .string($0.category), .string($0.brand), .integer($0.quantity),
                .integer($0.unitPrice),
            ]
        }
        return Digest.sha256(JSONValue.array(asked).utf8Text())
    }

    /// An order that events told of before is the same person's and stands.
    private static func check(
        _ order: OrderRecord?, _ profile: Int64?, _ sale: Till.Sale, _ platform: Platform,
        _ connection: any SQLConnection
    ) throws {
        guard let order else { return }
        if order.profileID != 0, let profile, order.profileID != profile { throw TillError.orderTaken(sale.order) }
        let status = order.state.summary(currency: try Workspace.load(connection).currency).status
        if status == .cancelled || status == .refunded { throw TillError.orderClosed(sale.order) }
    }

    private static func redeem(
        _ sale: Till.Sale, _ profile: Int64?, by caller: CouponCaller, at now: Timestamp, _ said: inout [SystemEvent],
        _ connection: any SQLConnection
    ) throws -> [(coupon: Coupon, use: CouponUse)] {
        guard let codes = sale.codes, !codes.isEmpty else { return [] }
        let question = Coupons.Question(codes: codes, profile: profile, cart: sale.cart, order: sale.order)
        let answer = try CouponOrders.redeem(question, by: caller, at: now, connection)
        said += answer.told
        return answer.uses
    }

    private static func spend(
        _ spending: Till.Spending, _ sale: Till.Sale, _ member: MemberAccount?, _ profile: Int64?,
        _ bill: inout TillBill, at now: Timestamp, _ said: inout [SystemEvent], _ connection: any SQLConnection
    ) throws {
        guard profile != nil else { throw TillError.personNeeded }
        guard let member else { throw TillError.notMember }
        try TillPoints.pay(spending, &bill, try Workspace.load(connection), try PointsProgram.load(connection))
        var note = ["order": sale.order]
        if !sale.cart.store.isEmpty { note["store"] = sale.cart.store }
        let key = Till.pointsKey(sale.order)
        var command = PointsCommand.redeem(
            account: member.id, currency: spending.currency, spending.amount, key: key, note: note)
        if let hold = spending.hold {
            let found = try PointsAccountRows.hold(hold, connection)
            guard let found, found.account == member.id, found.hold.currency == spending.currency else {
                throw PointsError.holdNotFound(hold)
            }
            command = .capture(hold: hold, spending.amount, keepsRest: false, key: key, note: note)
        } else if spending.isOfPool {
            guard let pool = try PointsPools.of(member.id, connection)?.id else { throw PoolError.notInPool }
            command = .spendPool(
                pool: pool, member: member.id, currency: spending.currency, spending.amount, key: key, note: note)
        }
        said += try Points.perform(command, at: now, connection).1
    }

    private static func receipt(
        _ sale: Till.Sale, _ bill: TillBill, _ coupons: [(coupon: Coupon, use: CouponUse)], _ before: TillStanding,
        _ profile: Int64?, at time: Timestamp, _ memory: TillMemory, _ connection: any SQLConnection
    ) throws -> JSONValue {
        let after = try TillStanding.load(profile, connection)
        let record = try EarningRecords.get(EarningBatch.key(of: sale.order), connection)
        let published = try memory.program.load(connection)
        let rules = try record.flatMap { record in
            record.version == published?.number
                ? published?.program.rules
                : try ProgramVersions.numbered(record.version, connection)?.program?.rules
        }
        let world = try CriteriaWorld.names(connection)
        let english = CriteriaPhrases(.english, world).naming(rules)
        let chinese = CriteriaPhrases(.chinese, world).naming(rules)
        let given = (record?.waterfall ?? []).filter { $0.points > 0 }
        return [
            "order": .string(sale.order), "at": .string(time.iso8601),
            "profile_id": profile.map { JSONValue(id: $0) } ?? .null,
            "member_id": after.member.map { JSONValue(id: $0.id) } ?? .null, "bill": bill.json,
            "coupons": .array(
                coupons.map {
                    [
                        "id": JSONValue(id: $0.coupon.id), "code": .string($0.coupon.code),
                        "amount": .integer($0.use.discount.amount),
                    ]
                }),
            "spent": bill.spent, "earned": .object((record?.net ?? [:]).mapValues { .integer($0) }),
            "rules": .array(
                given.map { step in
                    [
                        "rule": .string(step.rule), "currency": .string(step.currency), "points": .integer(step.points),
                        "title": [
                            "en": .string(step.title(rules?.rule(step.rule), english)),
                            "zh-Hans": .string(step.title(rules?.rule(step.rule), chinese)),
                        ],
                    ]
                }),
            "balances": after.balances, "tier": after.tier(after: before),
        ]
    }
}
