/// One issued coupon. Its restrictions are those of the version of its definition that it was issued under.
package struct Coupon: Sendable, Equatable {
    package enum Kind: String, CaseIterable, Sendable {
        /// Issued to a person.
        case personal
        /// One of a batch: whoever brings it, until somebody claims it.
        case code
        /// One code for everybody, many uses.
        case shared
    }

    /// Shared codes stay `issued` while they are used.
    package enum State: String, CaseIterable, Sendable {
        case issued, locked, redeemed, expired, voided

        package var isLive: Bool { self == .issued || self == .locked }
    }

    package var id: Int64
    package var code: String
    package var definitionID: Int64
    package var version: Int64
    /// 0: of no batch.
    package var batchID: Int64
    package var kind: Kind
    /// 0: nobody's.
    package var profileID: Int64
    package var state: State
    package var issuedAt: Timestamp
    package var from: Timestamp
    package var until: Timestamp?
    /// What is left on an amount coupon.
    package var left: Int64?
    /// Orders that a shared code serves; nil: any number.
    package var usesMax: Int64?
    /// Orders that hold or used it.
    package var uses: Int64
    /// Of the last entry of its history.
    package var sequence: Int64

    package init(
        id: Int64, code: String, definitionID: Int64, version: Int64, batchID: Int64 = 0, kind: Kind,
        profileID: Int64 = 0, issuedAt: Timestamp, from: Timestamp, until: Timestamp?, left: Int64? = nil,
        usesMax: Int64? = nil
    ) {
        self.id = id
        self.code = code
        self.definitionID = definitionID
        self.version = version
        self.batchID = batchID
        self.kind = kind
        self.profileID = profileID
        self.state = .issued
        self.issuedAt = issuedAt
        self.from = from
        self.until = until
        self.left = left
        self.usesMax = usesMax
        uses = 0
        sequence = 0
    }
}

/// One order's use of one coupon: their pair is the natural key.
package struct CouponUse: Sendable, Equatable {
    package enum State: String, CaseIterable, Sendable {
        case locked, redeemed
        /// The lock was let go or timed out; the order may lock again.
        case released
        /// The order came back in full; final.
        case returned

        package var isLive: Bool { self == .locked || self == .redeemed }
    }

    package var couponID: Int64
    package var definitionID: Int64
    package var order: String
    /// Who bought; 0: nobody known.
    package var profileID: Int64
    package var state: State
    package var discount: CouponDiscount
    package var lockedUntil: Timestamp?
    package var at: Timestamp
    /// SHA-256 of what was asked, so that an order cannot redeem it for another cart.
    package var request: String

    /// What of the discount stands: all, less what came back with returned lines.
    package var standing: Int64 {
        switch state {
        case .locked, .released: 0
        case .returned: 0
        case .redeemed: discount.amount - discount.shares.reduce(0) { $0 + $1.givenBack }
        }
    }
}
