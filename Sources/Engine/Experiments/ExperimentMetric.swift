import Storage

/// One thing that is measured of everybody, from the moment they first met their variant.
package struct ExperimentMetric: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Did something at least once within the window.
        case converted
        /// How often within the window.
        case count
        /// Net of orders placed within the window, in minor units.
        case revenue
        /// Net of orders over their number: a ratio of sums.
        case orderValue = "order_value"
        /// Was there again from one day to another after.
        case retention

        package var isRate: Bool { self == .converted || self == .retention }
        package var needsEvent: Bool { self == .converted || self == .count }
        package var isMoney: Bool { self == .revenue || self == .orderValue }
    }

    package static let daysMax: Int64 = 90

    package var kind: Kind
    /// Of what is counted; nil of orders and retention.
    package var event: EventFilter?
    /// Days from exposure on.
    package var windowDays: Int64
    /// Of retention: the first of these days.
    package var fromDay: Int64
    /// Whether less of it is better.
    package var isLessBetter: Bool

    package init(
        _ kind: Kind, event: EventFilter? = nil, windowDays: Int64 = 14, fromDay: Int64 = 7, isLessBetter: Bool = false
    ) {
        self.kind = kind
        self.event = event
        self.windowDays = windowDays
        self.fromDay = fromDay
        self.isLessBetter = isLessBetter
    }

    /// Reads `{"kind": "converted", "event": {"names": ["Order Completed"]}, "window_days": 14}`; an event may be just a name.
    /// Throws: `ExperimentError` naming the field.
    init(_ json: JSONValue, _ path: String) throws {
        guard let kind = json["kind"]?.stringValue.flatMap(Kind.init(rawValue:)) else {
            let words = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ExperimentError.invalid(field: "\(path).kind", reason: "must be one of \(words)")
        }
        func days(_ name: String, _ usual: Int64, _ range: ClosedRange<Int64>) throws -> Int64 {
            guard let value = json[name], value != .null else { return usual }
            guard let days = value.intValue, range.contains(days) else {
                let bounds = "\(range.lowerBound) to \(range.upperBound)"
                throw ExperimentError.invalid(field: "\(path).\(name)", reason: "must be \(bounds)")
            }
            return days
        }
        self.kind = kind
        windowDays = try days("window_days", 14, 1...Self.daysMax)
        fromDay = try days("from_day", min(7, windowDays - 1), 0...Self.daysMax)
        guard kind != .retention || fromDay < windowDays else {
            throw ExperimentError.invalid(field: "\(path).from_day", reason: "must be below window_days")
        }
        isLessBetter = json["less_is_better"]?.boolValue ?? false
        guard kind.needsEvent else { return }
        guard let event = json["event"], event != .null else {
            throw ExperimentError.invalid(field: "\(path).event", reason: "must name an event")
        }
        let notes = CriteriaNotes()
        let filter = EventFilter(
            CriteriaReader(event.stringValue.map { ["names": .array([.string($0)])] } ?? event, "\(path).event", notes))
        guard notes.issues.isEmpty else { throw ExperimentError.criteria(CriteriaError(issues: notes.issues)) }
        guard !filter.names.isEmpty else {
            throw ExperimentError.invalid(field: "\(path).event", reason: "must name an event")
        }
        self.event = filter
    }

    /// How the event is typed: names where they say it all, else JSON of the condition language.
    package var eventText: String {
        guard let event else { return "" }
        return event == EventFilter(names: event.names) ? event.names.joined(separator: ", ") : event.json.text()
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "kind": .string(kind.rawValue), "window_days": .integer(windowDays), "less_is_better": .bool(isLessBetter),
        ]
        if let event { members["event"] = event.json }
        if kind == .retention { members["from_day"] = .integer(fromDay) }
        return .object(members)
    }

    /// What is counted, in words: `did “Order Completed” within 14 days`.
    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let event = event?.words(phrases) ?? ""
        let days = EnglishCount.text(windowDays, "day")
        switch kind {
        case .converted:
            return language("\(windowDays) 天内做过\(event)", "did \(event) within \(days)")
        case .count:
            return language("\(windowDays) 天内做\(event)的次数", "times of \(event) within \(days)")
        case .revenue: return language("\(windowDays) 天内净消费额", "net revenue within \(days)")
        case .orderValue: return language("\(windowDays) 天内客单价", "order value within \(days)")
        case .retention:
            return language("第 \(fromDay)–\(windowDays) 天又来过", "came back on days \(fromDay) to \(windowDays)")
        }
    }
}
