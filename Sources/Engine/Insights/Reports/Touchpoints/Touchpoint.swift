import Science
import Storage

/// What of a visit may decide whether it is answered: where it came from, when it began, what it landed on.
package enum TouchpointKind: String, Sendable, CaseIterable {
    case channel, weekday, hour, page

    /// Over the columns of a visit (`VisitQuery`).
    var key: AnalyticsSQL {
        switch self {
        case .channel: TrafficSource.kind
        case .weekday: "concat('weekday_', toString((day + 3) % 7 + 1))"
        case .hour: "toString(hour % 24)"
        // The first part of the path: `/tea/green-100` is a page of the kind `/tea`.
        case .page:
            """
            if(landing LIKE '/%', concat('/', splitByChar('/', landing)[2]), landing)
            """
        }
    }

    /// Hours and weekdays in the order of time, others by their rates.
    func precedes(_ one: Touchpoint, _ other: Touchpoint) -> Bool {
        switch self {
        case .hour: (Int(one.name) ?? 0) < (Int(other.name) ?? 0)
        case .weekday: one.name < other.name
        case .channel, .page: (other.rate, one.name) < (one.rate, other.name)
        }
    }

    /// Its panel in the report.
    package var panel: String {
        switch self {
        case .channel: "channels"
        case .weekday: "weekdays"
        case .hour: "hours_of_day"
        case .page: "page_types"
        }
    }
}

/// Visits of one kind and how many were answered.
package struct Touchpoint: Sendable, Equatable {
    package var name: String
    package var visits: Int64
    package var answered: Int64
    package var people: Int64
    /// Drawn towards what was to be expected anyway, the more the fewer visits there are.
    package var rate: Double
    /// Where the rate lies with a probability of 95 %.
    package var low: Double
    package var high: Double

    package init(_ name: String, visits: Int64, answered: Int64, people: Int64, from expected: Double) {
        self.name = name
        self.visits = visits
        self.answered = answered
        self.people = people
        let belief = BetaDistribution(successes: answered, of: visits, from: expected, weight: Self.weight)
        rate = belief.mean
        low = belief.quantile(0.025)
        high = belief.quantile(0.975)
    }

    /// What is expected anyway weighs as much as so many visits.
    package static let weight = 20.0
}

/// Reads visits by touchpoint.
struct TouchpointQuery {
    let question: ReportQuestion

    /// That a visit was answered.
    private var answered: AnalyticsSQL { question.text("answer") == "order" ? "orders_n > 0" : "engaged = 1" }

    private var visits: AnalyticsSQL { VisitQuery(question: question).visits(question.period) }

    struct Counts {
        var name: String
        var visits: Int64
        var answered: Int64
        var people: Int64
    }

    func all() async throws -> Counts {
        try await counts("toString('')").first ?? Counts(name: "", visits: 0, answered: 0, people: 0)
    }

    func counts(_ kind: TouchpointKind) async throws -> [Counts] { try await counts(kind.key) }

    private func counts(_ key: AnalyticsSQL) async throws -> [Counts] {
        let table = try await question.analytics.query(
            """
            SELECT key, toInt64(count()) AS n, toInt64(sum(good)), toInt64(uniqExactIf(pid, good = 1))
            FROM (SELECT pid, \(key) AS key, toInt64(\(answered)) AS good FROM (\(visits)))
            GROUP BY key ORDER BY n DESC, key
            """, limits: question.limits)
        let names = try table.strings(0)
        let (visits, good, people) = (try table.ints(1), try table.ints(2), try table.ints(3))
        return names.indices.map {
            Counts(name: names[$0], visits: visits[$0], answered: good[$0], people: people[$0])
        }
    }

    /// People with an answered visit, or one of a kind. Throws: `ReportError.unknownPlace`.
    func people(_ place: ReportPlace) throws -> AnalyticsSQL {
        if place.kind == "answered" {
            return "SELECT DISTINCT pid FROM (\(visits)) WHERE \(answered) ORDER BY pid"
        }
        guard let kind = TouchpointKind(rawValue: place.kind) else { throw ReportError.unknownPlace(place.description) }
        return "SELECT DISTINCT pid FROM (\(visits)) WHERE \(answered) AND \(kind.key) = \(place.value) ORDER BY pid"
    }
}
