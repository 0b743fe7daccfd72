/// Why something about pools was refused. What is refused changes nothing.
package enum PoolError: Error, Sendable, Equatable {
    case notFound(Int64)
    case dissolved
    case name(limit: Int)
    case share(limit: Int64)
    case key(String)
    case keyReused(String)
    /// The member is in a pool already.
    case inPool
    /// The account is no member of this pool.
    case notInPool
    case notOwner
    /// The owner did not let them.
    case maySpend
    case full(limit: Int)
    case tooManyInvitations(limit: Int)
    case invitationNotFound(Int64)
    /// Answered, withdrawn, or too old.
    case invitationEnded
    /// The program does not let households share it.
    case notPoolable(currency: String)
    /// Commands on a pool's account are the pool's own.
    case poolAccount
    /// Somebody joined or left at the same moment.
    case changedMeanwhile
}
