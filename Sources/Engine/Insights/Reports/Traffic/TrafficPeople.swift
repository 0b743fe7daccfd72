import Storage

/// The people behind the figures of the traffic report: its conditions, asking who instead of how many.
struct TrafficPeople {
    let question: ReportQuestion

    /// Throws: `ReportError.unknownPlace`.
    func statement(_ place: ReportPlace) throws -> AnalyticsSQL {
        let period = question.period
        let events = ReportEvents(question: question)
        switch place.kind {
        case "visitors": return viewed("1 = 1")
        case "now": return "\(present) ORDER BY pid"
        case "newcomers": return "\(viewers("1 = 1")) AND \(events.firstSeen("pid", period)) ORDER BY pid"
        case "returning": return "\(viewers("1 = 1")) AND NOT (\(events.firstSeen("pid", period))) ORDER BY pid"
        case "bounced": return visited("views = 1")
        case "engaged": return visited("engaged = 1")
        case "converted": return visited("orders_n > 0")
        case "step":
            let step = ReportStep(rawValue: question.text("step")) ?? .day
            return viewed("\(step.sql(day: "d", time: "ts", question.zone)) = \(try place.number())")
        case "hour":
            let parts = place.value.split(separator: "-").compactMap { Int64($0) }
            guard parts.count == 2 else { throw ReportError.unknownPlace(place.description) }
            let zone = question.zone
            return viewed("toDayOfWeek(toDate(ts, \(zone))) = \(parts[0]) AND toHour(ts, \(zone)) = \(parts[1])")
        case "source":
            let parts = place.value.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw ReportError.unknownPlace(place.description) }
            return visited(
                "\(TrafficSource.kind) = \(String(parts[0])) AND \(TrafficSource.name) = \(String(parts[1]))")
        case "landing": return visited("landing = \(place.value)")
        case "leaving": return visited("leaving = \(place.value)")
        case "device": return visited("if(device = '', 'unknown', device) = \(place.value)")
        case "region":
            let parts = place.value.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard (1...3).contains(parts.count) else { throw ReportError.unknownPlace(place.description) }
            let same = parts.enumerated().map { index, part -> AnalyticsSQL in
                "splitByChar('/', spot)[\(index + 1)] = \(part)"
            }
            return visited(AnalyticsSQL(text: same.map(\.text).joined(separator: " AND ")))
        case "revisit":
            return "SELECT DISTINCT pid FROM (\(revisits)) WHERE band = \(try place.number()) ORDER BY pid"
        case "visits":
            return """
                SELECT pid FROM (SELECT pid, \(TrafficReport.frequencyBand) AS visits
                    FROM (\(VisitQuery(question: question).begins(period))) GROUP BY pid)
                WHERE visits = \(try place.number()) ORDER BY pid
                """
        default: throw ReportError.unknownPlace(place.description)
        }
    }

    /// Rows of `pid`, `band`: the first day of the band of days since the visit before, for visits of the period. Visits
    /// of a year before it are looked at, too.
    var revisits: AnalyticsSQL {
        let whole = ReportPeriod(
            first: max(0, question.period.first - Self.lookBackDays), last: question.period.last)
        let bands = TrafficReport.revisitBands.reversed().dropLast().map { first, _ -> AnalyticsSQL in
            "gap >= \(first), \(first), "
        }
        return """
            SELECT pid, toInt64(multiIf(\(AnalyticsSQL.concatenated(bands))0)) AS band FROM (
                SELECT pid, later, gap FROM (
                    SELECT pid, arraySort(groupArray(day)) AS days
                    FROM (\(VisitQuery(question: question).begins(whole))) GROUP BY pid)
                ARRAY JOIN arrayPopFront(days) AS later, arrayMap((a, b) -> b - a, arrayPopBack(days),
                    arrayPopFront(days)) AS gap)
            WHERE later >= \(question.period.first)
            """
    }

    private static let lookBackDays: Int64 = 365

    /// So long after a page or a sign of life somebody counts as here; the tracker tells of time spent every minute or so.
    private static let presentMilliseconds: Int64 = 300_000

    /// Who is here now, whatever days are asked about.
    var present: AnalyticsSQL {
        let today = question.clock.today
        let since = question.clock.now.milliseconds - Self.presentMilliseconds
        return viewers("ts_ms > \(since) AND ts_ms <= \(question.clock.now.milliseconds)", today - 1, today)
    }

    private func viewers(_ condition: AnalyticsSQL) -> AnalyticsSQL {
        viewers(condition, question.period.first, question.period.last)
    }

    private func viewers(_ condition: AnalyticsSQL, _ first: Int64, _ last: Int64) -> AnalyticsSQL {
        let inner: AnalyticsSQL = """
            SELECT profile_id FROM events
            WHERE \(ReportEvents.views) AND \(ReportEvents.acts) AND \(ReportEvents.days(first, last)) AND \(condition)
            GROUP BY profile_id
            """
        return "SELECT DISTINCT pid FROM (\(ReportEvents(question: question).resolved(inner, columns: []))) WHERE 1 = 1"
    }

    private func viewed(_ condition: AnalyticsSQL) -> AnalyticsSQL { "\(viewers(condition)) ORDER BY pid" }

    private func visited(_ condition: AnalyticsSQL) -> AnalyticsSQL {
        "SELECT DISTINCT pid FROM (\(VisitQuery(question: question).visits(question.period))) WHERE \(condition) ORDER BY pid"
    }
}
