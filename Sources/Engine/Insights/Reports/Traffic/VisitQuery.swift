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

    /// What a visit is told of in words, each at the price of being carried along with every page that was seen.
    enum Text: String, CaseIterable {
        /// Answers `landing` and `leaving`.
        case page
        case host, campaign, medium, device
        /// Country, region and city with strokes.
        case spot

        /// Of an event.
        fileprivate var sql: AnalyticsSQL {
            switch self {
            case .page: VisitQuery.page
            case .host: "if(domain(referrer) = domain(url), '', lower(domain(referrer)))"
            case .campaign: "toString(campaign_source)"
            case .medium: "toString(campaign_medium)"
            case .device: VisitQuery.device
            case .spot: "if(\(ReportEvents.views), \(EventRegion.path), '')"
            }
        }

        /// Of the events, so that no column has the name of one of the visit.
        fileprivate var column: String { "of_" + rawValue }
        fileprivate var names: [String] { self == .page ? ["landing", "leaving"] : [rawValue] }

        fileprivate var aggregates: AnalyticsSQL {
            let first: AnalyticsSQL = ", argMinIf(\(raw: column), i, type = 1) AS \(raw: names[0])"
            return self == .page ? first + ", argMaxIf(\(raw: column), i, type = 1) AS leaving" : first
        }
    }

    /// The columns of a visit: `pid`, `day`, `hour` (hours since 1970 of the workspace's clocks), `views`, `seconds`,
    /// `engaged`, `orders_n`, `revenue`, and those of `texts`.
    func visits(_ period: ReportPeriod, _ texts: [Text] = Text.allCases) -> AnalyticsSQL {
        let zone = question.zone
        let names = AnalyticsSQL(text: texts.flatMap(\.names).map { ", " + $0 }.joined())
        return """
            SELECT pid, toInt64(toDate(begun, \(zone))) AS day,
                toInt64(toDate(begun, \(zone))) * 24 + toInt64(toHour(begun, \(zone))) AS hour, views, seconds,
                toInt64(views > 1 OR seconds >= \(Self.engagedSeconds) OR orders_n > 0) AS engaged, orders_n, revenue\(names)
            FROM (
                SELECT pid, toDateTime(intDiv(begin_ms, 1000)) AS begun, views, orders_n, revenue,
                    greatest(intDiv(dwelt, \(CriteriaValue.scale)), intDiv(end_ms - begin_ms, 1000)) AS seconds\(names)
                FROM (\(numbered(period, texts))) WHERE views > 0)
            WHERE day >= \(period.first) AND day <= \(period.last)
            """
    }

    private func numbered(_ period: ReportPeriod, _ texts: [Text]) -> AnalyticsSQL {
        let elements = texts.enumerated().map { index, text -> AnalyticsSQL in
            ", tupleElement(item, \(raw: String(index + 5))) AS \(raw: text.column)"
        }
        let columns = AnalyticsSQL(text: texts.map { ", " + $0.column }.joined())
        return """
            SELECT pid, number, min(t) AS begin_ms, max(t) AS end_ms, toInt64(countIf(type = 1)) AS views,
                toInt64(sumIf(value, type = 2)) AS dwelt, toInt64(countIf(type = 4)) AS orders_n,
                toInt64(sumIf(value, type = 4)) AS revenue\(AnalyticsSQL.concatenated(texts.map(\.aggregates)))
            FROM (
                SELECT pid, number, i, tupleElement(item, 1) AS t, tupleElement(item, 3) AS type,
                    tupleElement(item, 4) AS value\(AnalyticsSQL.concatenated(elements))
                FROM (
                    SELECT pid, items, arrayEnumerate(items) AS places, arrayCumSum(\(breaks)) AS numbers
                    FROM (
                        SELECT pid, items, arrayMap(x -> tupleElement(x, 1), items) AS times,
                            arrayMap(x -> tupleElement(x, 3), items) AS types
                        FROM (
                            SELECT pid, arraySort(x -> (tupleElement(x, 1), tupleElement(x, 2)), groupArray(
                                (t, place, type, value\(columns)))) AS items
                            FROM (\(acts(period, texts)) UNION ALL \(orders(period, texts))) GROUP BY pid)))
                ARRAY JOIN items AS item, numbers AS number, places AS i)
            GROUP BY pid, number
            """
    }

    /// Where a visit begins among what one person did in order, over `times` and `types`.
    private var breaks: AnalyticsSQL {
        """
        arrayMap((t, p, y) -> toInt64(t - p > \(Self.idleMilliseconds) OR y = 3), times,
            arrayPushFront(arrayPopBack(times), toInt64(0)), types)
        """
    }

    /// Only when visits began: `pid`, `day` and `hour` of each. Nothing else is carried along, which takes a tenth of the
    /// time of `visits`; the two agree.
    func begins(_ period: ReportPeriod) -> AnalyticsSQL {
        let zone = question.zone
        return """
            SELECT pid, toInt64(toDate(begun, \(zone))) AS day,
                toInt64(toDate(begun, \(zone))) * 24 + toInt64(toHour(begun, \(zone))) AS hour
            FROM (
                SELECT pid, toDateTime(intDiv(arrayJoin(arrayMap(x -> tupleElement(x, 1), arrayFilter(
                    x -> tupleElement(x, 3) > tupleElement(x, 2), arrayMap((s, a, z) -> (s, a, z), starts, seen,
                    arrayPushBack(arrayPopFront(seen), views))))), 1000)) AS begun
                FROM (
                    SELECT pid, arrayFilter((t, b) -> b = 1, times, flags) AS starts, toInt64(countEqual(types, 1)) AS views,
                        arrayFilter((c, b) -> b = 1, arrayMap((c, y) -> toInt64(c - (y = 1)), arrayCumSum(
                            arrayMap(y -> toInt64(y = 1), types)), types), flags) AS seen
                    FROM (
                        SELECT pid, times, types, \(breaks) AS flags FROM (
                            SELECT pid, arrayMap(x -> tupleElement(x, 1), items) AS times,
                                arrayMap(x -> tupleElement(x, 2) % 8, items) AS types
                            FROM (
                                SELECT pid, arraySort(groupArray((t, place * 8 + type))) AS items
                                FROM (\(acts(period, [])) UNION ALL \(orders(period, []))) GROUP BY pid)))))
            WHERE day >= \(period.first) AND day <= \(period.last)
            """
    }

    /// What people did, a day longer on both ends so that visits across midnight stay whole.
    private func acts(_ period: ReportPeriod, _ texts: [Text]) -> AnalyticsSQL {
        let named = texts.map { text -> AnalyticsSQL in ", \(text.sql) AS \(raw: text.column)" }
        let inner: AnalyticsSQL = """
            SELECT profile_id, ts_ms AS t, toInt64(position) AS place,
                toInt64(multiIf(\(ReportEvents.views), 1, name = 'Page Dwelt', 2, name = 'Session Started', 3, 0)) AS type,
                if(name = 'Page Dwelt', prop_numbers[indexOf(prop_names, 'seconds')], toInt64(0)) AS value\
            \(AnalyticsSQL.concatenated(named))
            FROM events
            WHERE \(ReportEvents.acts) AND \(ReportEvents.days(period.first - 1, period.last + 1))
            """
        return events.resolved(inner, columns: ["t", "place", "type", "value"] + texts.map(\.column))
    }

    private func orders(_ period: ReportPeriod, _ texts: [Text]) -> AnalyticsSQL {
        let none = texts.map { text -> AnalyticsSQL in ", materialize('') AS \(raw: text.column)" }
        return """
            SELECT profile_id AS pid, toInt64(toUnixTimestamp(ts)) * 1000 AS t, toInt64(order_key % 1000000007) AS place,
                materialize(toInt64(4)) AS type, net AS value\(AnalyticsSQL.concatenated(none))
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
