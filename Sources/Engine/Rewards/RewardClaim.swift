/// A member's claim on a reward, from the asking to the end.
package struct RewardClaim: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case requested, confirmed, shipped, issued, done, cancelled

        /// What may come next.
        package func next(_ fulfilment: RewardDefinition.Fulfilment) -> [State] {
            switch self {
            case .requested: return [.confirmed, .cancelled]
            case .confirmed: return [fulfilment == .shipped ? .shipped : .issued, .cancelled]
            case .shipped, .issued: return [.done, .cancelled]
            case .done, .cancelled: return []
            }
        }

        package static let open: [State] = [.requested, .confirmed, .shipped, .issued]
    }

    package struct Step: Sendable, Equatable {
        package var state: State
        package var actor: String
        package var note: String
        package var at: Timestamp
    }

    package var id: Int64
    package var key: String
    package var rewardID: Int64
    package var account: Int64
    /// The pool that paid; nil: the member's own points.
    package var pool: Int64?
    package var quantity: Int64
    package var currency: String
    /// In all.
    package var points: Int64
    package var money: Int64
    package var state: State
    /// Where to, for whom.
    package var delivery: [String: String]
    package var requestedAt: Timestamp
    package var changedAt: Timestamp
    package var steps: [Step]

    /// By which the ledger knows it.
    package var redemptionKey: String { "reward:\(id)" }
}

/// What a member asks for.
package struct RewardRequest: Sendable, Equatable {
    package var rewardID: Int64
    package var account: Int64
    package var quantity: Int64
    package var key: String
    package var delivery: [String: String]
    /// Of the household's pool that the member is in, in place of their own points.
    package var isOfPool: Bool

    package init(
        rewardID: Int64, account: Int64, quantity: Int64 = 1, key: String, delivery: [String: String] = [:],
        isOfPool: Bool = false
    ) {
        self.rewardID = rewardID
        self.account = account
        self.isOfPool = isOfPool
        self.quantity = quantity
        self.key = key
        self.delivery = delivery
    }

    var fingerprint: String {
        let said = JSONValue.object(delivery.mapValues { .string($0) })
        let asked: [JSONValue] = [.integer(rewardID), .integer(account), .integer(quantity), .string(key), said]
        return Digest.sha256(JSONValue.array(asked + (isOfPool ? [.string("pool")] : [])).utf8Text())
    }

    /// Throws: `RewardError`.
    func check() throws {
        guard (1...RewardLimits.quantityMax).contains(quantity) else {
            throw RewardError.quantity(limit: RewardLimits.quantityMax)
        }
        guard (1...PointsLimits.keyBytes).contains(key.utf8.count) else { throw RewardError.key(key) }
        guard delivery.count <= RewardLimits.deliveryFields else { throw RewardError.delivery(field: "delivery") }
        for (name, text) in delivery
        where !(1...40).contains(name.utf8.count) || text.utf8.count > RewardLimits.deliveryBytes {
            throw RewardError.delivery(field: name)
        }
    }
}
