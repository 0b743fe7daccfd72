/// The order in which the dates of a column name year, month and day; separators and a time of day may vary row by row.
package enum DateFormat: String, Sendable, Codable, CaseIterable {
    /// `2024-03-01`, `2024/3/1`, `2024.3.1`, `2024年3月1日`, each with or without a time; ISO 8601 with an offset.
    case yearMonthDay = "ymd"
    /// `20240301`, `20240301093000`.
    case compact
    /// `1/3/2024`, `01.03.24`.
    case dayMonthYear = "dmy"
    /// `3/1/2024`.
    case monthDayYear = "mdy"
    /// Seconds since 1970, fractions allowed.
    case epochSeconds = "epoch-s"
    /// Milliseconds since 1970.
    case epochMilliseconds = "epoch-ms"
    /// Days since 1899-12-30 as spreadsheets count them, with the time of day as a fraction.
    case spreadsheetDays = "excel"
}

extension DateFormat {
    /// What a column's values say about its format.
    enum Finding: Equatable {
        case found(DateFormat)
        /// Every value can be read as day/month and as month/day.
        case ambiguous(examples: [String])
        /// No format reads most values; the first of them.
        case unknown(example: String)
        case noValues
    }

    /// Decides from a sample: the first format, from the strictest on, that reads most values (the
    /// rows of the others are refused one by one).
    static func detect(_ values: [String]) -> Finding {
        guard let zone = ZoneOffsets(named: "UTC"), !values.isEmpty else { return .noValues }
        let ordered: [DateFormat] = [
            .yearMonthDay, .dayMonthYear, .monthDayYear, .compact, .epochMilliseconds, .epochSeconds, .spreadsheetDays,
        ]
        let readable = ordered.filter { format in
            let parser = DateParser(format: format, zone: zone)
            let read = values.count { parser.moment(of: $0) != nil && isPlausible($0, format) }
            return read * 100 >= values.count * 70
        }
        if readable.contains(.dayMonthYear), readable.contains(.monthDayYear) {
            return byHalves(values, zone: zone)
        }
        if let first = readable.first { return .found(first) }
        return .unknown(example: values[0])
    }

    /// Both readings fit nearly all: a value above 12 in one place decides, otherwise it has to be asked.
    private static func byHalves(_ values: [String], zone: ZoneOffsets) -> Finding {
        let day = DateParser(format: .dayMonthYear, zone: zone)
        let month = DateParser(format: .monthDayYear, zone: zone)
        let onlyDay = values.count { day.moment(of: $0) != nil && month.moment(of: $0) == nil }
        let onlyMonth = values.count { month.moment(of: $0) != nil && day.moment(of: $0) == nil }
        if onlyDay > onlyMonth * 4 { return .found(.dayMonthYear) }
        if onlyMonth > onlyDay * 4 { return .found(.monthDayYear) }
        return .ambiguous(examples: Array(values.prefix(3)))
    }

    /// Numbers alone are dates only in a believable range: 1980 to 2100.
    private static func isPlausible(_ value: String, _ format: DateFormat) -> Bool {
        switch format {
        case .epochSeconds: Double(value).map { 315_532_800...4_102_444_800 ~= $0 } ?? false
        case .epochMilliseconds: Double(value).map { 315_532_800_000...4_102_444_800_000 ~= $0 } ?? false
        case .spreadsheetDays: Double(value).map { 29_221...73_050 ~= $0 } ?? false
        case .compact, .yearMonthDay, .dayMonthYear, .monthDayYear: true
        }
    }
}
