/// What has to be remembered of one person's events to answer a behaviour condition: the events that pass a filter,
/// with one property's value, as daily sums or singly.
package struct Feature: Sendable, Hashable {
    package var filter: EventFilter
    /// The property whose value is kept; nil: only that it happened.
    package var property: String?
    package var keeps: Keeps

    package enum Keeps: String, Sendable {
        /// Count, sum, smallest and largest a day.
        case days
        /// The newest `FeatureState.samplesLimit` events, one by one.
        case samples
    }

    package init(_ filter: EventFilter, property: String? = nil, keeps: Keeps = .days) {
        self.filter = filter
        self.property = property
        self.keeps = keeps
    }

    /// Equal features have equal text.
    package var text: String {
        var members: [String: JSONValue] = ["event": filter.json, "keeps": .string(keeps.rawValue)]
        if let property { members["property"] = .string(property) }
        return JSONValue.object(members).text()
    }

    /// Reads `text`. Nil for anything else.
    package init?(text: String) throws {
        let notes = CriteriaNotes()
        let reader = CriteriaReader(try JSONValue(parsing: text), "feature", notes)
        guard let event = reader.child("event"), let keeps = Keeps(rawValue: reader.text("keeps")) else { return nil }
        self.init(EventFilter(event), property: reader.has("property") ? reader.text("property") : nil, keeps: keeps)
        guard notes.issues.isEmpty else { return nil }
    }

    /// A positive number made from the text.
    package var id: Int64 { Int64(Digest.key64(text) >> 1) }
}

/// One feature of one person: a fold over events whose result does not depend on their order.
package struct FeatureState: Sendable, Equatable {
    /// Ascending by day.
    package private(set) var days: [Day] = []
    /// Newest first.
    package private(set) var samples: [Sample] = []
    package private(set) var lastMS: Int64 = .min

    package struct Day: Sendable, Equatable {
        package var day: Int64
        package var tally: Tally
    }

    package struct Sample: Sendable, Equatable {
        package var ms: Int64
        package var position: Int64
        package var number: Int64
        /// Nil: the event has no such property.
        package var text: String?
    }

    /// Days kept singly of one feature; older ones become one.
    static let daysLimit = 1_200
    static let samplesLimit = 500
    /// The day that stands for all folded ones.
    package static let foldedDay: Int64 = -1_000_000

    package init() {}

    package init(_ feature: Feature, events: [CriteriaEvent], _ calendar: LocalCalendar) {
        for event in events where feature.filter.matches(event, calendar) { add(event, feature, calendar) }
    }

    /// Takes in an event that passed the feature's filter.
    package mutating func add(_ event: CriteriaEvent, _ feature: Feature, _ calendar: LocalCalendar) {
        let value = feature.property.flatMap { event.properties.first($0) }
        lastMS = max(lastMS, event.time.milliseconds)
        switch feature.keeps {
        case .days:
            merge(Day(day: calendar.day(of: event.time), tally: Tally(value?.number ?? CriteriaValue.noNumber)))
        case .samples:
            // With a property, only events that have it are kept.
            if feature.property != nil, value == nil { return }
            merge(
                Sample(
                    ms: event.time.milliseconds, position: event.position,
                    number: value?.number ?? CriteriaValue.noNumber, text: value?.text))
        }
    }

    /// What two people's events amount to together.
    package mutating func merge(_ other: FeatureState) {
        lastMS = max(lastMS, other.lastMS)
        for day in other.days { merge(day) }
        for sample in other.samples { merge(sample) }
    }

    private mutating func merge(_ day: Day) {
        var place = days.count
        while place > 0, days[place - 1].day > day.day { place -= 1 }
        if place > 0, days[place - 1].day == day.day {
            days[place - 1].tally.add(day.tally)
        } else {
            days.insert(day, at: place)
        }
        if days.count > Self.daysLimit {
            let oldest = days.removeFirst()
            days[0].tally.add(oldest.tally)
            days[0].day = Self.foldedDay
        }
    }

    private mutating func merge(_ sample: Sample) {
        var place = 0
        while place < samples.count, (samples[place].ms, samples[place].position) > (sample.ms, sample.position) {
            place += 1
        }
        if place < samples.count, samples[place] == sample { return }
        samples.insert(sample, at: place)
        if samples.count > Self.samplesLimit { samples.removeLast() }
    }

    /// What was there at a day's end.
    func through(day: Int64, before end: Int64) -> FeatureState {
        var state = FeatureState()
        state.days = days.filter { $0.day <= day }
        state.samples = samples.filter { $0.ms < end }
        state.lastMS = lastMS < end ? lastMS : state.samples.first?.ms ?? .min
        return state
    }

    /// The days of a window together.
    package func tally(from: Int64?, to: Int64?) -> Tally {
        var sum = Tally()
        for day in days where day.day >= from ?? .min && day.day <= to ?? .max { sum.add(day.tally) }
        return sum
    }
}

/// How often something happened, and what the values of a property come to.
package struct Tally: Sendable, Equatable {
    package var count: Int64 = 0
    /// Events whose property is a number.
    package var valued: Int64 = 0
    package var sum: Int64 = 0
    package var least: Int64 = .max
    package var most: Int64 = .min

    package init() {}

    init(_ number: Int64) {
        count = 1
        guard number != CriteriaValue.noNumber else { return }
        (valued, sum, least, most) = (1, number, number, number)
    }

    package mutating func add(_ other: Tally) {
        count += other.count
        valued += other.valued
        sum &+= other.sum
        least = min(least, other.least)
        most = max(most, other.most)
    }
}

extension FeatureState {
    /// Compact JSON.
    package var text: String {
        var members: [String: JSONValue] = [:]
        if lastMS != .min { members["l"] = .integer(lastMS) }
        if !days.isEmpty {
            members["d"] = .array(
                days.flatMap { day -> [JSONValue] in
                    let tally = day.tally
                    return [day.day, tally.count, tally.valued, tally.sum, tally.least, tally.most].map(
                        JSONValue.integer)
                })
        }
        if !samples.isEmpty {
            members["s"] = .array(
                samples.flatMap { sample -> [JSONValue] in
                    [
                        .integer(sample.ms), .integer(sample.position), .integer(sample.number),
                        sample.text.map(JSONValue.string) ?? .null,
                    ]
                })
        }
        return JSONValue.object(members).text()
    }

    /// Throws: `JSONError`.
    package init(parsing text: String) throws {
        let json = try JSONValue(parsing: text)
        lastMS = json["l"]?.intValue ?? .min
        let numbers = (json["d"]?.arrayValue ?? []).map { $0.intValue ?? 0 }
        for start in stride(from: 0, to: numbers.count - 5, by: 6) {
            var tally = Tally()
            (tally.count, tally.valued) = (numbers[start + 1], numbers[start + 2])
            (tally.sum, tally.least, tally.most) = (numbers[start + 3], numbers[start + 4], numbers[start + 5])
            days.append(Day(day: numbers[start], tally: tally))
        }
        let parts = json["s"]?.arrayValue ?? []
        for start in stride(from: 0, to: parts.count - 3, by: 4) {
            samples.append(
                Sample(
                    ms: parts[start].intValue ?? 0, position: parts[start + 1].intValue ?? 0,
                    number: parts[start + 2].intValue ?? CriteriaValue.noNumber,
                    text: parts[start + 3].stringValue))
        }
    }
}
