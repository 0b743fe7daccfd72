import Storage

/// Which events are meant: by name, by properties (all must pass), by weekday and hour in the workspace's zone.
package struct EventFilter: Sendable, Hashable {
    package var names: [String]
    package var properties: [PropertyTest]
    /// 1 Monday … 7 Sunday; empty: any.
    package var weekdays: [Int64]
    /// 0…23; empty: any.
    package var hours: [Int64]
    /// One of them; empty: any.
    package var devices: [EventDevice] = []

    package struct PropertyTest: Sendable, Hashable {
        package var name: String
        package var test: ValueTest
        /// Whether the test must fail.
        package var isNegated: Bool

        private init(_ reader: CriteriaReader) {
            name = reader.text("property")
            test = ValueTest(reader, dates: false)
            isNegated = reader.value("not")?.boolValue ?? false
            reader.finish()
        }

        /// A list of tests; all have to pass.
        static func list(_ reader: CriteriaReader, _ name: String) -> [PropertyTest] {
            reader.children(name, limit: propertiesLimit).map(PropertyTest.init)
        }

        var json: JSONValue {
            var own = test.json
            own["property"] = .string(name)
            if isNegated { own["not"] = true }
            return .object(own)
        }

        /// `place`: under which name the value stands; nil: its own.
        func passes(_ values: FlatValues, at place: String? = nil, _ clock: CriteriaClock) -> Bool {
            values.contains(place ?? name) { test.passes($0, clock) } != isNegated
        }

        func words(_ language: CriteriaLanguage) -> String {
            let negated = isNegated ? language("并非", "not: ") : ""
            let words = test.words(language)
            return language("\(name) \(negated)\(words)", "\(negated)\(name) \(words)")
        }
    }

    static let namesLimit = 20
    static let propertiesLimit = 10

    init(_ reader: CriteriaReader) {
        names = reader.texts("names").sorted()
        if names.count > Self.namesLimit { reader.note("names", .tooMany("names", limit: Self.namesLimit)) }
        properties = PropertyTest.list(reader, "where")
        weekdays = Self.numbers(reader, "weekdays", 1...7)
        hours = Self.numbers(reader, "hours", 0...23)
        devices = EventDevice.read(reader, "devices")
        reader.finish()
    }

    package init(names: [String]) {
        self.names = names
        properties = []
        weekdays = []
        hours = []
    }

    private static func numbers(_ reader: CriteriaReader, _ name: String, _ range: ClosedRange<Int64>) -> [Int64] {
        guard let value = reader.value(name) else { return [] }
        let numbers = (value.arrayValue ?? [value]).compactMap { $0.intValue ?? $0.stringValue.flatMap { Int64($0) } }
        guard !numbers.isEmpty, numbers.allSatisfy(range.contains) else {
            reader.note(name, .outOfRange("\(range.lowerBound)…\(range.upperBound)"))
            return []
        }
        return Array(Set(numbers)).sorted()
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["names": .array(names.map(JSONValue.string))]
        if !properties.isEmpty { members["where"] = .array(properties.map(\.json)) }
        if !weekdays.isEmpty { members["weekdays"] = .array(weekdays.map(JSONValue.integer)) }
        if !hours.isEmpty { members["hours"] = .array(hours.map(JSONValue.integer)) }
        if !devices.isEmpty { members["devices"] = .array(devices.map { .string($0.rawValue) }) }
        return .object(members)
    }

    package func matches(_ event: CriteriaEvent, _ calendar: LocalCalendar) -> Bool {
        guard names.contains(event.name) else { return false }
        let clock = CriteriaClock(now: event.time, calendar: calendar)
        guard properties.allSatisfy({ $0.passes(event.properties, clock) }) else { return false }
        if !weekdays.isEmpty, !weekdays.contains(calendar.weekday(of: event.time)) { return false }
        if !devices.isEmpty, !devices.contains(where: { $0.matches(event.context) }) { return false }
        return hours.isEmpty || hours.contains(calendar.hour(of: event.time))
    }

    /// Over the columns of `events`.
    func sql(_ clock: CriteriaClock) -> AnalyticsSQL {
        var parts: [AnalyticsSQL] = [
            names.count == 1 ? "name = \(names[0])" : "name IN (\(list: names))"
        ]
        for property in properties {
            let test = property.test.sql(text: "t", number: "v", date: "0", clock)
            let found: AnalyticsSQL =
                "arrayExists((n, t, v) -> n = \(property.name) AND \(test), prop_names, prop_texts, prop_numbers)"
            parts.append(property.isNegated ? "NOT (\(found))" : found)
        }
        let zone = clock.calendar.timeZone
        if !weekdays.isEmpty { parts.append("toDayOfWeek(toDate(ts, \(zone))) IN (\(list: weekdays))") }
        if !devices.isEmpty { parts.append(.any(devices.map(\.sql))) }
        if !hours.isEmpty { parts.append("toHour(ts, \(zone)) IN (\(list: hours))") }
        return .all(parts)
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        var text = names.map { "“\(phrases.event($0))”" }.joined(separator: language("或", " or "))
        if !properties.isEmpty {
            let tests = properties.map { $0.words(language) }
            text += language("（", " where ") + tests.joined(separator: language("，且", " and ")) + language("）", "")
        }
        if !weekdays.isEmpty {
            let days = weekdays.map { phrases.weekday($0) }.joined(separator: language("、", ", "))
            text += language("（在\(days)）", " on \(days)")
        }
        if !devices.isEmpty {
            let list = devices.map { $0.words(language) }.joined(separator: language("或", " or "))
            text += language("（用\(list)）", " on \(list)")
        }
        if !hours.isEmpty {
            let list = hours.map { language("\($0)点", "\($0):00") }.joined(separator: language("、", ", "))
            text += language("（\(list)）", " at \(list)")
        }
        return text
    }
}

/// One event as conditions see it.
package struct CriteriaEvent: Sendable {
    package var position: Int64
    package var name: String
    package var time: Timestamp
    package var properties: FlatValues
    /// As it was sent; only devices are told by it.
    package var context: String

    package init(
        position: Int64, name: String, time: Timestamp, properties: FlatValues, context: String = ""
    ) {
        self.position = position
        self.name = name
        self.time = time
        self.properties = properties
        self.context = context
    }
}
