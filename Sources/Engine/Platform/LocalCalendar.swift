import Foundation

/// Calendar days of one IANA time zone, as whole numbers: day 0 is 1970-01-01 there.
///
/// Every report and every stage counts in the days of the workspace's zone, so a day begins when the brand's own does.
package struct LocalCalendar: Sendable {
    private let zone: TimeZone
    /// Of days that are asked about again and again (`remembering`).
    private var remembered: RememberedOffsets?

    /// The name of the zone.
    package var timeZone: String { zone.identifier }

    /// nil when the zone is unknown.
    package init?(timeZone: String) {
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        self.zone = zone
    }

    private init(zone: TimeZone) {
        self.zone = zone
    }

    /// Days of UTC.
    package static let utc = LocalCalendar(zone: .gmt)

    /// The day that a moment falls on.
    package func day(of moment: Timestamp) -> Int64 {
        floorDivide(moment.seconds + offset(atSeconds: moment.seconds), LocalCalendar.secondsPerDay)
    }

    /// The first moment of a day. Where a change of clocks skips midnight, that is the moment after the change.
    package func start(ofDay day: Int64) -> Timestamp {
        let utcMidnight = day * LocalCalendar.secondsPerDay
        let guess = utcMidnight - offset(atSeconds: utcMidnight)
        var start = utcMidnight - offset(atSeconds: guess)
        for _ in 0..<LocalCalendar.skippedStepsMax where self.day(of: Timestamp(seconds: start)) < day {
            start += LocalCalendar.skippedStepSeconds
        }
        return Timestamp(seconds: start)
    }

    /// The day of the week on which a moment falls: 1 Monday … 7 Sunday.
    package func weekday(of moment: Timestamp) -> Int64 {
        // 1970-01-01 was a Thursday.
        (((day(of: moment) + 3) % 7) + 7) % 7 + 1
    }

    /// The hour that clocks show, 0…23.
    package func hour(of moment: Timestamp) -> Int64 {
        let local = moment.seconds + offset(atSeconds: moment.seconds)
        return (local - floorDivide(local, LocalCalendar.secondsPerDay) * LocalCalendar.secondsPerDay) / 3600
    }

    /// The moment at which clocks of this zone show a local time, given as milliseconds since local 1970-01-01T00:00. Of
    /// a time that clocks show twice it is the first; one that they skip becomes later by as much as they are put forward.
    package func moment(localMilliseconds local: Int64) -> Timestamp {
        guard self != .utc else { return Timestamp(milliseconds: local) }
        let seconds = floorDivide(local, 1000)
        // No zone changes its clocks twice within two days.
        let before = offset(atSeconds: seconds - LocalCalendar.secondsPerDay)
        let after = offset(atSeconds: seconds + LocalCalendar.secondsPerDay)
        let isBefore = before == after || offset(atSeconds: seconds - before) == before
        let isAfter = !isBefore && offset(atSeconds: seconds - after) == after
        return Timestamp(milliseconds: (seconds - (isAfter ? after : before)) * 1000 + local - seconds * 1000)
    }

    /// The moment at which clocks show a whole hour of a day, 0…24, and so many minutes more.
    func moment(ofDay day: Int64, hour: Int64, minute: Int64 = 0) -> Timestamp {
        moment(localMilliseconds: day * Timestamp.millisecondsPerDay + (hour * 60 + minute) * 60_000)
    }

    private func offset(atSeconds seconds: Int64) -> Int64 {
        if let offset = remembered?.offset(atSeconds: seconds) { return offset }
        return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    fileprivate static let secondsPerDay: Int64 = 86_400
    private static let skippedStepSeconds: Int64 = 900
    private static let skippedStepsMax = 12
}

/// Calendars of one zone are equal, whatever they remember.
extension LocalCalendar: Hashable {
    package static func == (left: LocalCalendar, right: LocalCalendar) -> Bool { left.zone == right.zone }
    package func hash(into hasher: inout Hasher) { hasher.combine(zone) }
}

extension LocalCalendar {
    private static let rememberedDaysMax = 36_600

    /// The same calendar, which knows by heart how far clocks are from UTC on these days: to ask the zone takes longer
    /// than most of what is done with its answer. Other days are asked of the zone as ever.
    func remembering(_ days: ClosedRange<Int64>) -> LocalCalendar {
        var calendar = self
        calendar.remembered = RememberedOffsets(
            first: days.lowerBound, count: min(days.count, Self.rememberedDaysMax), of: offset(atSeconds:))
        return calendar
    }
}

/// How far clocks are from UTC, by day of UTC, in seconds.
private struct RememberedOffsets: Sendable {
    private let first: Int64
    /// `changing` of a day on which clocks change: the zone is asked.
    private let offsets: [Int32]
    private static let changing = Int32.min

    /// No zone changes its clocks twice within two days: where a day ends as it began nothing changed in it.
    init(first: Int64, count: Int, of offset: (Int64) -> Int64) {
        self.first = first
        var offsets: [Int32] = []
        offsets.reserveCapacity(count)
        var before = offset(first * LocalCalendar.secondsPerDay)
        for place in 0..<count {
            let after = offset((first + Int64(place) + 1) * LocalCalendar.secondsPerDay)
            offsets.append(before == after ? Int32(clamping: before) : Self.changing)
            before = after
        }
        self.offsets = offsets
    }

    func offset(atSeconds seconds: Int64) -> Int64? {
        let place = floorDivide(seconds, LocalCalendar.secondsPerDay) - first
        guard place >= 0, place < offsets.count else { return nil }
        let offset = offsets[Int(place)]
        return offset == Self.changing ? nil : Int64(offset)
    }
}

extension LocalCalendar {
    /// A day as `2026-11-22` (proleptic Gregorian). Source: H. Hinnant, "chrono-compatible low-level date algorithms".
    package static func text(ofDay day: Int64) -> String {
        let (year, month, dayOfMonth) = civil(ofDay: day)
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2)
    }

    /// Year, month and day of the month of a day counted from 1970.
    static func civil(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfMonth)
    }

    /// The day written as `2026-11-22`; nil for anything else and for days that do not exist.
    package static func day(fromText text: String) -> Int64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            let year = Int64(parts[0]), let month = Int64(parts[1]), let dayOfMonth = Int64(parts[2]),
            (1...12).contains(month), (1...31).contains(dayOfMonth)
        else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + dayOfMonth - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let day = era * 146_097 + dayOfEra - 719_468
        return self.text(ofDay: day) == text ? day : nil
    }

    private static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

/// Integer division that rounds towards minus infinity.
func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
    let quotient = number / divisor
    return number % divisor < 0 ? quotient - 1 : quotient
}
