/// Where a member stands.
package struct TierState: Sendable, Equatable {
    /// What the member has: the higher one of earned and granted.
    package var tier: String
    package var since: Timestamp
    /// What rules, or the ranking, gave.
    package var earned: String
    /// The period in which the earned tier is to be kept: its first day, and the first day after it.
    package var periodStart: Int64
    package var periodEnd: Int64
    /// The first day after the days of grace, while they run.
    package var graceEnd: Int64?
    /// The last day for which notice was given, or was due.
    package var noticedTo: Int64
    package var grant: TierGrant?
    /// Changes so far: the number of the last row of the history.
    package var changes: Int64

    /// A member from the first day.
    package init(base: String, at joined: Timestamp, day: Int64) {
        tier = base
        since = joined
        earned = base
        periodStart = day
        periodEnd = day
        noticedTo = day
        changes = 0
    }
}

/// A tier given by hand.
package struct TierGrant: Codable, Sendable, Equatable {
    package var id: Int64
    package var tier: String
    /// nil: until it is taken back.
    package var until: Timestamp?

    package init(id: Int64, tier: String, until: Timestamp?) {
        self.id = id
        self.tier = tier
        self.until = until
    }
}
