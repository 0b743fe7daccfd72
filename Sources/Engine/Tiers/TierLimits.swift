/// Bounds of the pyramid.
package enum TierLimits {
    package static let tiers = 20
    package static let indicators = 3
    package static let benefits = 20
    package static let notices = 5
    package static let daysMax = 366
    package static let monthsMax = 60
    package static let amountMax: Int64 = 1_000_000_000_000
    package static let shareMax = 1_000
    package static let definitionBytes = 65_536
    package static let reasonCharacters = 500
    /// What time brings about for one member in one go; the rest follows in the next.
    static let stepsMax = 1_000
    /// Returned orders that a counterfactual names.
    static let returnsNamed = 5
    /// Members of one transaction of the clock, of a build and of a ranking.
    static let batchMembers = 500
    /// Members of one row of a frozen ranking.
    static let partMembers = 20_000
    /// Members whom a preview names, in each direction.
    package static let previewNamed = 200
}
