import Engine

/// A span of days that a page shows, with presets and the period before to compare with. Drawn by `parts/dates`.
///
/// The address carries `from`, `to` and `compare=none`.
struct DateRange: Encodable, Sendable {
    struct Preset: Encodable, Sendable {
        var title: String
        var href: String
        var current: String?
    }

    struct Hidden: Encodable, Sendable {
        var name: String
        var value: String
    }

    var label: String
    var presets: [Preset]
    var from: String
    var to: String
    var compares: String?
    /// The page's other filters, to be kept.
    var hidden: [Hidden]
    var action: String
}

extension DateRange {
    /// The days asked for; nil when neither end is there or they cannot be used.
    static func asked(_ query: Fields, today: Int64) -> ReportPeriod? {
        let first = LocalCalendar.day(fromText: query.text("from"))
        let last = LocalCalendar.day(fromText: query.text("to"))
        guard first != nil || last != nil else { return nil }
        let end = last ?? today
        let start = first ?? end - daysUsual + 1
        guard start <= end, end - start < daysMax else { return nil }
        return ReportPeriod(first: start, last: end)
    }

    static func compares(_ query: Fields) -> Bool { query["compare"] != "none" }

    init(_ period: ReportPeriod?, _ request: PageRequest) {
        let today = request.workspace.calendar.day(of: request.now)
        let query = request.query
        func link(_ first: Int64, _ last: Int64) -> String {
            request.path + "?"
                + query.query(changing: [
                    "from": LocalCalendar.text(ofDay: first), "to": LocalCalendar.text(ofDay: last), "cursor": nil,
                ])
        }
        let spans = DateRange.spans(today)
        let known = spans.first { $0.first == period?.first && $0.last == period?.last }
        presets =
            [
                Preset(
                    title: request.text("dates.all"),
                    href: request.path + "?" + query.query(changing: ["from": nil, "to": nil, "cursor": nil]),
                    current: period == nil ? "true" : nil)
            ]
            + spans.map { span in
                Preset(
                    title: request.text("dates.\(span.key)"), href: link(span.first, span.last),
                    current: span.key == known?.key ? "true" : nil)
            }
        from = period?.firstText ?? ""
        to = period?.lastText ?? ""
        compares = DateRange.compares(query) ? "checked" : nil
        if let known {
            label = request.text("dates.\(known.key)")
        } else if let period {
            label = period.first == period.last ? period.firstText : "\(period.firstText) – \(period.lastText)"
        } else {
            label = request.text("dates.all")
        }
        let own: Set<String> = ["from", "to", "compare", "cursor"]
        hidden = query.pairs.filter { !own.contains($0.name) && !$0.value.isEmpty }
            .map { Hidden(name: $0.name, value: $0.value) }
        action = request.path
    }

    private struct Span {
        var key: String
        var first: Int64
        var last: Int64
    }

    private static func spans(_ today: Int64) -> [Span] {
        let text = LocalCalendar.text(ofDay: today)
        let monthStart = LocalCalendar.day(fromText: text.prefix(8) + "01") ?? today
        let lastMonthEnd = monthStart - 1
        let lastMonthStart =
            LocalCalendar.day(fromText: LocalCalendar.text(ofDay: lastMonthEnd).prefix(8) + "01") ?? lastMonthEnd
        let yearStart = LocalCalendar.day(fromText: text.prefix(5) + "01-01") ?? today
        return [
            Span(key: "today", first: today, last: today), Span(key: "week", first: today - 6, last: today),
            Span(key: "month", first: today - 29, last: today), Span(key: "quarter", first: today - 89, last: today),
            Span(key: "this_month", first: monthStart, last: today),
            Span(key: "last_month", first: lastMonthStart, last: lastMonthEnd),
            Span(key: "this_year", first: yearStart, last: today),
        ]
    }

    private static let daysUsual: Int64 = 30
    private static let daysMax: Int64 = 3_660
}
