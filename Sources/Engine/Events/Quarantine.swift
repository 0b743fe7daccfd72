/// Why an item was set aside instead of entering the log. The raw bytes are kept and can be replayed after a fix.
package enum QuarantineReason: String, Sendable, Codable, CaseIterable {
    case malformedJSON = "malformed_json"
    case badEncoding = "bad_encoding"
    case missingField = "missing_field"
    case wrongType = "wrong_type"
    case unknownEventType = "unknown_type"
    case tooLarge = "too_large"
    case tooDeep = "too_deep"
    case messageIDTooLong = "message_id_too_long"
    case timeOutOfRange = "time_out_of_range"
    case numberOutOfRange = "number_out_of_range"
    case noIdentity = "no_identity"
    case badOrder = "bad_order"
    /// The event was logged, but applying it kept failing.
    case processingFailed = "processing_failed"
}

/// One item that could not become an event.
package struct RejectedItem: Sendable, Equatable {
    /// The client's message id, when it could be read.
    package var messageID: String?
    package var reason: QuarantineReason
    /// What was wrong, where, and what would be right; without personal data.
    package var explanation: String
    /// The item as received, at most `EventLimits.rawBytes`.
    package var raw: [UInt8]
    /// Which collector understands `raw` for a replay: `segment`, `sensors`, `native`.
    package var dialect: String

    package init(
        messageID: String?, reason: QuarantineReason, explanation: String, raw: [UInt8], dialect: String
    ) {
        self.messageID = messageID
        self.reason = reason
        self.explanation = explanation
        self.raw = raw
        self.dialect = dialect
    }
}

/// What one request brought: events to log and items to set aside, made durable together.
package struct IncomingBatch: Sendable {
    package var sourceID: Int64
    package var events: [IncomingEvent]
    package var rejected: [RejectedItem]

    package init(sourceID: Int64, events: [IncomingEvent], rejected: [RejectedItem] = []) {
        self.sourceID = sourceID
        self.events = events
        self.rejected = rejected
    }
}
