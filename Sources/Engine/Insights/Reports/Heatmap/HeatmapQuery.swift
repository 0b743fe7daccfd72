import Storage

/// Reads the clicks on a page, and how far it was scrolled, from what the tracker recorded.
struct HeatmapQuery {
    let question: ReportQuestion
    let page: String
    private var events: ReportEvents { ReportEvents(question: question) }

    /// The page in this many columns and rows of equal size.
    static let columns: Int64 = 50
    static let lines: Int64 = 100
    /// Three clicks on one element within this time are clicks in rage.
    static let rageMilliseconds: Int64 = 2_000

    /// The page that is asked about; the one with the most clicks when none is. Throws: `StorageError`.
    init(_ question: ReportQuestion) async throws {
        self.question = question
        let asked = question.text("page")
        guard asked.isEmpty else {
            page = asked
            return
        }
        page = try await Self.pages(question, most: 1).first?.page ?? ""
    }

    init(_ question: ReportQuestion, page: String) {
        self.question = question
        self.page = page
    }

    /// Pages by clicks, with the people who clicked. Throws: `StorageError`.
    static func pages(
        _ question: ReportQuestion, most: Int64
    ) async throws -> [(page: String, clicks: Double, people: Double)] {
        let inner: AnalyticsSQL = """
            SELECT profile_id, \(path) AS page, toInt64(count()) AS clicks FROM events
            WHERE name = 'Element Clicked' AND \(condition(question)) GROUP BY profile_id, page
            """
        let source = ReportEvents(question: question).resolved(inner, columns: ["page", "clicks"])
        let table = try await question.analytics.query(
            """
            SELECT page, toInt64(sum(clicks)) AS times, toInt64(uniqExact(pid)) FROM (\(source))
            GROUP BY page ORDER BY times DESC, page LIMIT \(most)
            """, limits: question.limits)
        let (pages, clicks, people) = (try table.strings(0), try table.ints(1), try table.ints(2))
        return pages.indices.map { (pages[$0], Double(clicks[$0]), Double(people[$0])) }
    }

    /// The path of the page on which something happened: when a visitor goes on, the address is another one already.
    private static let path: AnalyticsSQL = """
        if(visitParamHas(properties, 'path'), visitParamExtractString(properties, 'path'), \(VisitQuery.page))
        """

    private static func condition(_ question: ReportQuestion) -> AnalyticsSQL {
        let band = HeatmapBand(rawValue: question.text("width"))
        return """
            \(ReportEvents.acts) AND \(ReportEvents.days(question.period.first, question.period.last))
                AND \(band?.condition ?? "1 = 1")
            """
    }

    private var onPage: AnalyticsSQL { "\(Self.path) = \(page) AND \(Self.condition(question))" }

    /// Rows of `pid`, `t`, `what` (the selector), `label`, `dead`, `col`, `line`, `inside_x`, `inside_y`.
    private var clicks: AnalyticsSQL {
        let inner: AnalyticsSQL = """
            SELECT profile_id, ts_ms AS t, visitParamExtractString(properties, 'selector') AS what,
                visitParamExtractString(properties, 'text') AS label,
                toInt64(NOT visitParamHas(properties, 'href')
                    AND visitParamExtractString(properties, 'tag') NOT IN (\(list: Self.controls))
                    AND position(visitParamExtractString(properties, 'selector'), 'data-pn') = 0) AS dead,
                \(Self.cell("page_x", "page_width", Self.columns)) AS col,
                \(Self.cell("page_y", "page_height", Self.lines)) AS line,
                visitParamExtractFloat(properties, 'x') AS inside_x, visitParamExtractFloat(properties, 'y') AS inside_y
            FROM events WHERE name = 'Element Clicked' AND \(onPage)
            """
        return events.resolved(
            inner, columns: ["t", "what", "label", "dead", "col", "line", "inside_x", "inside_y"])
    }

    /// Elements on which a click does something by itself.
    private static let controls = [
        "a", "button", "input", "select", "textarea", "label", "summary", "option", "video", "audio",
    ]

    private static func cell(_ place: String, _ size: String, _ count: Int64) -> AnalyticsSQL {
        """
        if(visitParamExtractInt(properties, \(size)) > 0, least(\(count - 1), greatest(toInt64(0),
            intDiv(toInt64(visitParamExtractInt(properties, \(place))) * \(count),
                toInt64(greatest(visitParamExtractInt(properties, \(size)), 1))))), toInt64(-1))
        """
    }

    /// Rows of `pid`, `what`, `named`, `clicks`, `deads`, `rages` (clicks that are the third or later within the time).
    private var byPerson: AnalyticsSQL {
        """
        SELECT pid, what, named, clicks, deads, x, y, toInt64(arrayCount(i -> i > 2
            AND times[i] - times[i - 2] <= \(Self.rageMilliseconds), arrayEnumerate(times))) AS rages
        FROM (
            SELECT pid, what, max(label) AS named, toInt64(count()) AS clicks, toInt64(sum(dead)) AS deads,
                sum(inside_x) AS x, sum(inside_y) AS y, arraySort(groupArray(t)) AS times
            FROM (\(clicks)) GROUP BY pid, what)
        """
    }

    struct Sums {
        var (clicks, people, dead, rage) = (0.0, 0.0, 0.0, 0.0)
    }

    func sums() async throws -> Sums {
        let table = try await question.analytics.query(
            """
            SELECT toInt64(sum(clicks)), toInt64(uniqExact(pid)), toInt64(sum(deads)), toInt64(sum(rages))
            FROM (\(byPerson))
            """, limits: question.limits)
        func number(_ column: Int) throws -> Double { Double(try table.ints(column).first ?? 0) }
        return Sums(clicks: try number(0), people: try number(1), dead: try number(2), rage: try number(3))
    }

