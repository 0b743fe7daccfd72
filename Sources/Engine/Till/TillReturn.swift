import Storage

/// What comes back to the till: pieces of lines, all that is left, or the order as a whole.
package enum TillReturn {
    package struct Request: Sendable, Equatable {
        package var order: String
        /// Natural key within the order.
        package var key: String
        /// Pieces by line; nil: all that is left.
        package var pieces: [String: Int64]?
        /// The order is cancelled: all that is left, and its shipping.
        package var isCancellation: Bool
        package var at: Timestamp?

        package init(
            order: String, key: String, pieces: [String: Int64]? = nil, isCancellation: Bool = false,
            at: Timestamp? = nil
        ) {
            self.order = order
            self.key = key
            self.pieces = pieces
            self.isCancellation = isCancellation
            self.at = at
        }

        /// SHA-256 over what is asked, the clock of the till aside.
        fileprivate var fingerprint: String {
            let pieces = pieces.map { JSONValue.object($0.mapValues { .integer($0) }) } ?? .null
            return Digest.sha256(
                JSONValue.array([.string(order), .string(key), pieces, .bool(isCancellation)]).utf8Text())
        }
    }

    /// Throws: `TillError`, `CouponError`, `PointsError`, `StorageError`.
    package static func run(
        _ request: Request, by actor: String, _ platform: Platform, _ memory: TillMemory = TillMemory()
    ) async throws -> TillReceipt {
        try Till.check(key: request.order)
        try Till.check(key: request.key)
        return try await platform.store.write { try take(request, by: actor, platform, memory, $0) }
    }

    private static func take(
        _ request: Request, by actor: String, _ platform: Platform, _ memory: TillMemory,
        _ connection: any SQLConnection
    ) throws -> TillReceipt {
        let now = platform.effects.now()
        try connection.lock("till_order:\(request.order)")
        guard let order = try TillRows.order(request.order, connection) else {
            throw TillError.orderNotFound(request.order)
        }
        let returns = try TillRows.returns(of: request.order, connection)
        if let known = returns.first(where: { $0.key == request.key }) {
            guard known.request == request.fingerprint else { throw TillError.keyReused(request.key) }
            return TillReceipt(document: known.receipt, isRepeat: true)
        }
        if returns.contains(where: \.isCancellation) { throw TillError.orderClosed(request.order) }
        // A till whose clock is behind may not take back before it sold.
        let time = max(try Till.moment(request.at, at: now), min(order.at, now))
        var before: [String: Int64] = [:]
        for one in returns { before.merge(one.pieces) { $0 + $1 } }
        let pieces = request.pieces ?? order.bill.left(after: before)
        guard !pieces.isEmpty || request.isCancellation else { throw TillError.nothingLeft }
        let parts = try order.bill.parts(of: pieces, before: before)
        return try settle(
            request, order.bill, parts, pieces, before, returns, by: actor, at: time, platform, memory, connection)
    }

    private static func settle(
        _ request: Request, _ bill: TillBill, _ parts: [TillBill.Part], _ pieces: [String: Int64],
        _ before: [String: Int64], _ returns: [TillRows.Return], by actor: String, at time: Timestamp,
        _ platform: Platform, _ memory: TillMemory, _ connection: any SQLConnection
    ) throws -> TillReceipt {
        let (now, order) = (platform.effects.now(), request.order)
        let owner = try connection.first("SELECT profile_id FROM orders WHERE order_id = \(order)")?.int(0)
        var event = try TillEvent(
            request.isCancellation ? "Order Cancelled" : "Order Refunded", id: "till:\(order):\(request.key)",
            order: order, of: owner == 0 ? nil : owner, at: time, now: now, platform, connection)
        guard event.order?.state.cancelledMS == nil else { throw TillError.orderClosed(order) }
        let profile = event.order.flatMap { event.people.profile($0.profileID)?.id }
        let standing = try TillStanding.load(profile, connection)
        let earned = try EarningRecords.get(EarningBatch.key(of: order), connection)?.net ?? [:]
        var said: [SystemEvent] = []
        let coupons = try giveCoupons(request, pieces, by: actor, at: now, &said, connection)
        let points = parts.reduce(0) { $0 + $1.points }
        if points > 0 {
            let command = PointsCommand.giveBack(
                redemption: Till.pointsKey(order), points, key: Till.pointsKey(order, request.key),
                note: ["order": order])
            said += try Points.perform(command, at: now, connection).1
        }
        said += try event.apply(
            request.isCancellation ? TillBill.cancelled(order) : bill.refunded(order, key: request.key, parts),
            memory)
        let rest = bill.left(after: before.merging(pieces) { $0 + $1 })
        let left = try EarningRecords.get(EarningBatch.key(of: order), connection)?.net ?? [:]
        let after = try TillStanding.load(profile, connection)
        let shipping = request.isCancellation ? bill.shippingPaid : 0
        let back: JSONValue =
            points > 0
            ? [
                "currency": JSONValue(bill.spends), "amount": .integer(points),
                "pool": .bool(bill.spendsPool ?? false),
            ] : .null
        let receipt: JSONValue = [
            "order": .string(order), "key": .string(request.key), "at": .string(time.iso8601),
            "cancelled": .bool(request.isCancellation), "complete": .bool(rest.isEmpty),
            "lines": .array(
                parts.map {
                    [
                        "id": .string($0.line), "quantity": .integer($0.quantity), "refund": .integer($0.money),
                        "points": .integer($0.points),
                    ]
                }), "refund": .integer(parts.reduce(shipping) { $0 + $1.money }), "shipping": .integer(shipping),
            "given_back": back,
            "taken_back": .object(
                earned.reduce(into: [:]) { taken, one in
                    let gone = one.value - (left[one.key] ?? 0)
                    if gone > 0 { taken[one.key] = .integer(gone) }
                }),
            "coupons": .array(
                coupons.map { ["code": .string($0.coupon.code), "state": .string($0.coupon.state.rawValue)] }),
            "left": .array(
                bill.lines.compactMap { line in
                    rest[line.id].map { ["id": .string(line.id), "quantity": .integer($0)] }
                }), "balances": after.balances, "tier": after.tier(after: standing),
        ]
        let row = TillRows.Return(
            key: request.key, request: request.fingerprint, isCancellation: request.isCancellation, pieces: pieces,
            receipt: receipt)
        try TillRows.save(row, of: order, by: actor, at: now, connection)
        try event.append(said)
        return TillReceipt(document: receipt, isRepeat: false)
    }

    /// What the order used of coupons, as far as it comes back with the pieces.
    private static func giveCoupons(
        _ request: Request, _ pieces: [String: Int64], by actor: String, at now: Timestamp,
        _ said: inout [SystemEvent], _ connection: any SQLConnection
    ) throws -> [(coupon: Coupon, use: CouponUse)] {
        let used = try CouponOrders.uses(of: request.order, connection)
        guard used.contains(where: { $0.use.state == .redeemed }) else { return used }
        let answer = try CouponOrders.giveBack(
            order: request.order, lines: request.isCancellation ? nil : pieces, key: request.key, by: actor, at: now,
            connection)
        said += answer.told
        return answer.uses
    }

    /// An order that a till committed, with what came back. Throws: `TillError.orderNotFound`, `StorageError`.
    package static func history(
        of order: String, _ connection: any SQLConnection
    ) throws -> (receipt: JSONValue, returns: [JSONValue]) {
        guard let found = try TillRows.order(order, connection) else { throw TillError.orderNotFound(order) }
        return (found.receipt, try TillRows.returns(of: order, connection).map(\.receipt))
    }
}
