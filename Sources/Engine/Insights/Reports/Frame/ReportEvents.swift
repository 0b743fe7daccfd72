import Storage

/// Rows of `events` for reports: those of living people, each under the person it belongs to now, within days and segment.
struct ReportEvents {
    let question: ReportQuestion

    static let viewNames = ["Page Viewed", "Screen Viewed"]

    static let views: AnalyticsSQL = "name IN (\(list: viewNames))"

    /// What people did; not what Perennial wrote, nor who they said they are.
    static let acts: AnalyticsSQL = "kind IN ('track', 'page', 'screen') AND profile_id != 0"

    /// Days of the workspace, both included.
    static func days(_ first: Int64, _ last: Int64) -> AnalyticsSQL {
        "d >= toDate(\(LocalCalendar.text(ofDay: max(first, 0)))) AND d <= toDate(\(LocalCalendar.text(ofDay: max(last, 0))))"
    }

    /// `SELECT pid, columns…` of the rows that `inner` answers (`profile_id` and the columns), one level deeper.
    ///
    /// Merged people count as the one they became; the join stays on the shard of the rows, since both tables are
    /// divided by `profile_id`.
    func resolved(_ inner: AnalyticsSQL, columns: [String]) -> AnalyticsSQL {
        let list = AnalyticsSQL(text: columns.map { ", " + $0 }.joined())
        return """
            SELECT pid\(list) FROM (
                SELECT if(a.winner_id = 0, e.profile_id, a.winner_id) AS pid\(list) FROM (\(inner)) AS e
                ANY LEFT JOIN (SELECT profile_id, winner_id FROM profile_aliases AS x FINAL) AS a USING profile_id)
            WHERE \(people("pid"))
            """
    }

    /// That a column holds somebody of the segment; of anybody without one.
    func people(_ column: String) -> AnalyticsSQL {
        if let person = question.person { return "\(raw: column) = \(person)" }
        guard let segment = question.segment else { return "\(raw: column) != 0" }
        return """
            \(raw: column) IN (SELECT profile_id FROM profiles AS q FINAL
                WHERE is_deleted = 0 AND has(segments, toInt64(\(segment.id))))
            """
    }

    /// That a column holds somebody who was first seen on these days.
    func firstSeen(_ column: String, _ period: ReportPeriod) -> AnalyticsSQL {
        """
        \(raw: column) IN (SELECT profile_id FROM profiles AS n FINAL WHERE is_deleted = 0
            AND toInt64(toDate(first_seen_ts, \(question.zone))) >= \(period.first)
            AND toInt64(toDate(first_seen_ts, \(question.zone))) <= \(period.last))
        """
    }
}

/// Hours, days, weeks and months as whole numbers that follow one another.
package enum ReportStep: String, CaseIterable, Sendable {
    case hour, day, week, month

    /// From the day column of a table; hours from its time.
    func sql(day: String, time: String, _ zone: String) -> AnalyticsSQL {
        switch self {
        case .hour: "toInt64(toDate(\(raw: time), \(zone))) * 24 + toInt64(toHour(\(raw: time), \(zone)))"
        case .day: "toInt64(\(raw: day))"
        // Day 0 was a Thursday; week 0 began on the Monday before.
        case .week: "intDiv(toInt64(\(raw: day)) + 3, 7)"
        case .month: "toInt64(toYear(\(raw: day))) * 12 + toInt64(toMonth(\(raw: day))) - 1"
        }
    }

    /// The one in which a day lies (its first hour).
    func step(ofDay day: Int64) -> Int64 {
        switch self {
        case .hour: day * 24
        case .day: day
        case .week: (day + 3) / 7
        case .month:
            {
                let text = LocalCalendar.text(ofDay: day)
                let parts = text.split(separator: "-").compactMap { Int64($0) }
                return parts[0] * 12 + parts[1] - 1
            }()
        }
    }

    /// All of a period, in order.
    func steps(_ period: ReportPeriod) -> ClosedRange<Int64> {
        let first = step(ofDay: period.first)
        return self == .hour ? first...(period.last * 24 + 23) : first...step(ofDay: period.last)
    }

    /// The days of one.
    func days(_ step: Int64) -> ReportPeriod {
        switch self {
        case .hour: ReportPeriod(first: step / 24, last: step / 24)
        case .day: ReportPeriod(first: step, last: step)
        case .week: ReportPeriod(first: step * 7 - 3, last: step * 7 + 3)
        case .month: ReportPeriod(first: Self.monthStart(step), last: Self.monthStart(step + 1) - 1)
        }
    }

    /// `2026-11-22 13:00`, `2026-11-22`, `2026-11-16` (the Monday), `2026-11`.
    package func text(_ step: Int64) -> String {
        switch self {
        case .hour:
            let hour = step % 24
            return LocalCalendar.text(ofDay: step / 24) + (hour < 10 ? " 0" : " ") + "\(hour):00"
        case .day, .week: return LocalCalendar.text(ofDay: days(step).first)
        case .month: return String(LocalCalendar.text(ofDay: days(step).first).prefix(7))
        }
    }

    private static func monthStart(_ step: Int64) -> Int64 {
        let (year, month) = (step / 12, step % 12 + 1)
        let text = String(repeating: "0", count: max(0, 4 - String(year).count)) + "\(year)"
        return LocalCalendar.day(fromText: "\(text)-\(month < 10 ? "0" : "")\(month)-01") ?? 0
    }
}
