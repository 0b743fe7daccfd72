import Storage

/// What somebody wants to know of a report: days, the days compared with, a segment, and the report's own parameters.
package struct ReportQuestion: Sendable {
    package let platform: Platform
    package let workspace: Workspace
    package let clock: CriteriaClock
    package private(set) var period: ReportPeriod
    package let other: ReportPeriod
    /// Only the people who are in it now.
    package let segment: Segment?
    /// Only this person.
    private(set) var person: Int64?
    /// Checked values of the report's parameters, the usual ones filled in.
    package let values: [String: String]
    private let filters: [String: [EventFilter]]

    /// The parameters that every report has.
    package static let common = ["from", "to", "days", "compare", "segment", "panel"]
    package static let usualDays = 30
    package static let daysMax = 1_100
    /// A panel that takes longer is given up with a word.
    static let seconds = 30
    static let eventListLimit = 10

    var zone: String { workspace.timeZone }
    var analytics: any AnalyticsStore { platform.analytics }
    var limits: QueryLimits { QueryLimits(seconds: Self.seconds) }

    /// The same about other days.
    func about(_ period: ReportPeriod) -> ReportQuestion {
        var copy = self
        copy.period = period
        return copy
    }

    /// A place with the question that it belongs to: a step of the days before is one of the same question about those.
    func about(_ place: ReportPlace) -> (place: ReportPlace, question: ReportQuestion) {
        guard place.kind == ReportPlace.before else { return (place, self) }
        return (ReportPlace("step", place.value), about(other))
    }

    /// The same about one person.
    func about(person: Int64) -> ReportQuestion {
        var copy = self
        copy.person = person
        return copy
    }

    /// The people at a place, with days that mean the same tomorrow.
    package func mark(_ report: String, _ place: ReportPlace) -> Mark {
        var values = values.filter { !$0.value.isEmpty }
        values["from"] = period.firstText
        values["to"] = period.lastText
        if let segment { values["segment"] = String(segment.id) }
        return .report(report, values: values, place)
    }

    /// What groups are called that are told by an id: those of `by` = source.
    func groupNames() async throws -> [String: String] {
        guard text("by") == "source" else { return [:] }
        let sources = try await platform.store.read { try CriteriaWorld.load($0).sources }
        return Dictionary(uniqueKeysWithValues: sources.map { (String($0.key), $0.value) })
    }

    package func text(_ name: String) -> String { values[name] ?? "" }
    package func whole(_ name: String) -> Int64 { Int64(text(name)) ?? 0 }
    package func events(_ name: String) -> [EventFilter] { filters[name] ?? [] }

    /// The event that a report cannot do without. Throws: `ReportError.badParameter`.
    func event(_ name: String) throws -> EventFilter {
        guard let filter = events(name).first else {
            throw ReportError.badParameter(name, given: "", expected: "an event")
        }
        return filter
    }

    /// Reads the values of a request; empty ones count as not said. Throws: `ReportError`, `StorageError`.
    package init(
        _ report: any InsightReport.Type, _ given: [String: String], _ platform: Platform
    ) async throws {
        let given = given.filter { !$0.value.isEmpty }
        let now = platform.effects.now()
        let segmentText = given["segment"]
        let (workspace, segment) = try await platform.store.read { connection in
            (
                try Workspace.load(connection),
                try segmentText.map { text -> Segment in
                    guard let id = Int64(text), let found = try Segments.stored(id, connection) else {
                        throw ReportError.unknownSegment(text)
                    }
                    return found
                }
            )
        }
        self.platform = platform
        self.workspace = workspace
        self.segment = segment
        clock = CriteriaClock(
            now: now, calendar: workspace.calendar, currencyDigits: CurrencyScale.digits(workspace.currency))
        period = try Self.period(given, today: clock.today)
        switch given["compare"] ?? "before" {
        case "before": other = period.before
        case "year": other = period.yearBefore
        case let word: throw ReportError.badParameter("compare", given: word, expected: "before or year")
        }
        var values: [String: String] = [:]
        var filters: [String: [EventFilter]] = [:]
        for parameter in report.parameters {
            let text = given[parameter.name] ?? parameter.usual
            values[parameter.name] = text
            switch parameter.kind {
            case .words(let words):
                guard words.contains(text) else {
                    throw ReportError.badParameter(
                        parameter.name, given: text, expected: "one of " + words.joined(separator: ", "))
                }
            case .whole(let range):
                guard let number = Int64(text), range.contains(number) else {
                    throw ReportError.badParameter(
                        parameter.name, given: text, expected: "between \(range.lowerBound) and \(range.upperBound)")
                }
            case .text, .property:
                guard text.utf8.count <= CriteriaLimits.textBytes else {
                    throw ReportError.badParameter(
                        parameter.name, given: "", expected: "at most \(CriteriaLimits.textBytes) bytes long")
                }
            case .events: filters[parameter.name] = try EventWords.read(text, parameter.name).map { [$0] } ?? []
            case .eventList: filters[parameter.name] = try EventWords.list(text, parameter.name)
            }
        }
        self.values = values
        self.filters = filters
    }

    /// Whether a step is not over: figures of it can still grow. Hours come and go too fast to be told.
    func isOpen(_ step: ReportStep, _ place: Int64) -> Bool {
        step != .hour && place == step.step(ofDay: clock.today)
    }

    private static func period(_ given: [String: String], today: Int64) throws -> ReportPeriod {
        func day(_ name: String) throws -> Int64? {
            try given[name].map { text in
                guard let day = LocalCalendar.day(fromText: text), day >= 0 else {
                    throw ReportError.badParameter(name, given: text, expected: "a day such as 2026-11-22")
                }
                return day
            }
        }
        let last = min(try day("to") ?? today, today)
        if let first = try day("from") {
            guard first <= last else {
                throw ReportError.badParameter(
                    "from", given: LocalCalendar.text(ofDay: first), expected: "no later than the last day")
            }
            let period = ReportPeriod(first: first, last: last)
            guard period.days <= daysMax else { throw ReportError.periodTooLong(days: period.days, limit: daysMax) }
            return period
        }
        let text = given["days"] ?? String(usualDays)
        guard let days = Int(text), (1...daysMax).contains(days) else {
            throw ReportError.badParameter("days", given: text, expected: "between 1 and \(daysMax)")
        }
        return ReportPeriod(days: days, through: last)
    }
}

