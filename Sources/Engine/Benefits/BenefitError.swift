/// Why the use of a benefit was refused. Nothing was changed.
package enum BenefitError: Error, Sendable, Equatable {
    case notMember(Int64)
    /// The member's tier has no such benefit, and no grant of it is left over.
    case notEntitled(String)
    /// There was one, and it is used up or has ended.
    case usedUp(String)
    case key
    /// The key stands for another use.
    case keyReused(String)
}
