/// What one person is known for: traits with their times, consent by channel, and how many identities by kind.
///
/// Kept as one compact JSON document in `profiles.state`; read only when an event needs it.
package struct ProfileState: Sendable, Equatable {
    package var traits: [String: TraitEntry] = [:]
    package var consent: [String: Consent] = [:]
    /// Identities by kind, so that limits need no query.
    package var identityCounts: [String: Int] = [:]

    /// Traits of one person; more are not kept.
    static let traitsLimit = 500
    /// A trait's value as JSON text, in bytes; a longer one is not kept.
    static let traitBytes = 8_192

    package init() {}

    /// The value of a trait, the first of several names that has one.
    package func value(_ names: String...) -> JSONValue? {
        for name in names {
            if let value = traits[name]?.value, value != .null { return value }
        }
        return nil
    }

    /// Everything that has a value now.
    package var values: [String: JSONValue] {
        traits.compactMapValues(\.value)
    }

    /// One identity of the kind went to somebody else.
    mutating func lose(_ kind: String) {
        guard let count = identityCounts[kind] else { return }
        identityCounts[kind] = count > 1 ? count - 1 : nil
    }

    /// Two people's knowledge as if one had seen all events. Counts are added.
    package func merged(with other: ProfileState) -> ProfileState {
        var result = self
        result.traits.merge(other.traits) { $0.merged(with: $1) }
        result.consent.merge(other.consent) { $0.newer($1) }
        result.identityCounts.merge(other.identityCounts) { $0 + $1 }
        return result
    }
}

/// Whether a person agreed to be reached on a channel, since when, and where they said so.
package struct Consent: Sendable, Equatable {
    package var isGranted: Bool
    package var ms: Int64
    package var source: String

    package init(isGranted: Bool, ms: Int64, source: String) {
        self.isGranted = isGranted
        self.ms = ms
        self.source = source
    }

    /// The channels that consent is kept for.
    package static let channels = ["email", "sms", "whatsapp", "wechat", "push", "phone"]

    /// The newest word counts; of two at the same time the refusal.
    func newer(_ other: Consent) -> Consent {
        if ms != other.ms { return ms > other.ms ? self : other }
        if isGranted != other.isGranted { return isGranted ? other : self }
        return source <= other.source ? self : other
    }
}
