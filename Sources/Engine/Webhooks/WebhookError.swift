/// What can be wrong with a request about webhooks.
package enum WebhookError: Error, Sendable, Equatable {
    case notFound(Int64)
    case deliveryNotFound(Int64)
    case tooMany(limit: Int)
    case badURL
    case descriptionTooLong(limit: Int)
    case unknownEvent(String)
    case unknownSegment(String)
    case paused
    /// Journeys tell it.
    case usedBy([SegmentUse])
    /// The segment is kept up to date there already.
    case pushedAlready
    case pushNotFound
    /// The message is on its way, or its text was erased.
    case notReplayable
}
