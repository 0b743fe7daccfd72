import Storage

/// Who comes, from where, to what, and what comes of it.
package enum TrafficReport: InsightReport {
    package static let name = "traffic"
    package static let summary =
        "Page views, visitors and visits; where they come from, where they land and leave, on what, and when."
    package static let parameters = [
        ReportParameter(
            "step", .words(ReportStep.allCases.map(\.rawValue)), usual: "day",
            "What the trend is divided by; hours for at most \(hourDaysMax) days."),
        ReportParameter(
            "area", .words(["country", "region", "city"]), usual: "region", "How finely regions are divided."),
    ]
    package static let panels = [
        "figures", "trend", "sources", "landing", "leaving", "devices", "regions", "frequency", "hours", "revisits",
    ]

    private static let hourDaysMax = 31
    private static let rowsMax = 50

    package static func panel(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel {
        switch name {
        case "figures": try await figures(question)
        case "trend": try await trend(question)
        case "sources": try await sources(question)
        case "landing", "leaving": try await pages(name, question)
        case "devices": try await devices(question)
        case "regions": try await regions(question)
        case "revisits": try await revisits(question)
        case "hours": try await hours(question)
        case "frequency": try await frequency(question)
        default: throw ReportError.unknownPanel(name)
        }
    }

    package static func people(at place: ReportPlace, _ question: ReportQuestion) async throws -> [Int64] {
        let (place, question) = question.about(place)
        return try await question.analytics.query(
            try TrafficPeople(question: question).statement(place), limits: question.limits
        ).ints(0)
    }

    // MARK: Figures

    private struct Sums {
        var (views, visitors, newcomers, addresses) = (0.0, 0.0, 0.0, 0.0)
        var (visits, bounced, engaged, seconds, seen) = (0.0, 0.0, 0.0, 0.0, 0.0)
        var (converted, orders, revenue) = (0.0, 0.0, 0.0)

        func rate(_ part: Double) -> Double? { visits > 0 ? part / visits : nil }
    }

    private static func figures(_ question: ReportQuestion) async throws -> ReportPanel {
        let now = try await sums(question.period, question)
        let before = try await sums(question.other, question)
        var panel = ReportPanel("figures")
        func add(
            _ name: String, _ unit: ReportPanel.Unit = .count, people: String? = nil, _ value: (Sums) -> Double?
        ) {
            panel.figures.append(
                .init(name, value(now), unit, before: value(before), people: people.map { ReportPlace($0) }))
        }
        add("pv", people: "visitors") { $0.views }
        add("uv", people: "visitors") { $0.visitors }
        add("new_visitors", people: "newcomers") { $0.newcomers }
        add("returning_visitors", people: "returning") { $0.visitors - $0.newcomers }
        add("visits", people: "visitors") { $0.visits }
        add("bounce_rate", .percent, people: "bounced") { $0.rate($0.bounced) }
        add("engaged_rate", .percent, people: "engaged") { $0.rate($0.engaged) }
        add("dwell", .seconds, people: "visitors") { $0.rate($0.seconds) }
        add("pages_per_visit", .decimal, people: "visitors") { $0.rate($0.seen) }
        add("conversion", .percent, people: "converted") { $0.rate($0.converted) }
        add("visit_revenue", .money, people: "converted") { $0.revenue }
        // Views without a single address: no source keeps them, and nought would be a lie.
        add("ip", people: "visitors") { $0.addresses == 0 && $0.views > 0 ? nil : $0.addresses }
        let present = try await question.analytics.query(
            "SELECT toInt64(count()) FROM (\(TrafficPeople(question: question).present))", limits: question.limits)
        panel.figures.insert(
            .init("visitors_now", Double(try present.ints(0).first ?? 0), people: ReportPlace("now")), at: 0)
        return panel
    }

    private static func sums(_ period: ReportPeriod, _ question: ReportQuestion) async throws -> Sums {
        let events = ReportEvents(question: question)
        let inner: AnalyticsSQL = """
            SELECT profile_id, visitParamExtractString(context, 'ip') AS address, toInt64(count()) AS n FROM events
            WHERE \(ReportEvents.views) AND \(ReportEvents.acts) AND \(ReportEvents.days(period.first, period.last))
            GROUP BY profile_id, address
            """
        let views = try await question.analytics.query(
            """
            SELECT toInt64(sum(n)), toInt64(uniqExact(pid)), toInt64(uniqExactIf(pid, \(events.firstSeen("pid", period)))),
                toInt64(uniqExactIf(address, address != ''))
            FROM (\(events.resolved(inner, columns: ["address", "n"])))
            """, limits: question.limits)
        let visits = try await question.analytics.query(
            """
            SELECT toInt64(count()), toInt64(countIf(views = 1)), toInt64(sum(engaged)),
                toInt64(sum(seconds)), toInt64(sum(views)), toInt64(countIf(orders_n > 0)), toInt64(sum(orders_n)),
                toInt64(sum(revenue))
            FROM (\(VisitQuery(question: question).visits(period, [])))
            """, limits: question.limits)
        func number(_ table: AnalyticsTable, _ column: Int) throws -> Double {
            Double(try table.ints(column).first ?? 0)
        }
        var sums = Sums()
        sums.views = try number(views, 0)
        sums.visitors = try number(views, 1)
        sums.newcomers = try number(views, 2)
        sums.addresses = try number(views, 3)
        sums.visits = try number(visits, 0)
        sums.engaged = try number(visits, 2)
        sums.seconds = try number(visits, 3)
        sums.seen = try number(visits, 4)
        sums.converted = try number(visits, 5)
        sums.orders = try number(visits, 6)
        sums.revenue = try number(visits, 7)
        sums.bounced = try number(visits, 1)
        return sums
    }

    // MARK: Trend

    private static func trend(_ question: ReportQuestion) async throws -> ReportPanel {
        let step = ReportStep(rawValue: question.text("step")) ?? .day
        if step == .hour, question.period.days > hourDaysMax {
            throw ReportError.periodTooLong(days: question.period.days, limit: hourDaysMax)
        }
        let now = try await steps(question.period, step, question)
        let before = try await steps(question.other, step, question)
        let earlier = Array(step.steps(question.other))
        var panel = ReportPanel("trend")
        panel.chart = .line
        panel.labels = [step.rawValue]
        panel.columns = [
            .init("pv"), .init("uv"), .init("visits"), .init("pv", isBefore: true),
            .init("uv", isBefore: true, isDrawn: false),
            .init("visits", isBefore: true, isDrawn: false),
        ]
        panel.rows = step.steps(question.period).enumerated().map { index, place in
            let values = now[place] ?? [0, 0, 0]
            let past = index < earlier.count ? before[earlier[index]] ?? [0, 0, 0] : [nil, nil, nil]
            let mark = ReportPlace("step", String(place))
            let pastMark = index < earlier.count ? ReportPlace(ReportPlace.before, String(earlier[index])) : nil
            var row = ReportPanel.Row(
                [step.text(place)], values + past, people: [mark, mark, mark, pastMark, pastMark, pastMark])
            if question.isOpen(step, place) { row.unfinished = [0, 1, 2] }
            return row
        }
        panel.noteUnfinished()
        return panel
    }

    /// Views, visitors and visits by step.
    private static func steps(
        _ period: ReportPeriod, _ step: ReportStep, _ question: ReportQuestion
    ) async throws -> [Int64: [Double?]] {
        let events = ReportEvents(question: question)
        let inner: AnalyticsSQL = """
            SELECT profile_id, \(step.sql(day: "d", time: "ts", question.zone)) AS step, toInt64(count()) AS n FROM events
            WHERE \(ReportEvents.views) AND \(ReportEvents.acts) AND \(ReportEvents.days(period.first, period.last))
            GROUP BY profile_id, step
            """
        let views = try await question.analytics.query(
            """
            SELECT step, toInt64(sum(n)), toInt64(uniqExact(pid))
            FROM (\(events.resolved(inner, columns: ["step", "n"]))) GROUP BY step ORDER BY step
            """, limits: question.limits)
        let begun: AnalyticsSQL = step == .hour ? "hour" : "day"
        let visits = try await question.analytics.query(
            """
            SELECT \(begun) AS begun_at, toInt64(count())
            FROM (\(VisitQuery(question: question).begins(period))) GROUP BY begun_at ORDER BY begun_at
            """, limits: question.limits)
        var found: [Int64: [Double?]] = [:]
        let (places, pages, people) = (try views.ints(0), try views.ints(1), try views.ints(2))
        for row in places.indices { found[places[row]] = [Double(pages[row]), Double(people[row]), 0] }
        for (begun, count) in zip(try visits.ints(0), try visits.ints(1)) {
            let place = step == .hour ? begun : step.step(ofDay: begun)
            var values = found[place] ?? [0, 0, 0]
            values[2] = (values[2] ?? 0) + Double(count)
            found[place] = values
        }
        return found
    }

    // MARK: Divided visits

    private static func sources(_ question: ReportQuestion) async throws -> ReportPanel {
        try await divided(
            "sources", ["kind", "who"], [TrafficSource.kind, TrafficSource.name], of: TrafficSource.texts, question
        ) {
            ReportPlace("source", $0.joined(separator: "/"))
        }
    }

    private static func pages(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel {
        try await divided(name, ["page"], [AnalyticsSQL(text: name)], of: [.page], question) {
            ReportPlace(name, $0[0])
        }
    }

    private static func devices(_ question: ReportQuestion) async throws -> ReportPanel {
        try await divided("devices", ["device"], ["if(device = '', 'unknown', device)"], of: [.device], question) {
            ReportPlace("device", $0[0])
        }
    }

    /// How many parts of a visit's place are told.
    static let areas = ["country": 1, "region": 2, "city": 3]

    private static func regions(_ question: ReportQuestion) async throws -> ReportPanel {
        let count = areas[question.text("area")] ?? 2
        let labels = Array(["country", "region", "city"].prefix(count))
        let keys = (1...count).map { part -> AnalyticsSQL in "splitByChar('/', spot)[\(part)]" }
        var panel = try await divided("regions", labels, keys, of: [.spot], question) {
            ReportPlace("region", $0.joined(separator: "/"))
        }
        if panel.rows.allSatisfy({ $0.labels.allSatisfy(\.isEmpty) }), !panel.rows.isEmpty {
            panel.notes.append("no_regions")
        }
        return panel
    }

    /// Days between two visits of a person that follow one another, the later one in the period.
    private static func revisits(_ question: ReportQuestion) async throws -> ReportPanel {
        let found = try await question.analytics.query(
            """
            SELECT band, toInt64(count()), toInt64(uniqExact(pid))
            FROM (\(TrafficPeople(question: question).revisits)) GROUP BY band ORDER BY band
            """, limits: question.limits)
        let bands = try found.ints(0)
        let (visits, people) = (try found.ints(1), try found.ints(2))
        var panel = ReportPanel("revisits")
        panel.chart = .bar
        panel.labels = ["days_between"]
        panel.columns = [.init("visits"), .init("uv", isDrawn: false)]
        panel.rows = revisitBands.map { first, label in
            let row = bands.firstIndex(of: first)
            let mark = ReportPlace("revisit", String(first))
            return .init(
                [label], [row.map { Double(visits[$0]) } ?? 0, row.map { Double(people[$0]) } ?? 0],
                people: [mark, mark])
        }
        return panel
    }

    static let revisitBands: [(Int64, String)] = [
        (0, "0"), (1, "1"), (2, "2–3"), (4, "4–7"), (8, "8–14"), (15, "15–30"), (31, "31–60"), (61, "61+"),
    ]

    private static func divided(
        _ name: String, _ labels: [String], _ keys: [AnalyticsSQL], of texts: [VisitQuery.Text],
        _ question: ReportQuestion, _ place: ([String]) -> ReportPlace
    ) async throws -> ReportPanel {
        let selected = keys.enumerated().map { index, key -> AnalyticsSQL in "\(key) AS k\(raw: String(index))" }
        let names = keys.indices.map { "k\($0)" }.joined(separator: ", ")
        let table = try await question.analytics.query(
            """
            SELECT \(raw: names), toInt64(count()) AS c, toInt64(uniqExact(pid)), toInt64(countIf(views = 1)),
                toInt64(sum(seconds)), toInt64(countIf(orders_n > 0)), toInt64(sum(revenue))
            FROM (SELECT pid, views, seconds, orders_n, revenue, \
            \(AnalyticsSQL(text: selected.map(\.text).joined(separator: ", ")))
                FROM (\(VisitQuery(question: question).visits(question.period, texts))))
            GROUP BY \(raw: names) ORDER BY c DESC, \(raw: names)
            """, limits: question.limits)
        let texts = try keys.indices.map { try table.strings($0) }
        let numbers = try (0..<6).map { try table.ints(keys.count + $0) }
        let all = Double(numbers[0].reduce(0, +))
        var panel = ReportPanel(name)
        panel.chart = .bar
        panel.labels = labels
        panel.columns = [
            .init("visits"), .init("share", .percent, isDrawn: false), .init("uv", isDrawn: false),
            .init("bounce_rate", .percent, isDrawn: false), .init("dwell", .seconds, isDrawn: false),
            .init("conversion", .percent, isDrawn: false), .init("visit_revenue", .money, isDrawn: false),
        ]
        panel.rows = (0..<min(table.count, rowsMax)).map { row in
            let key = texts.map { $0[row] }
            let visits = Double(numbers[0][row])
            let mark = place(key)
            return .init(
                key,
                [
                    visits, visits / all, Double(numbers[1][row]), Double(numbers[2][row]) / visits,
                    Double(numbers[3][row]) / visits, Double(numbers[4][row]) / visits, Double(numbers[5][row]),
                ], people: [mark, nil, mark, nil, nil, nil, nil])
        }
        if table.count > rowsMax { panel.notes = ["rows_cut"] }
        return panel
    }

    // MARK: When and how often

    private static func hours(_ question: ReportQuestion) async throws -> ReportPanel {
        let zone = question.zone
        let inner: AnalyticsSQL = """
            SELECT profile_id, toInt64(toDayOfWeek(toDate(ts, \(zone)))) AS weekday, toInt64(toHour(ts, \(zone))) AS hour,
                toInt64(count()) AS n
            FROM events WHERE \(ReportEvents.views) AND \(ReportEvents.acts)
                AND \(ReportEvents.days(question.period.first, question.period.last))
            GROUP BY profile_id, weekday, hour
            """
        let events = ReportEvents(question: question)
        let table = try await question.analytics.query(
            """
            SELECT weekday, hour, toInt64(sum(n)) FROM (\(events.resolved(inner, columns: ["weekday", "hour", "n"])))
            GROUP BY weekday, hour ORDER BY weekday, hour
            """, limits: question.limits)
        var counts: [Int64: [Double]] = [:]
        let (weekdays, hours, views) = (try table.ints(0), try table.ints(1), try table.ints(2))
        for row in weekdays.indices {
            counts[weekdays[row], default: Array(repeating: 0, count: 24)][Int(hours[row])] += Double(views[row])
        }
        var panel = ReportPanel("hours")
        panel.chart = .heat
        panel.labels = ["weekday"]
        panel.columns = (0..<24).map { .init(String($0)) }
        panel.rows = (Int64(1)...7).map { weekday in
            let values = counts[weekday] ?? Array(repeating: 0, count: 24)
            return .init(
                ["weekday_\(weekday)"], values,
                people: (0..<24).map { values[$0] > 0 ? ReportPlace("hour", "\(weekday)-\($0)") : nil })
        }
        return panel
    }

    /// Visitors by how many visits they made.
    private static func frequency(_ question: ReportQuestion) async throws -> ReportPanel {
        let table = try await question.analytics.query(
            """
            SELECT visits, toInt64(count()) FROM (
                SELECT pid, \(frequencyBand) AS visits
                FROM (\(VisitQuery(question: question).begins(question.period))) GROUP BY pid)
            GROUP BY visits ORDER BY visits
            """, limits: question.limits)
        let counts = Dictionary(zip(try table.ints(0), try table.ints(1))) { $0 + $1 }
        var panel = ReportPanel("frequency")
        panel.chart = .bar
        panel.labels = ["visits"]
        panel.columns = [.init("uv")]
        panel.rows = frequencyBands.map { band, label in
            .init([label], [Double(counts[band] ?? 0)], people: [ReportPlace("visits", String(band))])
        }
        return panel
    }

    static let frequencyBands: [(Int64, String)] = [
        (1, "1"), (2, "2"), (3, "3–4"), (5, "5–9"), (10, "10–19"), (20, "20+"),
    ]

    static let frequencyBand: AnalyticsSQL = """
        toInt64(multiIf(count() >= 20, 20, count() >= 10, 10, count() >= 5, 5, count() >= 3, 3, count() >= 2, 2, 1))
        """
}
