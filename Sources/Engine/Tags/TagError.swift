/// What can be wrong with a request about tags.
package enum TagError: Error, Sendable, Equatable {
    case notFound(Int64)
    case nameMissing
    /// A stroke separates levels of a path, so no name can have one.
    case nameHasStroke
    case nameTooLong(limit: Int)
    case nameTaken(String)
    case parentNotFound(Int64)
    /// The tag would be below itself.
    case parentIsBelow
    case tooDeep(limit: Int)
    case tooMany(limit: Int)
    case invalid(CriteriaError)
    /// A manual tag is asked to be a rule, or people are given a tag that a rule keeps.
    case wrongKind(TagKind)
    /// Children of an exclusive tag are all manual, or all rules.
    case mixedGroup
    /// Definitions would lead back to themselves, by way of these ids.
    case circle([Int64])
    case hasChildren
    /// Others use it in their definitions.
    case usedBy([SegmentUse])
    case mergeIntoItself
    case tooManyPeople(limit: Int)
}
