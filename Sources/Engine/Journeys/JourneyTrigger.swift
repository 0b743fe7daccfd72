/// What lets people into a journey. Another way in is a case here and its line in `JourneyTrigger.forms`.
package enum JourneyTrigger: Sendable {
    case event(EventFilter)
    case segment(Int64, entered: Bool)
    /// Into one of the stages; empty: any.
    case stage([String])
    /// `up`, `down` or `any`; into one of the tiers; empty: any.
    case tier(direction: String, [String])
    case score(model: Int64, grades: [String])
    /// The day of a trait, moved by days, at an hour; every year when `isYearly`.
    case date(trait: String, offset: Int64, hour: Int64, isYearly: Bool)
    /// Everybody whom the conditions mean, at an hour of these weekdays; empty: every day.
    case schedule(weekdays: [Int64], hour: Int64)
    /// Somebody answers a message: on one of these channels (empty: any), with one of these words in it (empty: any).
    case reply(channels: [String], words: [String])
    case request

    static let kinds = ["event", "segment", "stage", "tier", "score", "date", "schedule", "reply", "api"]
    private static let stages = ["introduction", "growth", "maturity", "decline", "churn"]

    init(_ reader: CriteriaReader) {
        let kind = reader.text("kind")
        self = .request
        switch kind {
        case "event":
            if let own = reader.child("event") {
                self = .event(EventFilter(own))
            } else {
                reader.note("event", .missing("event"))
            }
        case "segment":
            let change = reader.text("change", orElse: "entered")
            if !["entered", "left"].contains(change) {
                reader.note("change", .unknownChoice(change, allowed: ["entered", "left"]))
            }
            self = .segment(JourneyReading.id(reader, "id"), entered: change == "entered")
        case "stage": self = .stage(Self.choices(reader, "to", Self.stages))
        case "tier":
            let direction = reader.text("direction", orElse: "any")
            if !["any", "up", "down"].contains(direction) {
                reader.note("direction", .unknownChoice(direction, allowed: ["any", "up", "down"]))
            }
            self = .tier(direction: direction, reader.has("to") ? reader.texts("to") : [])
        case "score":
            self = .score(
                model: JourneyReading.id(reader, "id"), grades: Self.choices(reader, "grades", ["a", "b", "c", "d"]))
        case "date":
            self = .date(
                trait: reader.text("trait"), offset: reader.whole("offset_days", in: -365...365, orElse: 0),
                hour: reader.whole("hour", in: 0...23, orElse: 9), isYearly: reader.value("yearly")?.boolValue ?? false)
        case "schedule":
            let days = (reader.value("weekdays")?.arrayValue ?? []).compactMap(\.intValue)
            if !days.allSatisfy({ (1...7).contains($0) }) { reader.note("weekdays", .outOfRange("1…7")) }
            self = .schedule(weekdays: Set(days).sorted(), hour: reader.whole("hour", in: 0...23, orElse: 9))
        case "reply":
            self = .reply(
                channels: Self.choices(reader, "channels", ChannelCatalog.names),
                words: reader.value("words")?.arrayValue?.isEmpty ?? true ? [] : reader.texts("words"))
        case "api", "": break
        default: reader.note("kind", .unknownChoice(kind, allowed: Self.kinds))
        }
    }

    private static func choices(_ reader: CriteriaReader, _ name: String, _ allowed: [String]) -> [String] {
        guard reader.has(name), reader.value(name)?.arrayValue?.isEmpty != true else { return [] }
        let words = reader.texts(name)
        for word in words where !allowed.contains(word) { reader.note(name, .unknownChoice(word, allowed: allowed)) }
        return words
    }

    var kind: String {
        switch self {
        case .event: "event"
        case .segment: "segment"
        case .stage: "stage"
        case .tier: "tier"
        case .score: "score"
        case .date: "date"
        case .schedule: "schedule"
        case .reply: "reply"
        case .request: "api"
        }
    }

    var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["kind": .string(kind)]
        switch self {
        case .event(let filter): members["event"] = filter.json
        case .segment(let id, let entered):
            members["id"] = JSONValue(id: id)
            members["change"] = .string(entered ? "entered" : "left")
        case .stage(let to): members["to"] = .array(to.map { .string($0) })
        case .tier(let direction, let to):
            members["direction"] = .string(direction)
            if !to.isEmpty { members["to"] = .array(to.map { .string($0) }) }
        case .score(let model, let grades):
            members["id"] = JSONValue(id: model)
            members["grades"] = .array(grades.map { .string($0) })
        case .date(let trait, let offset, let hour, let isYearly):
            members["trait"] = .string(trait)
            members["offset_days"] = .integer(offset)
            members["hour"] = .integer(hour)
            members["yearly"] = .bool(isYearly)
        case .schedule(let weekdays, let hour):
            members["weekdays"] = .array(weekdays.map { .integer($0) })
            members["hour"] = .integer(hour)
        case .reply(let channels, let words):
            members["channels"] = .array(channels.map { .string($0) })
            members["words"] = .array(words.map { .string($0) })
        case .request: break
        }
        return members
    }

    /// Names of events of the log that can let somebody in.
    var names: Set<String> {
        switch self {
        case .event(let filter): Set(filter.names)
        case .segment(_, let entered): [entered ? SegmentMembers.entered : SegmentMembers.left]
        case .stage: [StageHistory.eventName]
        case .tier: [Tiers.changed]
        case .score: [ScoreRows.gradeChanged]
        case .reply: [MessageEvents.replied]
        case .date, .schedule, .request: []
        }
    }

    /// Whether this event lets its person in. Pure.
    func admits(_ event: CriteriaEvent, _ calendar: LocalCalendar) -> Bool {
        let text = { (name: String) in event.properties.first(name)?.text ?? "" }
        guard names.contains(event.name) else { return false }
        switch self {
        case .event(let filter): return filter.matches(event, calendar)
        case .segment(let id, _): return text("segment_id") == String(id)
        case .stage(let to): return to.isEmpty || to.contains(text("to"))
        case .tier(let direction, let to):
            return (direction == "any" || text("direction") == direction)
                && (to.isEmpty || to.contains { CriteriaValue.folded($0) == text("to") })
        case .score(let model, let grades):
            return text("model_id") == String(model) && (grades.isEmpty || grades.contains(text("to")))
        case .reply(let channels, let words):
            let said = text("text")
            return (channels.isEmpty || channels.contains(text("channel")))
                && (words.isEmpty || words.contains { said.contains(CriteriaValue.folded($0)) })
        case .date, .schedule, .request: return false
        }
    }
}
