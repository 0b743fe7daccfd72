/// Applies the traits of one event to a person's state. Pure.
package enum TraitFold {
    /// What happened to the traits that were not taken as they came.
    package struct Refused: Sendable, Equatable {
        package var name: String
        package var rule: CatalogueRule
    }

    /// Applies `traits` at the event's time; returns what was refused.
    package static func apply(
        _ traits: [String: JSONValue], _ operation: TraitOperation, at time: Timestamp, source: String,
        to state: inout ProfileState, isBlocked: (String) -> Bool
    ) -> [Refused] {
        var refused: [Refused] = []
        for (name, value) in traits {
            if isBlocked(name) {
                refused.append(Refused(name: name, rule: .blocked))
                continue
            }
            if operation == .set, let given = ConsentWords.read(name, value) {
                note(given, at: time, source: source, in: &state)
            }
            guard state.traits[name] != nil || state.traits.count < ProfileState.traitsLimit else {
                refused.append(Refused(name: name, rule: .tooMany))
                continue
            }
            if let rule = change(name, value, operation, at: time.milliseconds, in: &state) {
                refused.append(Refused(name: name, rule: rule))
            }
        }
        return refused
    }

    /// Notes consent by channel; the newest word counts.
    static func note(
        _ given: [String: Bool], at time: Timestamp, source: String, in state: inout ProfileState
    ) {
        for (channel, isGranted) in given {
            let consent = Consent(isGranted: isGranted, ms: time.milliseconds, source: source)
            state.consent[channel] = state.consent[channel]?.newer(consent) ?? consent
        }
    }

    private static func change(
        _ name: String, _ value: JSONValue, _ operation: TraitOperation, at ms: Int64, in state: inout ProfileState
    ) -> CatalogueRule? {
        var entry = state.traits[name] ?? TraitEntry()
        switch operation {
        case .set:
            guard value.text().utf8.count <= ProfileState.traitBytes else { return .tooLong }
            // Segment: a trait set to null is removed.
            entry.set(value == .null ? nil : value, at: ms)
        case .setOnce:
            guard value.text().utf8.count <= ProfileState.traitBytes else { return .tooLong }
            guard value != .null else { return nil }
            entry.setOnce(value, at: ms)
        case .increment:
            guard value.doubleValue != nil else { return .wrongType }
            entry.increment(by: value, at: ms)
        case .append:
            for element in value.arrayValue ?? [value] {
                guard element.text().utf8.count <= ProfileState.traitBytes else { return .tooLong }
                entry.append(element, at: ms)
            }
        case .unset:
            entry.set(nil, at: ms)
        case .delete:
            return nil
        }
        state.traits[name] = entry
        return nil
    }
}
