import Storage

/// The overview's statements; each runs on chDB and on a cluster.
struct OverviewQueries {
    let analytics: any AnalyticsStore
    let timeZone: String

    private static let limits = QueryLimits(seconds: 60)

    func figures(_ period: ReportPeriod) async throws -> Overview.Figures {
        var figures = Overview.Figures()
        let people = try await analytics.query(
            """
            SELECT toInt64(count()), toInt64(countIf(day >= \(period.first))),
                toInt64(countIf(identified = 1 AND identified_day <= \(period.last)))
            FROM (SELECT toInt64(toDate(first_seen_ts, \(timeZone))) AS day, identified,
                toInt64(toDate(identified_ts, \(timeZone))) AS identified_day
                FROM profiles FINAL WHERE is_deleted = 0)
            WHERE day <= \(period.last)
            """, limits: Self.limits)
        figures.people = try people.ints(0).first ?? 0
        figures.new = try people.ints(1).first ?? 0
        figures.identified = try people.ints(2).first ?? 0

        let active = try await analytics.query(
            """
            SELECT toInt64(uniqExact(if(a.winner_id = 0, e.profile_id, a.winner_id)))
            FROM (SELECT profile_id FROM events WHERE kind != 'system' AND profile_id != 0
                AND d >= toDate(\(period.firstText)) AND d <= toDate(\(period.lastText)) GROUP BY profile_id) AS e
            ANY LEFT JOIN (SELECT profile_id, winner_id FROM profile_aliases FINAL) AS a USING profile_id
            """, limits: Self.limits)
        figures.active = try active.ints(0).first ?? 0

        let orders = try await analytics.query(
            """
            SELECT sum(orders_n), sum(value), toInt64(countIf(profile_id != 0)),
                toInt64(countIf(profile_id != 0 AND purchases > 1))
            FROM (SELECT profile_id, toInt64(countIf(d >= toDate(\(period.firstText)))) AS orders_n,
                sumIf(net, d >= toDate(\(period.firstText))) AS value, toInt64(count()) AS purchases
                FROM \(OrderFacts.source)
                WHERE \(OrderFacts.condition) AND d <= toDate(\(period.lastText)) GROUP BY profile_id)
            WHERE orders_n > 0
            """, limits: OrderFacts.limits)
        figures.orders = try orders.ints(0).first ?? 0
        figures.revenue = try orders.ints(1).first ?? 0
        figures.buyers = try orders.ints(2).first ?? 0
        figures.repeatBuyers = try orders.ints(3).first ?? 0
        return figures
    }

    func days(_ period: ReportPeriod) async throws -> [Overview.Day] {
        var days = (period.first...period.last).map { Overview.Day(day: LocalCalendar.text(ofDay: $0)) }
        let orders = try await analytics.query(
            """
            SELECT toInt64(d) AS day, toInt64(count()), sum(net) FROM \(OrderFacts.source)
            WHERE \(OrderFacts.condition) AND d >= toDate(\(period.firstText)) AND d <= toDate(\(period.lastText))
            GROUP BY day ORDER BY day
            """, limits: Self.limits)
        let (orderDays, counts, sums) = (try orders.ints(0), try orders.ints(1), try orders.ints(2))
        for row in orderDays.indices {
            let index = Int(orderDays[row] - period.first)
            guard days.indices.contains(index) else { continue }
            days[index].orders = counts[row]
            days[index].revenue = sums[row]
        }
        let new = try await analytics.query(
            """
            SELECT day, toInt64(count()) FROM (
                SELECT toInt64(toDate(first_seen_ts, \(timeZone))) AS day FROM profiles FINAL WHERE is_deleted = 0)
            WHERE day >= \(period.first) AND day <= \(period.last) GROUP BY day ORDER BY day
            """, limits: Self.limits)
        for (day, people) in zip(try new.ints(0), try new.ints(1)) {
            let index = Int(day - period.first)
            if days.indices.contains(index) { days[index].new = people }
        }
        return days
    }
}
