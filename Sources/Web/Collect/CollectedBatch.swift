import Engine

/// What a dialect made of the bytes of one request.
package struct CollectedBatch: Sendable, Equatable {
    package struct Rejected: Sendable, Equatable {
        /// Place among the items of the request.
        package var index: Int
        package var item: RejectedItem
    }

    package var events: [IncomingEvent] = []
    package var rejected: [Rejected] = []
    /// Items seen, good and bad.
    package var count = 0
    /// Write keys found in the body, in the order to try them.
    package var keys: [String] = []

    func incoming(sourceID: Int64) -> IncomingBatch {
        IncomingBatch(sourceID: sourceID, events: events, rejected: rejected.map(\.item))
    }

    mutating func add(_ result: Result<IncomingEvent, RejectedItem.Refusal>) {
        switch result {
        case .success(let event): events.append(event)
        case .failure(let refusal): rejected.append(Rejected(index: count, item: refusal.item))
        }
        count += 1
    }
}

extension RejectedItem {
    /// A rejected item on its way out of a `Result`.
    struct Refusal: Error {
        var item: RejectedItem
    }
}

/// Why one item cannot become an event, thrown while reading it.
struct ItemFlaw: Error, Equatable {
    var reason: QuarantineReason
    var explanation: String

    init(_ reason: QuarantineReason, _ explanation: String) {
        self.reason = reason
        self.explanation = explanation
    }

    /// A flaw of the JSON itself.
    init(_ error: JSONError) {
        explanation = "\(error)"
        switch error.reason {
        case .badUTF8, .badEscape, .controlCharacter: reason = .badEncoding
        case .numberOutOfRange: reason = .numberOutOfRange
        case .tooDeep: reason = .tooDeep
        default: reason = .malformedJSON
        }
    }

    /// What reading a body can throw.
    init(any error: any Error) {
        switch error {
        case let flaw as ItemFlaw: self = flaw
        case let error as JSONError: self.init(error)
        default: self.init(.malformedJSON, "The body cannot be read.")
        }
    }

    func refusal(
        raw: [UInt8], messageID: String?, dialect: String
    ) -> RejectedItem.Refusal {
        RejectedItem.Refusal(
            item: RejectedItem(
                messageID: messageID.map { String($0.prefix(EventLimits.messageIDCharacters)) }, reason: reason,
                explanation: explanation, raw: Array(raw.prefix(EventLimits.rawBytes)), dialect: dialect))
    }
}
