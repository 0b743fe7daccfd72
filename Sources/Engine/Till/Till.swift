import Storage

/// The till: what a cart would earn and cost, and orders that are committed, come back, or are cancelled.
///
/// Invariants: a command is one transaction of the store or nothing. The order goes through `PeopleBatch` as the event
/// that it is, so nothing is earned by a path of its own, and the same order from the shop later finds it done. The
/// order id is the natural key for all time: the same again is answered as the first time, another one is refused.
/// Whatever the split of returns, money, points and discounts add up to what there was. What is asked (`TillQuote`)
/// writes nothing and is reckoned by the functions that the commit uses.
package enum Till {
    /// Who stands at the till.
    package enum Who: Sendable, Equatable {
        case profile(Int64)
        case member(Int64)
        /// The number on the card.
        case card(String)
        /// A kind of `IdentityKind` with its value.
        case identity(kind: String, value: String)

        /// As it is part of what a sale is known by.
        var asked: JSONValue {
            switch self {
            case .profile(let id): return ["profile_id", JSONValue(id: id)]
            case .member(let id): return ["member_id", JSONValue(id: id)]
            case .card(let number): return ["card", .string(number)]
            case .identity(let kind, let value): return [.string(kind), .string(value)]
            }
        }
    }

    /// Points that pay for a part of the goods.
    package struct Spending: Sendable, Equatable {
        package var currency: String
        package var amount: Int64
        /// Reserved before: the key of the hold that is captured, and what it has beyond the amount is let go.
        package var hold: String?
        /// Of the household's pool that the person is in, in place of their own.
        package var isOfPool: Bool

        package init(currency: String, amount: Int64, hold: String? = nil, isOfPool: Bool = false) {
            self.currency = currency
            self.amount = amount
            self.hold = hold
            self.isOfPool = isOfPool
        }
    }

    /// What is sold, or asked about.
    package struct Sale: Sendable, Equatable {
        /// Empty only where it is asked.
        package var order: String
        package var who: Who?
        package var cart: CouponCart
        /// Of a question nil: whatever of the person's own goes best together.
        package var codes: [String]?
        package var spending: Spending?

        package init(
            order: String, who: Who?, cart: CouponCart, codes: [String]? = nil, spending: Spending? = nil
        ) {
            self.order = order
            self.who = who
            self.cart = cart
            self.codes = codes
            self.spending = spending
        }
    }

    /// Bytes of an order id, and of the key of a return.
    package static let keyBytes = 120

    /// The living person behind what was shown at the till. Throws: `TillError.unknownPerson`, `StorageError`.
    package static func profile(of who: Who, _ connection: any SQLConnection) throws -> Int64 {
        let found: Int64?
        switch who {
        case .profile(let id): found = id
        case .member(let id):
            found = try connection.first("SELECT profile_id FROM points_accounts WHERE id = \(id)")?.int(0)
        case .card(let number):
            found = try PointsAccounts.numbered(number, connection)?.profileID ?? owner("member_id", number, connection)
        case .identity(let kind, let value): found = try owner(kind, value, connection)
        }
        guard let found, found != 0 else { throw TillError.unknownPerson }
        do {
            let id = try ProfileDetail.resolve(found, connection)
            let row = try connection.first("SELECT 1 FROM profiles WHERE id = \(id) AND deleted_ms IS NULL")
            guard row != nil else { throw TillError.unknownPerson }
            return id
        } catch is ProfileError {
            throw TillError.unknownPerson
        }
    }

    private static func owner(_ kind: String, _ value: String, _ connection: any SQLConnection) throws -> Int64? {
        let country = try Workspace.load(connection).defaultCountry
        guard let value = IdentityKind.named(kind)?.normalise(value, defaultCountry: country) else { return nil }
        return try connection.first(
            "SELECT profile_id FROM identities WHERE kind = \(kind) AND value = \(value)")?.int(0)
    }

    /// The ledger's key of what an order, or a return of it, does with points.
    static func pointsKey(_ order: String, _ own: String = "") -> String {
        let plain = own.isEmpty ? "till:\(order)" : "till:\(order):\(own)"
        return plain.utf8.count <= PointsLimits.keyBytes ? plain : "till#" + Digest.sha256(Array(plain.utf8))
    }

    static func check(key: String) throws {
        guard (1...keyBytes).contains(key.utf8.count) else { throw TillError.key }
    }

    /// Later than any clock that is right: not believed. Earlier ones count as they say.
    static func moment(_ told: Timestamp?, at now: Timestamp) throws -> Timestamp {
        guard let told else { return now }
        guard abs(told.milliseconds - now.milliseconds) <= CouponLimits.clockSkewMS else {
            throw CouponError.clockSkew(minutesMax: Int(CouponLimits.clockSkewMS / 60_000))
        }
        return min(told, now)
    }
}
