/// A run of whole days in the workspace's calendar, both ends included.
package struct ReportPeriod: Sendable, Codable, Equatable {
    /// Days since 1970.
    package var first: Int64
    package var last: Int64

    package init(first: Int64, last: Int64) {
        self.first = first
        self.last = max(first, last)
    }

    package init(days: Int, through last: Int64) {
        self.init(first: last - Int64(days) + 1, last: last)
    }

    package var days: Int { Int(last - first) + 1 }

    /// As many days, just before.
    package var before: ReportPeriod {
        ReportPeriod(first: first - Int64(days), last: first - 1)
    }

    /// The same days a year before: 52 whole weeks earlier, so that weekdays stand beside weekdays.
    package var yearBefore: ReportPeriod {
        ReportPeriod(first: first - 364, last: last - 364)
    }

    package var firstText: String { LocalCalendar.text(ofDay: first) }
    package var lastText: String { LocalCalendar.text(ofDay: last) }
}
