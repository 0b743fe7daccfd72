/// The bounds of collection; docs/limits.md repeats them.
package enum EventLimits {
    /// One event as JSON.
    package static let eventBytes = 32 * 1024
    /// One Segment batch request, after decompression.
    package static let batchBytes = 500 * 1024
    /// Events in one request.
    package static let batchEvents = 2_500
    /// Characters in a message id.
    package static let messageIDCharacters = 100
    /// Nested arrays and objects in one event.
    package static let depth = 32
    /// Properties of one event.
    package static let properties = 1_000
    /// Bytes of a quarantined item that are kept.
    package static let rawBytes = 64 * 1024
    /// A client's time may be this far ahead of ours after correction.
    package static let futureHours = 24
    /// The oldest time that is believed.
    package static let earliest = Timestamp(milliseconds: 0)
    /// How long message ids are remembered for deduplication.
    package static let deduplicationDays = 30
    /// One NDJSON stream, as received.
    package static let streamBytes = 256 * 1024 * 1024
    /// Body of any other API request.
    package static let requestBytes = 5 * 1024 * 1024
}
