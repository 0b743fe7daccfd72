import Storage

/// Reads events by a measure.
struct ExploreQuery {
    let question: ReportQuestion
    let filter: EventFilter

    /// Throws: `ReportError` when the event or the property that the measure needs is missing.
    init(_ question: ReportQuestion) throws {
        self.question = question
        filter = try question.event("event")
        if ["sum", "average"].contains(measure), property.isEmpty {
            throw ReportError.badParameter("property", given: "", expected: "the number to add up, for this measure")
        }
        if step == .hour, question.period.days > 31 {
            throw ReportError.periodTooLong(days: question.period.days, limit: 31)
        }
    }

    var measure: String { question.text("measure") }
    var property: String { question.text("property") }
    var by: String { question.text("by") }
    var step: ReportStep { ReportStep(rawValue: question.text("step")) ?? .day }
    var unit: ReportPanel.Unit { measure == "events" || measure == "people" ? .count : .decimal }
    private var events: ReportEvents { ReportEvents(question: question) }

    struct Measures {
        var (events, people) = (0.0, 0.0)
        /// Sum of the property and how many events have it as a number.
        var (sum, valued) = (0.0, 0.0)
        var perPerson: Double? { people > 0 ? events / people : nil }
        var average: Double? { valued > 0 ? sum / valued : nil }

        static let nothing = Measures()

        func value(_ measure: String) -> Double? {
            switch measure {
            case "events": events
            case "people": people
            case "per_person": perPerson
            case "sum": sum
            default: average
            }
        }
    }

    private var condition: AnalyticsSQL {
        """
        \(ReportEvents.acts) AND \(ReportEvents.days(question.period.first, question.period.last))
            AND \(filter.sql(question.clock))
        """
    }

    /// The property as ten-thousandths; the mark of no number without it.
    private var number: AnalyticsSQL {
        guard !property.isEmpty else { return "toInt64(\(CriteriaValue.noNumber))" }
        return """
            if(has(prop_names, \(property)), prop_numbers[indexOf(prop_names, \(property))],
                toInt64(\(CriteriaValue.noNumber)))
            """
    }

    /// Rows of `pid`, the key and sums, summed up by profile.
    private func rows(_ key: AnalyticsSQL) -> AnalyticsSQL {
        let inner: AnalyticsSQL = """
            SELECT profile_id, \(key) AS key, toInt64(count()) AS hits,
                toInt64(sumIf(\(number), \(number) != \(CriteriaValue.noNumber))) AS total,
                toInt64(countIf(\(number) != \(CriteriaValue.noNumber))) AS valued
            FROM events WHERE \(condition) GROUP BY profile_id, key
            """
        return events.resolved(inner, columns: ["key", "hits", "total", "valued"])
    }

    private func measured(_ source: AnalyticsSQL) async throws -> (AnalyticsTable, [Measures]) {
        let table = try await question.analytics.query(
            """
            SELECT key, toInt64(sum(hits)) AS times, toInt64(uniqExact(pid)), toInt64(sum(total)), toInt64(sum(valued))
            FROM (\(source)) GROUP BY key ORDER BY times DESC, key
            """, limits: question.limits)
        let (times, people) = (try table.ints(1), try table.ints(2))
        let (sums, valued) = (try table.ints(3), try table.ints(4))
        return (
            table,
            times.indices.map { row in
                var measures = Measures()
                measures.events = Double(times[row])
                measures.people = Double(people[row])
                measures.sum = Double(sums[row]) / Double(CriteriaValue.scale)
                measures.valued = Double(valued[row])
                return measures
            }
        )
    }

    func measures(by key: AnalyticsSQL) async throws -> [Int64: Measures] {
        let (table, measures) = try await measured(rows(key))
        return Dictionary(zip(try table.ints(0), measures)) { first, _ in first }
    }

    /// By what the question divides, the largest first.
    func groups() async throws -> [(group: String, measures: Measures)] {
        let (table, measures) = try await measured(grouped)
        let measure = measure
        return zip(try table.strings(0), measures).map { ($0, $1) }.sorted { left, right in
            let (one, two) = (left.1.value(measure) ?? 0, right.1.value(measure) ?? 0)
            return one != two ? one > two : left.0 < right.0
        }
    }

