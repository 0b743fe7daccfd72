import Engine

/// How the filters of lists are spoken of: on chips, and beside exports.
enum FilterWords {
    /// `Stage: Decline`. `sources` names a source by its number.
    static func say(
        _ name: String, _ value: String, _ wording: Wording, sources: [Source] = [], groups: [String: String] = [:]
    )
        -> String
    {
        let label = label(name, wording)
        let said = groups["\(name):\(value)"] ?? said(name, value, wording, sources)
        return said.isEmpty ? label : "\(label): \(said)"
    }

    private static func label(_ name: String, _ wording: Wording) -> String {
        if name.hasPrefix("consent_") {
            return wording.text("lists.consent", ["channel": channel(String(name.dropFirst(8)), wording)])
        }
        return wording.known("lists.filter_\(name)") ?? name
    }

    private static func said(_ name: String, _ value: String, _ wording: Wording, _ sources: [Source]) -> String {
        switch name {
        case "stage": return StageWords.name(value, wording)
        case "class": return ClassWords.name(value, wording) ?? value
        case "identified": return wording.text(value == "1" ? "people.known" : "people.anonymous")
        case "seen": return wording.text("people.seen_within", count: Int64(value) ?? 1)
        case "source": return sources.first { String($0.id) == value }?.name ?? value
        case "status": return wording.known("order.status_\(value)") ?? value
        case let word where word.hasPrefix("consent_"): return wording.known("lists.consent_\(value)") ?? value
        default: return value
        }
    }

    static func channel(_ channel: String, _ wording: Wording) -> String {
        wording.known("person.channel_\(channel)") ?? channel
    }
}

/// A filter that holds, with the address without it. Drawn by `parts/chips`.
struct FilterChip: Encodable, Sendable {
    var text: String
    var href: String

    /// One for each filter of an address, in its order.
    static func all(
        _ request: PageRequest, sources: [Source], groups: [String: String] = [:]
    ) -> [FilterChip] {
        let passing: Set<String> = ["cursor", "view", "conflict", "problem", "sort", "compare", "q"]
        return request.query.pairs.filter { !passing.contains($0.name) && !$0.value.isEmpty }.map { pair in
            FilterChip(
                text: FilterWords.say(pair.name, pair.value, request.wording, sources: sources, groups: groups),
                href: request.path + "?" + request.query.query(changing: [pair.name: nil, "cursor": nil]))
        }
    }
}