    struct Element {
        var selector: String
        var label: String
        var sums: Sums
        /// Mean place inside the element, 0–1.
        var x: Double
        var y: Double
    }

    func elements() async throws -> [Element] {
        let table = try await question.analytics.query(
            """
            SELECT what, max(named), toInt64(sum(clicks)) AS times, toInt64(uniqExact(pid)), toInt64(sum(deads)),
                toInt64(sum(rages)), toInt64(round(sum(x) / sum(clicks) * 1000)),
                toInt64(round(sum(y) / sum(clicks) * 1000))
            FROM (\(byPerson)) GROUP BY what ORDER BY times DESC, what
            """, limits: question.limits)
        let (selectors, labels) = (try table.strings(0), try table.strings(1))
        let numbers = try (2..<8).map { try table.ints($0) }
        return selectors.indices.map { row in
            Element(
                selector: selectors[row], label: labels[row],
                sums: Sums(
                    clicks: Double(numbers[0][row]), people: Double(numbers[1][row]), dead: Double(numbers[2][row]),
                    rage: Double(numbers[3][row])),
                x: Double(numbers[4][row]) / 1_000, y: Double(numbers[5][row]) / 1_000)
        }
    }

    func cells() async throws -> [(column: Int64, line: Int64, clicks: Double, people: Double)] {
        let table = try await question.analytics.query(
            """
            SELECT col, line, toInt64(count()) AS times, toInt64(uniqExact(pid)) FROM (\(clicks))
            WHERE col >= 0 AND line >= 0 GROUP BY col, line ORDER BY times DESC, line, col
            """, limits: question.limits)
        let (columns, lines) = (try table.ints(0), try table.ints(1))
        let (times, people) = (try table.ints(2), try table.ints(3))
        return columns.indices.map { (columns[$0], lines[$0], Double(times[$0]), Double(people[$0])) }
    }

    /// The deepest place of every opening of the page, in percent: rows of `pid`, `depth`.
    private var depths: AnalyticsSQL {
        let inner: AnalyticsSQL = """
            SELECT profile_id, visitParamExtractString(properties, 'page_id') AS opened,
                toInt64(visitParamExtractInt(properties, 'scroll_depth')) AS reached
            FROM events WHERE name = 'Page Dwelt' AND \(onPage)
            """
        return """
            SELECT pid, max(reached) AS depth FROM (\(events.resolved(inner, columns: ["opened", "reached"])))
            GROUP BY pid, opened
            """
    }

    /// Openings of the page and people by how deep they came: to each tenth or further.
    func reach() async throws -> [(tenth: Int64, openings: Double, people: Double)] {
        let table = try await question.analytics.query(
            """
            SELECT tenth, toInt64(count()), toInt64(uniqExact(pid)) FROM (
                SELECT pid, arrayJoin(range(toUInt64(intDiv(least(greatest(depth, 0), 100), 10)) + 1)) AS tenth
                FROM (\(depths)))
            GROUP BY tenth ORDER BY tenth
            """, limits: question.limits)
        let (tenths, openings, people) = (try table.ints(0), try table.ints(1), try table.ints(2))
        return tenths.indices.map { (tenths[$0], Double(openings[$0]), Double(people[$0])) }
    }

    /// How the page is usually seen: origin, and width and height of the page in pixels. Nil without clicks.
    func frame() async throws -> (origin: String, width: Int64, height: Int64)? {
        let table = try await question.analytics.query(
            """
            SELECT concat(protocol(url), '://', replaceRegexpOne(url, '^[a-zA-Z]+://([^/?#]*).*$', '\\\\1')) AS origin,
                toInt64(median(visitParamExtractInt(properties, 'page_width'))),
                toInt64(median(visitParamExtractInt(properties, 'page_height'))), toInt64(count()) AS times
            FROM events WHERE name = 'Element Clicked' AND url != '' AND \(onPage)
            GROUP BY origin ORDER BY times DESC, origin LIMIT 1
            """, limits: question.limits)
        guard let origin = try table.strings(0).first else { return nil }
        return (origin, try table.ints(1)[0], try table.ints(2)[0])
    }

    /// Throws: `ReportError.unknownPlace`.
    func people(_ place: ReportPlace) throws -> AnalyticsSQL {
        switch place.kind {
        case "clicked": return "SELECT DISTINCT pid FROM (\(byPerson)) ORDER BY pid"
        case "dead": return "SELECT DISTINCT pid FROM (\(byPerson)) WHERE deads > 0 ORDER BY pid"
        case "rage": return "SELECT DISTINCT pid FROM (\(byPerson)) WHERE rages > 0 ORDER BY pid"
        case "element": return "SELECT DISTINCT pid FROM (\(byPerson)) WHERE what = \(place.value) ORDER BY pid"
        case "cell":
            let parts = place.value.split(separator: "/").compactMap { Int64($0) }
            guard parts.count == 2 else { throw ReportError.unknownPlace(place.description) }
            return "SELECT DISTINCT pid FROM (\(clicks)) WHERE col = \(parts[0]) AND line = \(parts[1]) ORDER BY pid"
        case "reach":
            return "SELECT DISTINCT pid FROM (\(depths)) WHERE depth >= \(try place.number()) ORDER BY pid"
        case "page":
            let inner: AnalyticsSQL = """
                SELECT profile_id FROM events
                WHERE name = 'Element Clicked' AND \(Self.path) = \(place.value) AND \(Self.condition(question))
                """
            return "SELECT DISTINCT pid FROM (\(events.resolved(inner, columns: []))) ORDER BY pid"
        default: throw ReportError.unknownPlace(place.description)
        }
    }
}
