import Engine

extension Problem {
    static func webhook(_ error: WebhookError) -> Problem {
        switch error {
        case .notFound: return .notFound("webhook")
        case .deliveryNotFound: return .notFound("delivery")
        case .pushNotFound: return .notFound("push of this segment")
        case .tooMany(let limit): return Problem(.conflict, "too_many", "At most \(limit).")
        case .badURL:
            return Problem(
                .unprocessableContent, "bad_url",
                "The address must be an http or https address of at most \(WebhookLimits.urlCharacters) characters, "
                    + "without user, password and fragment.", flaws: [Flaw("body.url", "is no such address")])
        case .descriptionTooLong(let limit):
            return Problem(.unprocessableContent, "too_long", "A description has at most \(limit) characters.")
        case .unknownEvent(let name):
            return Problem(
                .unprocessableContent, "unknown_event",
                "“\(name)” cannot be told. These can: \(WebhookEvents.names.joined(separator: ", ")).",
                flaws: [Flaw("body.events", "“\(name)” is no system event")])
        case .unknownSegment(let id):
            return Problem(
                .unprocessableContent, "unknown_segment", "There is no segment \(id).",
                flaws: [Flaw("body.segments", "there is no segment \(id)")])
        case .paused:
            return Problem(.conflict, "webhook_paused", "The webhook is paused. Enable it first.")
        case .usedBy(let uses):
            return .used("webhook_in_use", "Journeys tell this webhook; change them first.", uses)
        case .pushedAlready:
            return Problem(.conflict, "pushed_already", "The segment is kept up to date there already.")
        case .notReplayable:
            return Problem(.conflict, "not_replayable", "The message still waits, or is being sent.")
        }
    }
}
