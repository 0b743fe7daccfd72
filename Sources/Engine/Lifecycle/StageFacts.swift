import Science

/// What the stage of a person follows from.
package struct StageFacts: Sendable, Equatable {
    package var profileID: Int64
    /// Days on which the person bought something and kept it; see `PurchaseDays`.
    package var purchaseDays: Int
    package var lastOrder: Timestamp?
    package var firstSeen: Timestamp

    package init(profileID: Int64, purchaseDays: Int, lastOrder: Timestamp?, firstSeen: Timestamp) {
        self.profileID = profileID
        self.purchaseDays = purchaseDays
        self.lastOrder = lastOrder
        self.firstSeen = firstSeen
    }
}

/// The stage columns of a profile.
package struct StageState: Sendable, Equatable {
    package var stage: LifecycleStage?
    package var since: Timestamp?
    /// When time alone will change the stage; nil once churned.
    package var due: Timestamp?

    package init(stage: LifecycleStage? = nil, since: Timestamp? = nil, due: Timestamp? = nil) {
        self.stage = stage
        self.since = since
        self.due = due
    }
}

/// What made a stage change.
package enum StageCause: String, Sendable, Codable, CaseIterable {
    case order, refund, merge
    /// Nothing happened for long enough.
    case time
    /// A new model.
    case model
    /// Before Perennial kept this person's stages: worked out from the orders that were brought in.
    case reconstructed
}

/// The figures that a change was decided by.
package struct StageEvidence: Sendable, Codable, Equatable {
    package var orders: Int
    package var recencyDays: Int64
    package var q80: Double
    package var q90: Double
    package var maturityOrders: Int

    package init(orders: Int, recencyDays: Int64, q80: Double, q90: Double, maturityOrders: Int) {
        self.orders = orders
        self.recencyDays = recencyDays
        self.q80 = q80
        self.q90 = q90
        self.maturityOrders = maturityOrders
    }

    private enum CodingKeys: String, CodingKey {
        case orders
        case recencyDays = "recency_days"
        case q80, q90
        case maturityOrders = "maturity_orders"
    }
}

/// One person's move from one stage to another.
package struct StageChange: Sendable, Equatable {
    package var profileID: Int64
    package var at: Timestamp
    /// nil: brought in with a past, no stage was known.
    package var from: LifecycleStage?
    package var to: LifecycleStage
    package var cause: StageCause
    package var modelVersion: Int64
    package var evidence: StageEvidence
}
