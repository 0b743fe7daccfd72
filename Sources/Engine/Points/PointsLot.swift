/// Points that one member earned together, with one expiry.
///
/// Invariants: `remaining` is what its pending or available entries add up to, `held` what its held entries do; both
/// are never below zero. A lot is pending as a whole or not at all.
package struct PointsLot: Sendable, Equatable {
    /// Counts up within the account, from 1.
    package var number: Int64
    package var currency: String
    /// Of the award that opened it; by it a return finds the lot. Empty once the points moved to another account.
    package var key: String
    /// As awarded.
    package var amount: Int64
    package var earnedAt: Timestamp
    package var isPending: Bool
    /// When a pending lot can be spent; nil when only the event it waits for releases it.
    package var availableAt: Timestamp?
    /// What releases it: `delivery:ORDER-17`; empty for time alone.
    package var waitsFor: String
    /// The first moment at which it has lapsed; nil: never, or by inactivity.
    package var expiresAt: Timestamp?
    package var remaining: Int64
    package var held: Int64
    /// Taken back by returns so far, wherever it was taken from; what a policy let go is in it.
    package var reversed: Int64
    /// Lapsed and not brought back.
    package var expired: Int64
    /// The rule, order or person it is from, for people to read.
    package var source: String

    /// Nothing of it can move any more, but a return can.
    var isSpent: Bool { remaining == 0 && held == 0 }

    var isAvailable: Bool { !isPending && remaining > 0 }

    /// Whether there are points of the currency left in it, pending or available.
    func isLeft(of currency: String) -> Bool { remaining > 0 && self.currency == currency }

    /// Whether its points have lapsed at a moment.
    func hasLapsed(at now: Timestamp) -> Bool {
        expiresAt.map { $0 <= now } ?? false
    }

    /// Earliest expiry first, then the oldest.
    static func spendsBefore(_ left: PointsLot, _ right: PointsLot) -> Bool {
        let (a, b) = (left.expiresAt?.milliseconds ?? .max, right.expiresAt?.milliseconds ?? .max)
        return (a, left.earnedAt.milliseconds, left.number) < (b, right.earnedAt.milliseconds, right.number)
    }
}
