/// Points of one member that lapse together soon.
package struct PointsNotice: Sendable, Equatable {
    package var currency: String
    package var amount: Int64
    package var expiresAt: Timestamp
    /// The day of notice that was reached: so many days before.
    package var days: Int
}
