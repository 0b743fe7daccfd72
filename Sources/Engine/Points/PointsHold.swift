/// Part of a movement that one lot bore.
package struct PointsShare: Sendable, Equatable {
    package var lot: Int64
    package var amount: Int64
    /// Of a redemption: given back so far.
    package var returned: Int64 = 0
}

/// Points reserved for something that may come: taken out of the lots, so that nothing can spend them meanwhile.
package struct PointsHold: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case open, captured, released
        case timedOut = "timed_out"
    }

    package var key: String
    package var currency: String
    package var amount: Int64
    package var captured: Int64
    /// What is still held, by lot, in spending order.
    package var shares: [PointsShare]
    /// When it lets go by itself.
    package var until: Timestamp
    package var state: State

    package var held: Int64 { shares.reduce(0) { $0 + $1.amount } }
}

/// Points spent together, so that a return finds the lots they came from.
package struct PointsRedemption: Sendable, Equatable {
    package var key: String
    package var currency: String
    package var amount: Int64
    package var at: Timestamp
    /// In the order in which they were spent.
    package var shares: [PointsShare]

    package var returned: Int64 { shares.reduce(0) { $0 + $1.returned } }
}
