import Storage

/// Reads days on which people did something, the scenes they were in, and whether the event sought happened.
struct SceneQuery {
    let question: ReportQuestion
    let filter: EventFilter

    /// Throws: `ReportError` when no event is asked for.
    init(_ question: ReportQuestion) throws {
        self.question = question
        filter = try question.event("event")
    }

    private var events: ReportEvents { ReportEvents(question: question) }
    private var period: ReportPeriod { question.period }

    struct Counts {
        var scene: String
        var days: Int64
        var hits: Int64
        var people: Int64
    }

    /// All days, and each scene's.
    func counts() async throws -> (all: Counts, scenes: [Counts]) {
        let table = try await question.analytics.query(
            """
            SELECT scene, toInt64(count()) AS n, toInt64(sum(hit)), toInt64(uniqExactIf(pid, hit = 1))
            FROM (SELECT pid, hit, arrayJoin(arrayPushBack(scenes, '')) AS scene FROM (\(days)))
            GROUP BY scene ORDER BY n DESC, scene
            """, limits: question.limits)
        let names = try table.strings(0)
        let (days, hits, people) = (try table.ints(1), try table.ints(2), try table.ints(3))
        let found = names.indices.map {
            Counts(scene: names[$0], days: days[$0], hits: hits[$0], people: people[$0])
        }
        let all = found.first { $0.scene.isEmpty } ?? Counts(scene: "", days: 0, hits: 0, people: 0)
        return (all, found.filter { !$0.scene.isEmpty })
    }

    /// Throws: `ReportError.unknownPlace`.
    func people(_ place: ReportPlace) throws -> AnalyticsSQL {
        switch place.kind {
        case "happened": return "SELECT DISTINCT pid FROM (\(days)) WHERE hit = 1 ORDER BY pid"
        case "scene":
            return "SELECT DISTINCT pid FROM (\(days)) WHERE hit = 1 AND has(scenes, \(place.value)) ORDER BY pid"
        default: throw ReportError.unknownPlace(place.description)
        }
    }

    /// Rows of `pid`, `day`, `hit`, `scenes`.
    private var days: AnalyticsSQL {
        """
        SELECT pid, day, hit, arrayFilter(s -> s != '', [\(Self.season), \(Self.weekPart),
            if(bands % 2 = 1, 'night', ''), if(intDiv(bands, 2) % 2 = 1, 'morning', ''),
            if(intDiv(bands, 4) % 2 = 1, 'midday', ''), if(intDiv(bands, 8) % 2 = 1, 'afternoon', ''),
            if(intDiv(bands, 16) % 2 = 1, 'evening', ''), if(in_store = 1, 'in_store', ''),
            if(town != '' AND home != '', if(town != home, 'away', 'at_home'), '')]) AS scenes
        FROM (
            SELECT m.pid AS pid, m.day AS day, m.hit AS hit, m.bands AS bands, m.in_store AS in_store,
                m.town AS town, h.home AS home
            FROM (
                SELECT pid, day, toInt64(max(happened)) AS hit, toInt64(groupBitOr(toUInt64(band))) AS bands,
                    toInt64(max(store)) AS in_store, argMaxIf(city, t, city != '') AS town
                FROM (SELECT pid, t, day, happened, band, store, city FROM (\(acts))
                    UNION ALL SELECT pid, toInt64(0) AS t, day, toInt64(0) AS happened, toInt64(0) AS band, toInt64(1) AS store,
                        '' AS city FROM (\(storeOrders)))
                GROUP BY pid, day HAVING countIf(band > 0) > 0) AS m
            ANY LEFT JOIN (\(homes)) AS h USING pid)
        """
    }

    /// One row an event; bands are 1 night (0–6), 2 morning (6–11), 4 midday (11–14), 8 afternoon (14–18), 16 evening.
    private var acts: AnalyticsSQL {
        let zone = question.zone
        let hour: AnalyticsSQL = "toHour(ts, \(zone))"
        let inner: AnalyticsSQL = """
            SELECT profile_id, ts_ms AS t, toInt64(d) AS day, toInt64(if(\(filter.sql(question.clock)), 1, 0)) AS happened,
                toInt64(multiIf(\(hour) < 6, 1, \(hour) < 11, 2, \(hour) < 14, 4, \(hour) < 18, 8, 16)) AS band,
                toInt64(name = 'Store Visited') AS store, \(EventRegion.city) AS city
            FROM events WHERE \(ReportEvents.acts) AND \(ReportEvents.days(period.first, period.last))
            """
        return events.resolved(inner, columns: ["t", "day", "happened", "band", "store", "city"])
    }

    /// Days with an order in a store.
    private var storeOrders: AnalyticsSQL {
        """
        SELECT profile_id AS pid, toInt64(d) AS day FROM orders AS o FINAL
        WHERE \(OrderFacts.ofPeople) AND store != '' AND \(ReportEvents.days(period.first, period.last))
            AND \(events.people("profile_id"))
        """
    }

    /// The city in which a person is on most days of the year up to the last day; of two, the first by name.
    private var homes: AnalyticsSQL {
        let inner: AnalyticsSQL = """
            SELECT profile_id, \(EventRegion.city) AS city, toInt64(d) AS day FROM events
            WHERE \(ReportEvents.acts) AND \(ReportEvents.days(min(period.first, period.last - Self.homeDays), period.last))
                AND \(EventRegion.city) != '' GROUP BY profile_id, city, day
            """
        return """
            SELECT pid, argMin(city, (-times, city)) AS home FROM (
                SELECT pid, city, toInt64(uniqExact(day)) AS times
                FROM (\(events.resolved(inner, columns: ["city", "day"]))) GROUP BY pid, city)
            GROUP BY pid
            """
    }

    private static let homeDays: Int64 = 365

    /// Of the northern half of the earth, by whole months (meteorological seasons).
    private static let season: AnalyticsSQL = """
        multiIf(toMonth(toDate(day)) IN (3, 4, 5), 'spring', toMonth(toDate(day)) IN (6, 7, 8), 'summer',
            toMonth(toDate(day)) IN (9, 10, 11), 'autumn', 'winter')
        """

    private static let weekPart: AnalyticsSQL = "if((day + 3) % 7 >= 5, 'weekend', 'working_day')"
}
