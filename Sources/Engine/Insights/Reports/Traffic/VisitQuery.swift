import Storage

/// Visits: runs of what one person did without thirty idle minutes, in which at least one page or screen was seen. The
/// tracker's `Session Started` begins another.
///
/// A person's events and orders are put in order in one array, numbered by visit, and taken apart again by visit.
struct VisitQuery {
    let question: ReportQuestion
    private var events: ReportEvents { ReportEvents(question: question) }

    private static let idleMilliseconds: Int64 = 1_800_000
    /// A visit of one page counts as engaged from so many seconds on, as in GA4.
    static let engagedSeconds: Int64 = 10

    /// The columns of a visit.
    ///
    /// `begin_ms`, `day`, `hour` (hours since 1970 of the workspace's clocks), `views`, `seconds`, `engaged`, `orders_n`,
    /// `revenue`, `landing`, `leaving`, `host`, `campaign`, `medium`, `device`, `spot` (country, region and city with
    /// strokes).
    func visits(_ period: ReportPeriod) -> AnalyticsSQL {
        let zone = question.zone
        return """
            SELECT pid, toInt64(toDate(begun, \(zone))) AS day,
                toInt64(toDate(begun, \(zone))) * 24 + toInt64(toHour(begun, \(zone))) AS hour, views, seconds,
                toInt64(views > 1 OR seconds >= \(Self.engagedSeconds) OR orders_n > 0) AS engaged, orders_n, revenue,
                landing, leaving, host, campaign, medium, device, spot
            FROM (
                SELECT pid, toDateTime(intDiv(begin_ms, 1000)) AS begun, views, orders_n, revenue,
                    greatest(intDiv(dwelt, \(CriteriaValue.scale)), intDiv(end_ms - begin_ms, 1000)) AS seconds,
                    landing, leaving, host, campaign, medium, device, spot
                FROM (\(numbered(period))) WHERE views > 0)
            WHERE day >= \(period.first) AND day <= \(period.last)
            """
    }

    private func numbered(_ period: ReportPeriod) -> AnalyticsSQL {
        """
        SELECT pid, number, min(t) AS begin_ms, max(t) AS end_ms, toInt64(countIf(type = 1)) AS views,
            toInt64(sumIf(value, type = 2)) AS dwelt, toInt64(countIf(type = 4)) AS orders_n,
            toInt64(sumIf(value, type = 4)) AS revenue, argMinIf(page, i, type = 1) AS landing,
            argMaxIf(page, i, type = 1) AS leaving, argMinIf(from_host, i, type = 1) AS host,
            argMinIf(named, i, type = 1) AS campaign, argMinIf(by, i, type = 1) AS medium,
            argMinIf(machine, i, type = 1) AS device, argMinIf(area, i, type = 1) AS spot
        FROM (
            SELECT pid, number, i, tupleElement(item, 1) AS t, tupleElement(item, 3) AS type,
                tupleElement(item, 4) AS value, tupleElement(item, 5) AS page, tupleElement(item, 6) AS from_host,
                tupleElement(item, 7) AS named, tupleElement(item, 8) AS by, tupleElement(item, 9) AS machine,
                tupleElement(item, 10) AS area
            FROM (
                SELECT pid, items, arrayEnumerate(items) AS places, arrayCumSum(arrayMap((t, p, y) ->
                    toInt64(t - p > \(Self.idleMilliseconds) OR y = 3), times,
                    arrayPushFront(arrayPopBack(times), toInt64(0)), types)) AS numbers
                FROM (
                    SELECT pid, items, arrayMap(x -> tupleElement(x, 1), items) AS times,
                        arrayMap(x -> tupleElement(x, 3), items) AS types
                    FROM (
                        SELECT pid, arraySort(x -> (tupleElement(x, 1), tupleElement(x, 2)), groupArray(
                            (t, place, type, value, page, host, campaign, medium, device, spot))) AS items
                        FROM (\(acts(period)) UNION ALL \(orders(period))) GROUP BY pid)))
            ARRAY JOIN items AS item, numbers AS number, places AS i)
        GROUP BY pid, number
        """
    }

    /// What people did, a day longer on both ends so that visits across midnight stay whole.
    private func acts(_ period: ReportPeriod) -> AnalyticsSQL {
        let inner: AnalyticsSQL = """
            SELECT profile_id, ts_ms AS t, toInt64(position) AS place,
                toInt64(multiIf(\(ReportEvents.views), 1, name = 'Page Dwelt', 2, name = 'Session Started', 3, 0)) AS type,
                if(name = 'Page Dwelt', prop_numbers[indexOf(prop_names, 'seconds')], toInt64(0)) AS value,
                \(Self.page) AS page, if(domain(referrer) = domain(url), '', lower(domain(referrer))) AS host,
                toString(campaign_source) AS campaign, toString(campaign_medium) AS medium, \(Self.device) AS device,
                if(\(ReportEvents.views), \(EventRegion.path), '') AS spot
            FROM events
            WHERE \(ReportEvents.acts) AND \(ReportEvents.days(period.first - 1, period.last + 1))
            """
        return events.resolved(
            inner, columns: ["t", "place", "type", "value", "page", "host", "campaign", "medium", "device", "spot"])
    }

    private func orders(_ period: ReportPeriod) -> AnalyticsSQL {
        """
        SELECT profile_id AS pid, toInt64(toUnixTimestamp(ts)) * 1000 AS t, toInt64(order_key % 1000000007) AS place,
            materialize(toInt64(4)) AS type, net AS value, materialize('') AS page, materialize('') AS host,
            materialize('') AS campaign, materialize('') AS medium, materialize('') AS device, materialize('') AS spot
        FROM orders AS o FINAL
        WHERE \(OrderFacts.ofPeople) AND \(ReportEvents.days(period.first - 1, period.last + 1))
            AND \(events.people("profile_id"))
        """
    }

    /// The path of a page's address; of a screen, what it calls itself.
    static let page: AnalyticsSQL = """
        multiIf(url != '', path(url), visitParamHas(properties, 'path'), visitParamExtractString(properties, 'path'),
            visitParamHas(properties, 'name'), visitParamExtractString(properties, 'name'),
            visitParamExtractString(properties, 'title'))
        """

    /// As the collectors found it out from the user agent.
    private static let device: AnalyticsSQL = """
        multiIf(visitParamHas(context, 'client'),
            visitParamExtractString(visitParamExtractRaw(context, 'client'), 'device'),
            name = 'Screen Viewed', 'app', 'unknown')
        """
}
