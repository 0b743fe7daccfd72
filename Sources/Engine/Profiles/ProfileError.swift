/// What can be wrong with people as they are stored or asked for.
package enum ProfileError: Error, Sendable, Equatable {
    /// There is no such profile.
    case notFound(Int64)
    /// The stored document of a profile is not one: a fault in the store or a newer program's work.
    case unreadableState
    /// A cursor that this list did not hand out.
    case badCursor
    /// The merge was undone already, or there is none.
    case mergeNotFound(Int64)
    /// A later merge built on this one must be undone first.
    case mergeIsBuriedUnder(Int64)
    /// The profile was erased; nothing is left to bring back.
    case erased(Int64)
    /// The unlink was undone already, or there is none.
    case unlinkNotFound(Int64)
    /// Somebody else has the identity by now.
    case identityTaken(Int64)
    /// Two profiles that are one already.
    case sameProfile(Int64)
}