/// Events as people write them: `Product Viewed`, `Order Completed, Order Refunded`, or JSON of the condition language.
enum EventWords {
    /// Nil for an empty text. Throws: `ReportError.badEvents`.
    static func read(_ text: String, _ name: String) throws -> EventFilter? {
        let text = Whitespace.trim(text)
        guard !text.isEmpty else { return nil }
        return try read(json(text, name), name)
    }

    /// Throws: `ReportError`.
    static func list(_ text: String, _ name: String) throws -> [EventFilter] {
        let text = Whitespace.trim(text)
        guard !text.isEmpty else { return [] }
        let elements: [JSONValue]
        if text.hasPrefix("[") {
            elements = try json(text, name).arrayValue ?? []
        } else {
            elements = try text.split(whereSeparator: \.isNewline).compactMap { line in
                let line = Whitespace.trim(String(line))
                return line.isEmpty ? nil : try json(line, name)
            }
        }
        guard elements.count <= ReportQuestion.eventListLimit else {
            throw ReportError.badParameter(
                name, given: "\(elements.count)", expected: "at most \(ReportQuestion.eventListLimit) events")
        }
        return try elements.enumerated().map { try read($0.element, "\(name)[\($0.offset)]") }
    }

    private static func json(_ text: String, _ name: String) throws -> JSONValue {
        guard text.hasPrefix("{") || text.hasPrefix("[") else {
            let names = text.split(separator: ",").map { Whitespace.trim(String($0)) }.filter { !$0.isEmpty }
            return ["names": .array(names.map { .string($0) })]
        }
        do {
            return try JSONValue(parsing: text, maximumDepth: CriteriaLimits.depth)
        } catch {
            throw ReportError.badEvents(name, CriteriaError(issues: [CriteriaIssue("", .notJSON("\(error)"))]))
        }
    }

    private static func read(_ value: JSONValue, _ name: String) throws -> EventFilter {
        let notes = CriteriaNotes()
        let filter = EventFilter(
            CriteriaReader(value.stringValue.map { ["names": .array([.string($0)])] } ?? value, name, notes))
        guard notes.issues.isEmpty else { throw ReportError.badEvents(name, CriteriaError(issues: notes.issues)) }
        return filter
    }
}
