/// One thing that happened to a coupon, for good. What is counted of a definition is the sum of its entries.
package struct CouponEntry: Sendable, Equatable {
    package enum Kind: String, CaseIterable, Sendable {
        /// Made: for a person, as a shared code, or `count` of a batch at once.
        case issued
        /// A code became a person's.
        case claimed
        case locked
        /// The lock was let go.
        case released
        /// The lock timed out.
        case timedOut = "timed_out"
        /// Used without a lock before.
        case redeemed
        /// Used, as locked.
        case captured
        /// Lines of the order came back, and their part of the discount.
        case partReturned = "part_returned"
        /// All of the order came back.
        case rolledBack = "rolled_back"
        case expired
        case voided
        /// Its owner turned out to be somebody else, or was erased.
        case moved
    }

    package var kind: Kind
    package var at: Timestamp
    /// Who bought, or to whom it was issued; 0: nobody known.
    package var profileID: Int64
    package var order: String
    package var amount: Int64
    /// Coupons that it is about.
    package var count: Int64
    /// Reason or key.
    package var note: String

    package init(
        _ kind: Kind, at: Timestamp, profileID: Int64 = 0, order: String = "", amount: Int64 = 0, count: Int64 = 1,
        note: String = ""
    ) {
        self.kind = kind
        self.at = at
        self.profileID = profileID
        self.order = order
        self.amount = amount
        self.count = count
        self.note = note
    }
}

/// What is counted of one definition.
package struct CouponTally: Sendable, Equatable {
    package var issued: Int64 = 0
    /// Locks that are open.
    package var open: Int64 = 0
    /// Orders that ever locked or redeemed.
    package var taken: Int64 = 0
    /// Orders that redeemed and did not come back.
    package var redeemed: Int64 = 0
    package var discount: Int64 = 0
    package var expired: Int64 = 0
    package var voided: Int64 = 0

    package init() {}

    /// What its limit counts.
    package var used: Int64 { open + redeemed }

    mutating func count(_ entry: CouponEntry) {
        switch entry.kind {
        case .issued: issued += entry.count
        case .claimed, .moved: break
        case .locked:
            open += 1
            taken += 1
        case .released, .timedOut: open -= 1
        case .redeemed:
            taken += 1
            redeemed += 1
            discount += entry.amount
        case .captured:
            open -= 1
            redeemed += 1
            discount += entry.amount
        case .partReturned: discount -= entry.amount
        case .rolledBack:
            redeemed -= 1
            discount -= entry.amount
        case .expired: expired += entry.count
        case .voided: voided += entry.count
        }
    }
}

extension CouponEntry {
    /// What it changes of the orders of its person.
    var usesOfPerson: Int64 {
        switch kind {
        case .locked, .redeemed: 1
        case .released, .timedOut, .rolledBack: -1
        case .issued, .claimed, .captured, .partReturned, .expired, .voided, .moved: 0
        }
    }

    /// What it changes of the coupons that its person was given.
    var issuedToPerson: Int64 {
        switch kind {
        case .issued, .claimed: profileID == 0 ? 0 : 1
        default: 0
        }
    }
}