    /// Traits of people are read beside the events; the rest belongs to the event.
    private var grouped: AnalyticsSQL {
        guard by == "stage" || by == "rfm_class" else { return rows(eventKey) }
        return """
            SELECT r.pid AS pid, if(q.word = '', 'none', q.word) AS key, r.hits AS hits, r.total AS total, r.valued AS valued
            FROM (SELECT pid, hits, total, valued FROM (\(rows("toInt64(0)")))) AS r
            ANY LEFT JOIN (SELECT profile_id AS pid, toString(\(raw: by == "stage" ? "stage" : "rfm_class")) AS word
                FROM profiles AS p FINAL WHERE is_deleted = 0) AS q USING pid
            """
    }

    private var eventKey: AnalyticsSQL {
        switch by {
        case "source": "toString(source_id)"
        case "campaign": "toString(campaign_source)"
        case "weekday": "concat('weekday_', toString(toDayOfWeek(toDate(ts, \(question.zone)))))"
        case "hour": "toString(toHour(ts, \(question.zone)))"
        case let property: "prop_texts[indexOf(prop_names, \(property))]"
        }
    }

    /// People by how often they did it, the last for so often and more.
    func times(most: Int64) async throws -> [(times: Int64, people: Double)] {
        let table = try await question.analytics.query(
            "SELECT times, toInt64(count()) FROM (\(timesByPerson(most))) GROUP BY times ORDER BY times",
            limits: question.limits)
        return zip(try table.ints(0), try table.ints(1)).map { ($0, Double($1)) }
    }

    private func timesByPerson(_ most: Int64) -> AnalyticsSQL {
        """
        SELECT pid, if(sum(hits) > \(most), toInt64(\(most)), toInt64(sum(hits))) AS times
        FROM (\(rows("toInt64(0)"))) GROUP BY pid
        """
    }

    /// The least and the greatest number of the property; nil without any.
    func range() async throws -> ClosedRange<Int64>? {
        let table = try await question.analytics.query(
            "SELECT toInt64(min(number)), toInt64(max(number)), toInt64(count()) FROM (\(numbers))",
            limits: question.limits)
        guard let count = try table.ints(2).first, count > 0 else { return nil }
        let (low, high) = (try table.ints(0)[0], try table.ints(1)[0])
        return low...max(low, high)
    }

    private var numbers: AnalyticsSQL {
        let inner: AnalyticsSQL = "SELECT profile_id, \(number) AS number FROM events WHERE \(condition)"
        return """
            SELECT pid, number FROM (\(events.resolved(inner, columns: ["number"])))
            WHERE number != \(CriteriaValue.noNumber)
            """
    }

    /// Bands round down, below nothing too.
    private func band(_ width: Int64) -> AnalyticsSQL {
        "if(number >= 0, intDiv(number, \(width)), -intDiv(\(width - 1) - number, \(width)))"
    }

    func bands(_ width: Int64) async throws -> [(band: Int64, events: Double, people: Double)] {
        let table = try await question.analytics.query(
            """
            SELECT toInt64(\(band(width))) AS band, toInt64(count()), toInt64(uniqExact(pid)) FROM (\(numbers))
            GROUP BY band ORDER BY band
            """, limits: question.limits)
        let (bands, counts, people) = (try table.ints(0), try table.ints(1), try table.ints(2))
        return bands.indices.map { (bands[$0], Double(counts[$0]), Double(people[$0])) }
    }

    /// Throws: `ReportError.unknownPlace`.
    func people(_ place: ReportPlace) throws -> AnalyticsSQL {
        switch place.kind {
        case "everybody": return "SELECT DISTINCT pid FROM (\(rows("toInt64(0)"))) ORDER BY pid"
        case "step":
            let key = step.sql(day: "d", time: "ts", question.zone)
            return "SELECT DISTINCT pid FROM (\(rows(key))) WHERE key = \(try place.number()) ORDER BY pid"
        case "group": return "SELECT DISTINCT pid FROM (\(grouped)) WHERE key = \(place.value) ORDER BY pid"
        case "times":
            return "SELECT pid FROM (\(timesByPerson(10))) WHERE times = \(try place.number()) ORDER BY pid"
        case "band":
            let parts = place.value.split(separator: "/").compactMap { Int64($0) }
            guard parts.count == 2, parts[0] > 0 else { throw ReportError.unknownPlace(place.description) }
            return """
                SELECT DISTINCT pid FROM (\(numbers)) WHERE \(band(parts[0])) = \(parts[1]) ORDER BY pid
                """
        default: throw ReportError.unknownPlace(place.description)
        }
    }
}
