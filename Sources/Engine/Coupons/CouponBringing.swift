import Storage

/// What stands on a coupon that was printed elsewhere; nil: as it is drawn here.
package struct CouponPrinted: Sendable, Equatable {
    package var code: String?
    /// The first moment without; in place of what the definition's validity gives.
    package var until: Timestamp?

    package init(code: String? = nil, until: Timestamp? = nil) {
        self.code = code
        self.until = until
    }
}

/// Coupons that people held in another program.
enum CouponBringing {
    /// A code that there is here already becomes the person's, with its own end; any other is issued under the definition
    /// as it was printed, or drawn where no code is told. `key` stands for it for all time: again, nothing. What is refused
    /// has written nothing. Returns what it says. Throws: `CouponError`, `ProfileError.notFound`, `StorageError`.
    static func bring(
        _ definition: Int64?, _ printed: CouponPrinted, to profile: Int64, key: String, by actor: String,
        at now: Timestamp, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        let code = try printed.code.map { try CouponIssuing.checked(code: $0) }
        if let code, let item = try CouponRows.load("code = \(code)", forUpdate: true, connection).first {
            return try take(item, definition, profile, by: actor, at: now, connection)
        }
        guard let definition else {
            throw CouponError.refused([.init(code: code ?? "", reasons: [.unknown])])
        }
        if let until = printed.until, until <= now {
            throw CouponError.refused([.init(code: code ?? "", reasons: [.expired(at: until)])])
        }
        do {
            return try CouponIssuing.issue(
                definition, to: profile, key: key, printed: CouponPrinted(code: code, until: printed.until), by: actor,
                at: now, effects, connection
            ).1
        } catch CouponError.keyReused {
            // It was brought before, to who has become somebody else since.
            return []
        }
    }

    private static func take(
        _ loaded: CouponRows.Loaded, _ definition: Int64?, _ profile: Int64, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        var item = loaded
        item.life.advance(to: now)
        let coupon = item.life.coupon
        if coupon.profileID == profile { return [] }
        guard coupon.profileID == 0 else { throw CouponError.notYours }
        guard definition == nil || definition == coupon.definitionID, coupon.kind == .code, coupon.state == .issued,
            !item.isBatchVoided, item.status == .active
        else { throw CouponError.notClaimable }
        try CouponIssuing.checkLimits(
            try CouponDefinitions.get(coupon.definitionID, connection), for: profile, connection)
        item.life.claim(by: profile, at: now, try Workspace.load(connection).calendar)
        return try CouponRows.save([item], by: actor, connection)
    }
}
