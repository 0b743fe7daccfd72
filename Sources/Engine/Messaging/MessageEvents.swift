/// What Perennial says of messages.
package enum MessageEvents {
    package static let sent = "Message Sent"
    package static let suppressed = "Message Suppressed"
    package static let delivered = "Message Delivered"
    package static let opened = "Message Opened"
    package static let clicked = "Message Clicked"
    package static let bounced = "Message Bounced"
    package static let complained = "Message Complained"
    /// Somebody answered: `text`, and what of which message, where that is known.
    package static let replied = "Message Replied"
    package static let unknown = "Message Unknown"
    package static let failed = "Message Failed"
    /// What a person said about a channel or a topic.
    package static let preferenceChanged = "Preference Changed"

    /// Another channel is tried, as this one does not reach the person.
    package static let rerouted = "Message Rerouted"
    /// Consent that has to be confirmed by a letter.
    package static let optInAsked = "Opt-In Asked"
    package static let optInConfirmed = "Opt-In Confirmed"
    package static let optInExpired = "Opt-In Expired"

    package static let all = [
        sent, suppressed, delivered, opened, clicked, replied, bounced, complained, unknown, failed,
        preferenceChanged, rerouted, optInAsked, optInConfirmed, optInExpired,
    ]

    /// What becomes of a message.
    static let told: Set<String> = [
        sent, suppressed, delivered, opened, clicked, replied, bounced, complained, unknown, failed, rerouted,
    ]

    static func event(
        _ name: String, _ message: SentMessage, at time: Timestamp, _ more: [String: JSONValue] = [:]
    ) -> SystemEvent {
        var properties = message.originProperties
        properties["message_id"] = JSONValue(id: message.id)
        properties["key"] = .string(message.key)
        properties["channel"] = .string(message.channel)
        properties["template_id"] = JSONValue(id: message.templateID)
        properties["origin"] = .string(message.origin)
        if !message.variant.isEmpty { properties["variant"] = .string(message.variant) }
        if !message.topic.isEmpty { properties["topic"] = .string(message.topic) }
        if !message.reason.isEmpty { properties["reason"] = .string(message.reason) }
        properties.merge(more) { _, new in new }
        return SystemEvent(
            name: name, profileID: message.profileID, time: time, properties: JSONValue.object(properties).text())
    }
}
