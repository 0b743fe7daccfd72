import Engine

/// Where a dialect's preset properties go: to Segment's places in the context, or nowhere. What is not listed stays
/// with the event.
struct PresetWords {
    /// `group.name` by the dialect's own name; an empty text for what is dropped.
    let places: [String: String]

    /// The properties that stay, and the context made of the others.
    func sort(_ properties: [String: JSONValue]) -> (own: [String: JSONValue], context: ContextWords) {
        var own: [String: JSONValue] = [:]
        var context = ContextWords()
        for (name, value) in properties {
            guard let place = places[name] else {
                own[name] = value
                continue
            }
            guard let point = place.firstIndex(of: ".") else {
                if !place.isEmpty { context.set("", place, value) }
                continue
            }
            context.set(String(place[..<point]), String(place[place.index(after: point)...]), value)
        }
        return (own, context)
    }

    static let campaign = [
        "utm_source": "campaign.source", "utm_medium": "campaign.medium", "utm_campaign": "campaign.name",
        "utm_term": "campaign.term", "utm_content": "campaign.content",
    ]
}

extension JSONValue {
    /// Names without their leading `$`, as traits are called.
    var withoutDollars: JSONValue {
        guard case .object(let members) = self else { return self }
        var renamed: [String: JSONValue] = [:]
        for (name, value) in members {
            let plain = name.hasPrefix("$") ? String(name.dropFirst()) : name
            if plain == name || members[plain] == nil { renamed[plain] = value }
        }
        return .object(renamed)
    }

    /// Whether this is an object with members.
    var hasMembers: Bool { objectValue.map { !$0.isEmpty } ?? false }
}
