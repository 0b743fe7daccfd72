/// Why something about tiers was refused. Nothing was changed.
package enum TierError: Error, Sendable, Equatable {
    /// What of a ladder cannot be used, and why.
    case invalidLadder(field: String, reason: String)
    /// No ladder is published.
    case noLadder
    case unknownTier(String)
    /// The program in force says what tiers there are; they are changed there.
    case ofProgram(number: Int64)
    /// Somebody published another ladder since this one was read.
    case editedMeanwhile(version: Int64)
    /// Another user has to approve it.
    case needsApproval
    case notMember(Int64)
    case grantNotFound(Int64)
    case grantEnded(Int64)
    /// A grant has to end in the future.
    case grantInPast
    case reason
    /// The member has that tier, or a higher one, without the grant.
    case grantBelow(tier: String)
}
