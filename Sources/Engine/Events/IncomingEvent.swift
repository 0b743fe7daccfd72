/// What kind of fact an event is; decides which pure functions look at it.
package enum EventKind: String, Sendable, Codable, CaseIterable {
    case track, identify, page, screen, group, alias
    /// Unlinks the identities it names from whoever has them.
    case unbind
    /// Written by Perennial itself: `Stage Changed`, `Profiles Merged`, …
    case system
}

/// How the `traits` of an event change a profile.
package enum TraitOperation: String, Sendable, Codable, CaseIterable {
    /// The newest event time wins, trait by trait.
    case set
    /// The oldest event time wins.
    case setOnce = "set_once"
    /// Numbers are added, once an event.
    case increment
    /// Values are appended to a list, once an event, without repeats.
    case append
    /// The named traits are removed.
    case unset
    /// The person asks to be forgotten; leaves a tombstone.
    case delete
}

/// One (kind, value) pair that an event claims for the person who acted. Kinds are words of `IdentityKind`.
package struct IdentityClaim: Sendable, Hashable, Codable {
    package var kind: String
    package var value: String

    package init(kind: String, value: String) {
        self.kind = kind
        self.value = value
    }
}

/// One well-formed event as every collector hands it over, whatever the dialect on the wire.
///
/// `properties`, `traits` and `context` are the client's own JSON objects, validated and kept as text.
package struct IncomingEvent: Sendable, Equatable {
    package var kind: EventKind
    /// `Order Completed`; for pages and screens `Page Viewed` and `Screen Viewed`; `Identify`, `Group`, `Alias`.
    package var name: String
    /// Unique per source; a client that sends none is given one made from the content.
    package var messageID: String
    /// Who acted, as the client named them. An `alias` binds all of them explicitly, an `unbind` unlinks all of them;
    /// none for what is about things.
    package var identities: [IdentityClaim]
    /// When it happened, corrected for the client's clock: `receivedAt − (sentAt − originalTimestamp)`.
    package var time: Timestamp
    package var receivedAt: Timestamp
    package var properties: String
    package var traits: String
    package var traitOperation: TraitOperation
    package var context: String

    package init(
        kind: EventKind, name: String, messageID: String, identities: [IdentityClaim], time: Timestamp,
        receivedAt: Timestamp, properties: String = "{}", traits: String = "{}",
        traitOperation: TraitOperation = .set, context: String = "{}"
    ) {
        self.kind = kind
        self.name = name
        self.messageID = messageID
        self.identities = identities
        self.time = time
        self.receivedAt = receivedAt
        self.properties = properties
        self.traits = traits
        self.traitOperation = traitOperation
        self.context = context
    }
}
