/// What can be wrong with a request about segments.
package enum SegmentError: Error, Sendable, Equatable {
    case notFound(Int64)
    case nameMissing
    case nameTooLong(limit: Int)
    case nameTaken(String)
    case invalid(CriteriaError)
    /// A list is asked to be dynamic, or the other way round.
    case wrongKind(SegmentKind)
    /// Others use it in their definitions.
    case usedBy([SegmentUse])
    case tooMany(limit: Int)
    case tooManyFeatures(Int, limit: Int)
    case tooManyPeople(Int, limit: Int)
    case tooFew(what: String, limit: Int)
}

/// Where a segment is used.
package struct SegmentUse: Sendable, Equatable, Codable {
    /// `segment`, `tag`, `score`, `webhook`, `dashboard`, `experiment`, `journey`.
    package var kind: String
    package var id: String
    package var name: String
}

/// How a segment comes by its people.
package enum SegmentKind: String, Sendable, Codable, CaseIterable {
    /// Whoever matches the definition, at any moment.
    case dynamic
    /// A list kept by hand.
    case list = "static"
    /// Whoever matched at one moment.
    case snapshot
}
