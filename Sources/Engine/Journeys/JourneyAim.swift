/// Something that ends a journey early: an event that happens, or a condition that comes true.
package struct JourneyAim: Sendable {
    package var event: EventFilter?
    package var criteria: Criteria?

    init(_ reader: CriteriaReader) {
        if let own = reader.child("event") { event = EventFilter(own) }
        criteria = JourneyReading.criteria(reader, "where")
        if event == nil, criteria == nil { reader.note("event", .missing("event or where")) }
        reader.finish()
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [:]
        if let event { members["event"] = event.json }
        if let criteria { members["where"] = criteria.root.json }
        return .object(members)
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let parts = [
            event.map { phrases.language("做了\($0.words(phrases))", "did \($0.words(phrases))") },
            criteria?.words(phrases),
        ]
        return parts.compactMap { $0 }.joined(separator: phrases.language("，或者", " or "))
    }
}

/// Parts that several rooms of a definition read the same way.
enum JourneyReading {
    /// Conditions under a name; nil where there are none.
    static func criteria(_ reader: CriteriaReader, _ name: String) -> Criteria? {
        guard let own = reader.child(name) else { return nil }
        var count = 0
        let root = CriteriaNode.read(own, depth: 1, &count)
        if count > CriteriaLimits.nodes { reader.note(name, .tooMany("conditions", limit: CriteriaLimits.nodes)) }
        if case .all(let nodes) = root, nodes.isEmpty { return nil }
        return Criteria(root)
    }

    /// An id that travels as text.
    static func id(_ reader: CriteriaReader, _ name: String) -> Int64 {
        reader.whole(name, in: 1...Int64.max)
    }
}
