/// Reads the dates of one column as moments. A value without an offset of its own is local to `zone`; a date without a
/// time is that day's midnight.
package struct DateParser: Sendable {
    package let format: DateFormat
    package let zone: ZoneOffsets

    package init(format: DateFormat, zone: ZoneOffsets) {
        self.format = format
        self.zone = zone
    }

    /// Milliseconds since 1970, nil when the text is no date of this format.
    package func moment(of text: String) -> Int64? {
        var text = text
        return text.withUTF8 { moment(of: $0.trimmed) }
    }

    func moment(of bytes: ByteView) -> Int64? {
        var cursor = DateCursor(bytes: bytes)
        switch format {
        case .yearMonthDay: return yearFirst(&cursor)
        case .dayMonthYear: return yearLast(&cursor, dayFirst: true)
        case .monthDayYear: return yearLast(&cursor, dayFirst: false)
        case .compact: return compact(&cursor)
        case .epochSeconds: return epoch(bytes, unitMilliseconds: 1000)
        case .epochMilliseconds: return epoch(bytes, unitMilliseconds: 1)
        case .spreadsheetDays: return spreadsheet(bytes)
        }
    }

    private func yearFirst(_ cursor: inout DateCursor) -> Int64? {
        guard let year = cursor.number(digits: 4...4), cursor.skipDateSeparator(),
            let month = cursor.number(digits: 1...2), cursor.skipDateSeparator(),
            let day = cursor.number(digits: 1...2)
        else { return nil }
        cursor.skipDayCharacter()
        return finish(&cursor, CivilDate(year: year, month: month, day: day))
    }

    private func yearLast(_ cursor: inout DateCursor, dayFirst: Bool) -> Int64? {
        guard let first = cursor.number(digits: 1...2), cursor.skipDateSeparator(),
            let second = cursor.number(digits: 1...2), cursor.skipDateSeparator()
        else { return nil }
        let before = cursor.position
        guard var year = cursor.number(digits: 2...4) else { return nil }
        switch cursor.position - before {
        // Two digits: POSIX strptime's %y, 69–99 are 19xx.
        case 2: year += year < 69 ? 2000 : 1900
        case 4: break
        default: return nil
        }
        let date = CivilDate(year: year, month: dayFirst ? second : first, day: dayFirst ? first : second)
        return finish(&cursor, date)
    }

    private func compact(_ cursor: inout DateCursor) -> Int64? {
        guard let year = cursor.number(digits: 4...4, exactly: true),
            let month = cursor.number(digits: 2...2, exactly: true),
            let day = cursor.number(digits: 2...2, exactly: true), 1900...2200 ~= year
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        guard let next = cursor.peek, ASCII.isDigit(next) else { return finish(&cursor, date) }
        guard let hour = cursor.number(digits: 2...2, exactly: true),
            let minute = cursor.number(digits: 2...2, exactly: true)
        else { return nil }
        let second = cursor.isAtEnd ? 0 : cursor.number(digits: 2...2, exactly: true) ?? 60
        guard hour < 24, minute < 60, second < 60, cursor.isAtEnd, date.isReal else { return nil }
        return moment(date, seconds: hour * 3600 + minute * 60 + second, milliseconds: 0, offset: nil)
    }

    /// Reads a time of day and an offset, if any, and requires the end of the text.
    private func finish(_ cursor: inout DateCursor, _ date: CivilDate) -> Int64? {
        guard date.isReal else { return nil }
        guard !cursor.isAtEnd else { return moment(date, seconds: 0, milliseconds: 0, offset: nil) }
        guard cursor.skipBeforeTime() else { return nil }
        guard let time = cursor.timeOfDay() else { return nil }
        let offset = cursor.offset()
        cursor.skipSpaces()
        guard cursor.isAtEnd else { return nil }
        return moment(date, seconds: time.seconds, milliseconds: time.milliseconds, offset: offset)
    }

    private func moment(_ date: CivilDate, seconds: Int, milliseconds: Int, offset: Int?) -> Int64 {
        let local = Int64(date.dayNumber) * 86_400 + Int64(seconds)
        let moment = offset.map { local - Int64($0) } ?? zone.moment(ofLocalSeconds: local)
        return moment * 1000 + Int64(milliseconds)
    }

    private func epoch(_ bytes: ByteView, unitMilliseconds: Double) -> Int64? {
        guard let number = number(bytes) else { return nil }
        let milliseconds = (number * unitMilliseconds).rounded()
        return abs(milliseconds) < 1e15 ? Int64(milliseconds) : nil
    }

    private func spreadsheet(_ bytes: ByteView) -> Int64? {
        guard let days = number(bytes), 1...1_000_000 ~= days else { return nil }
        let dayNumber1899: Int64 = -25_569
        let wholeDays = days.rounded(.down)
        let seconds = Int64(((days - wholeDays) * 86_400).rounded())
        return zone.moment(ofLocalSeconds: (Int64(wholeDays) + dayNumber1899) * 86_400 + seconds) * 1000
    }

    private func number(_ bytes: ByteView) -> Double? {
        guard 1...20 ~= bytes.count, bytes.allSatisfy({ ASCII.isDigit($0) || $0 == ASCII.point || $0 == ASCII.minus })
        else { return nil }
        return Double(bytes.text)
    }
}
