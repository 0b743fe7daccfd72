/// Why something about experiments was refused. What is refused changes nothing.
package enum ExperimentError: Error, Sendable, Equatable {
    case notFound(Int64)
    /// A field of a definition; `reason` says what would be right.
    case invalid(field: String, reason: String)
    case criteria(CriteriaError)
    case tooMany(limit: Int)
    /// It has begun: what it measures and on whom stays as it was.
    case begun
    case step(from: Experiment.State, to: Experiment.State)
    case notRunning(Experiment.State)
    case unknownVariant(String)
    case unknownMetric(String)
    case reasonMissing(limit: Int)
    case tooManyPeople(limit: Int)
    case unknownDimension(String)
}
