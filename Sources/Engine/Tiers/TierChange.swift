/// A member's move from one tier to another, with what it was decided on.
package struct TierChange: Sendable, Equatable {
    package enum Cause: String, Codable, Sendable, CaseIterable {
        /// Became a member.
        case enrolled
        /// An order, an award, a new score.
        case activity
        /// The end of a period, or of the grace after it.
        case periodEnd = "period_end"
        /// A ranking was taken.
        case ranking
        /// Given by hand, and the end of that.
        case grant
        case grantEnded = "grant_ended"
        /// Two people turned out to be one, or not.
        case merge, unmerge
        /// Another ladder was published.
        case ladder
    }

    /// Counts up within the member, from 1, without a gap.
    package var number: Int64
    package var at: Timestamp
    package var from: String?
    package var to: String
    package var cause: Cause
    package var isUp: Bool
    package var evidence: TierEvidence
    package var counterfactual: TierCounterfactual?
}

/// What a change was decided on.
package struct TierEvidence: Codable, Sendable, Equatable {
    /// The tier that was asked about, in which days (the first, and the first after), and what was found.
    package var tier: String?
    package var from: Int64?
    package var to: Int64?
    package var reading: TierReading?
    /// Place in a ranking, of how many, and with what.
    package var place: Int64?
    package var ranked: Int64?
    package var value: Int64?
    /// Of a grant or a merge.
    package var reference: Int64?

    package init() {}
}

/// What it would have taken for a tier to be kept, or to be reached.
package struct TierCounterfactual: Codable, Sendable, Equatable {
    package struct Missing: Codable, Sendable, Equatable {
        package var indicator: TierIndicator
        package var amount: Int64
    }

    package struct Return: Codable, Sendable, Equatable {
        package var order: String
        package var amount: Int64
        package var day: Int64
    }

    package var tier: String
    /// The last day that counts.
    package var lastDay: Int64
    /// Each of these alone would do, where `isEither`; else all together.
    package var missing: [Missing]
    package var isEither: Bool
    /// Orders of the period that came back, the largest first.
    package var returns: [Return]
    /// Whether the tier would have been kept had they not.
    package var returnsDecided: Bool
}

/// What a member is told before a tier is lost.
package struct TierNotice: Sendable, Equatable {
    package var at: Timestamp
    package var tier: String
    /// Days until then; the tier is kept until the last of them is over.
    package var days: Int64
    /// The grace after the period has begun.
    package var isGrace: Bool
    package var counterfactual: TierCounterfactual
}
