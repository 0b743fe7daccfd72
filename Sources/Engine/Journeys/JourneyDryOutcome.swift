/// What a draft would have done to those who came in: messages and what the policy makes of them, what was given, and what
/// it costs. By the days, of the workspace's zone, on which it was planned or given.
///
/// Where only a part of the entries was walked, every count is that of the part, times all entries over those that were
/// walked, rounded half up; sums of days may then differ from the whole by a few.
package struct JourneyDryOutcome: Sendable, Equatable {
    package struct Figures: Sendable, Equatable {
        /// Messages that were planned.
        package var messages: Int64 = 0
        /// Those that would have left, by channel.
        package var left: [String: Int64] = [:]
        /// Those that the policy would have held back, by reason.
        package var heldBack: [String: Int64] = [:]
        /// Those that found no room, by cap in the order of `caps`; one may find none under several, and then leave on
        /// another channel.
        package var capped: [Int64]
        /// Put off by quiet hours, whatever became of them then.
        package var deferred: Int64 = 0
        /// Went on by another channel than their own.
        package var rerouted: Int64 = 0
        /// Put off until after the last day.
        package var waiting: Int64 = 0
        /// Given, by currency.
        package var points: [String: Int64] = [:]
        /// Issued, by coupon.
        package var coupons: [Int64: Int64] = [:]
        /// Gifts that were refused, by reason.
        package var refused: [String: Int64] = [:]
        package var cost = Cost()

        package init(caps: Int = 0) { capped = Array(repeating: 0, count: caps) }

        package var leftInAll: Int64 { left.values.reduce(0, +) }
        package var heldBackInAll: Int64 { heldBack.values.reduce(0, +) }
        /// Held back for good because a cap, of one channel or of all, had no room.
        package var heldBackByCaps: Int64 { JourneyDryPolicy.capReasons.reduce(0) { $0 + (heldBack[$1] ?? 0) } }
    }

    /// In minor units of the workspace's currency.
    package struct Cost: Sendable, Equatable {
        package var spent = ReachSpent()
        /// If every coupon were used for all that it can come to, of those that say what that is.
        package var couponsAtMost: Int64 = 0
        /// Coupons of which nothing says what they cost: never issued before, and without an amount of their own.
        package var unpricedCoupons: Int64 = 0
    }

    package struct Day: Sendable, Equatable {
        package var day: Int64
        package var figures: Figures
    }

    /// Entries that were walked through the draft, and of how many people.
    package var walked: Int64 = 0
    package var walkedPeople: Int64 = 0
    /// How many entries there were.
    package var entries: Int64 = 0
    /// Those of the policy.
    package var caps: [MessagePolicy.Cap] = []
    package var total = Figures()
    package var days: [Day] = []
    /// People did more of what the draft waits for than is looked at.
    package var isCut = false

    /// Whether the figures are those of a part, in proportion.
    package var isSampled: Bool { walked < entries }
    /// What the counts of the part were multiplied by; 1 without a sample.
    package var factor: Double { walked > 0 ? Double(entries) / Double(walked) : 1 }
}
