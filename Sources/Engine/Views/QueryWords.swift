/// Reads the words of a list's address, and remembers those it could not use.
struct QueryWords {
    let given: [String: String]
    let calendar: LocalCalendar
    let currency: String
    var ignored: [String] = []

    mutating func word(_ name: String, of known: [String]) -> String? {
        guard let value = given[name] else { return nil }
        if known.contains(value) { return value }
        ignored.append(name)
        return nil
    }

    mutating func number(_ name: String) -> Int64? {
        guard let value = given[name] else { return nil }
        if let number = Int64(value) { return number }
        ignored.append(name)
        return nil
    }

    /// Whole days of the workspace's calendar, from the beginning of the first to the end of the last.
    mutating func days(_ from: String, _ to: String) -> Range<Timestamp>? {
        let (first, last) = (day(from), day(to))
        guard first != nil || last != nil else { return nil }
        let start = first.map { calendar.start(ofDay: $0) } ?? Timestamp(milliseconds: 0)
        let end = calendar.start(ofDay: (last ?? QueryWords.farDay) + 1)
        return start..<max(start, end)
    }

    private mutating func day(_ name: String) -> Int64? {
        guard let value = given[name] else { return nil }
        if let day = LocalCalendar.day(fromText: value) { return day }
        ignored.append(name)
        return nil
    }

    /// Minor units; the upper end is included.
    mutating func money(_ from: String, _ to: String) -> Range<Int64>? {
        let (low, high) = (amount(from), amount(to))
        guard low != nil || high != nil else { return nil }
        let start = low ?? Int64.min
        let end = high.map { $0 == .max ? $0 : $0 + 1 } ?? .max
        return start..<max(start, end)
    }

    private mutating func amount(_ name: String) -> Int64? {
        guard let value = given[name] else { return nil }
        if let amount = DecimalAmount(value) { return amount.minorUnits(digits: CurrencyScale.digits(currency)) }
        ignored.append(name)
        return nil
    }

    /// In the year 9999.
    private static let farDay: Int64 = 2_932_000
}
