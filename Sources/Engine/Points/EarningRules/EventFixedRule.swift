/// Points for an event: `{"kind": "event", "points": 5, "event": {"names": ["Article Read"]}}`. Any event that arrives
/// can be meant, by name, properties, weekday, hour and device.
package struct EventFixedRule: EarningRuleKind {
    package static let kind = "event"
    package static let trigger = EarningTrigger.event
    package static let form = CriteriaForm(
        "events", "发生事件", "An event",
        [.init("event", "event", "事件", "event"), .init("points", "number", "得", "points")])

    private let points: Int64
    private let filter: EventFilter

    package init(_ reader: CriteriaReader) {
        points = reader.whole("points", in: EarningLimits.points)
        filter = Self.filter(reader)
    }

    static func filter(_ reader: CriteriaReader) -> EventFilter {
        guard let own = reader.child("event") else {
            reader.note("event", .missing("event"))
            return EventFilter(names: [])
        }
        let filter = EventFilter(own)
        for name in filter.names where OrderAction.of(eventName: name) != nil {
            own.note("names", .wrongType(expected: "an event that is no order; use order_fixed for orders"))
        }
        return filter
    }

    package var json: [String: JSONValue] { ["points": .integer(points), "event": filter.json] }
    package var events: [String] { filter.names }
    package var pointsMost: Int64? { points }

    package func applies(_ event: CriteriaEvent, _ calendar: LocalCalendar) -> Bool { filter.matches(event, calendar) }

    package func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward {
        EarningReward([EarningPart(basis: 1, points: points)])
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language(
            "\(filter.words(phrases))得 \(points) 分",
            "\(EnglishCount.text(points, "point")) for \(filter.words(phrases))")
    }
}
