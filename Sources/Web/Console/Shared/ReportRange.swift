import Engine

/// The days that a page is about, as its address says them, and the days that they are compared with.
struct ReportRange: Sendable {
    enum Comparison: String, Sendable, CaseIterable {
        case before, year
    }

    let period: ReportPeriod
    let comparison: Comparison
    /// The address had a range that cannot be read or lies ahead; the usual one stands in.
    let isMended: Bool

    static let presets = [7, 30, 90, 365]
    static let usualDays = 30
    static let daysMax = 1_100

    /// Reads `from` and `to`, or `days`, and `compare`.
    init(_ query: Fields, today: Int64) {
        comparison = Comparison(rawValue: query.text("compare")) ?? .before
        let first = query["from"].flatMap(LocalCalendar.day(fromText:))
        let last = query["to"].flatMap(LocalCalendar.day(fromText:))
        if let first, let last, first <= last, first <= today, last - first < Int64(Self.daysMax) {
            period = ReportPeriod(first: first, last: min(last, today))
            isMended = last > today
            return
        }
        let days = query.int("days").flatMap { (1...Int64(Self.daysMax)).contains($0) ? Int($0) : nil }
        period = ReportPeriod(days: days ?? Self.usualDays, through: today)
        isMended = query["from"] != nil || query["to"] != nil
    }

    init(_ request: PageRequest) {
        self.init(request.query, today: request.workspace.calendar.day(of: request.now))
    }

    var other: ReportPeriod {
        comparison == .before ? period.before : period.yearBefore
    }

    /// For a panel's address.
    var query: String {
        "from=\(period.firstText)&to=\(period.lastText)&compare=\(comparison.rawValue)"
    }
}

/// The choice of days: presets, two dates, and what to compare with.
struct RangeModel: Encodable, Sendable {
    struct Preset: Encodable, Sendable {
        var title: String
        var href: String
        var current: String?
    }

    var path: String
    var presets: [Preset]
    var from: String
    var to: String
    var latest: String
    var comparisons: [Choice]
    var hasComparisons: Bool
    var problem: String?

    init(_ range: ReportRange, path: String, compares: Bool, _ request: PageRequest) {
        let today = request.workspace.calendar.day(of: request.now)
        let suffix = compares && range.comparison != .before ? "&compare=\(range.comparison.rawValue)" : ""
        self.path = path
        presets = ReportRange.presets.map { days in
            Preset(
                title: request.text("overview.days", count: Int64(days)), href: "\(path)?days=\(days)\(suffix)",
                current: range.period == ReportPeriod(days: days, through: today) ? "page" : nil)
        }
        from = range.period.firstText
        to = range.period.lastText
        latest = LocalCalendar.text(ofDay: today)
        comparisons = ReportRange.Comparison.allCases.map {
            Choice($0.rawValue, request.text("overview.compare_\($0.rawValue)"), chosen: range.comparison.rawValue)
        }
        hasComparisons = compares
        problem = range.isMended ? request.text("overview.range_mended") : nil
    }
}
