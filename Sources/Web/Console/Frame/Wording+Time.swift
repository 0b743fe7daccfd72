import Engine
import Foundation

/// A day and a time of day in some zone.
struct WallClock: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    /// Source of the civil-from-days step: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    init(_ moment: Timestamp, in zone: TimeZone) {
        let instant = Date(timeIntervalSince1970: Double(moment.seconds))
        let local = moment.seconds + Int64(zone.secondsFromGMT(for: instant))
        let days = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let rest = Int(local - days * 86_400)
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
    }
}

extension Wording {
    /// `2026年11月22日` or `22 Nov 2026`.
    package func date(_ moment: Timestamp) -> String {
        let clock = WallClock(moment, in: zone)
        if isChinese { return "\(clock.year)年\(clock.month)月\(clock.day)日" }
        return "\(clock.day) \(Wording.months[clock.month - 1]) \(clock.year)"
    }

    /// `2026年11月` or `Nov 2026`.
    package func month(_ moment: Timestamp) -> String {
        let clock = WallClock(moment, in: zone)
        return isChinese ? "\(clock.year)年\(clock.month)月" : "\(Wording.months[clock.month - 1]) \(clock.year)"
    }

    /// `11月22日` or `22 Nov`; with the year when it is not the one of `now`.
    package func shortDate(_ moment: Timestamp, now: Timestamp) -> String {
        let clock = WallClock(moment, in: zone)
        guard clock.year == WallClock(now, in: zone).year else { return date(moment) }
        return isChinese ? "\(clock.month)月\(clock.day)日" : "\(clock.day) \(Wording.months[clock.month - 1])"
    }

    /// `11月22日` or `22 Nov` of `2026-11-22`, with the hour behind it if there is one: a place in a chart. Anything else
    /// as it is.
    func chartDay(_ day: String) -> String {
        let hour = day.dropFirst(10)
        guard hour.isEmpty || hour.first == " ", let (_, month, date) = Wording.parts(ofDay: String(day.prefix(10)))
        else { return day }
        return (isChinese ? "\(month)月\(date)日" : "\(date) \(Wording.months[month - 1])") + hour
    }

    /// Each as on a chart; of today as it is so far.
    func chartDays(_ days: [String], today: String) -> [String] {
        days.map { $0 == today ? text("insight.so_far", ["step": chartDay($0)]) : chartDay($0) }
    }

    /// `2026年11月22日` or `22 Nov 2026` of `2026-11-22`. Anything else as it is.
    func date(ofDay day: String) -> String {
        guard let (year, month, date) = Wording.parts(ofDay: day) else { return day }
        return isChinese ? "\(year)年\(month)月\(date)日" : "\(date) \(Wording.months[month - 1]) \(year)"
    }

    private static func parts(ofDay day: String) -> (year: Int, month: Int, date: Int)? {
        let parts = day.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard day.utf8.count == 10, parts.count == 3, let year = parts[0], let month = parts[1], let date = parts[2],
            months.indices.contains(month - 1)
        else { return nil }
        return (year, month, date)
    }

    /// `20:08`.
    package func time(_ moment: Timestamp) -> String {
        let clock = WallClock(moment, in: zone)
        return "\(Wording.two(clock.hour)):\(Wording.two(clock.minute))"
    }

    /// `2026年11月22日 20:08`.
    package func dateTime(_ moment: Timestamp) -> String {
        "\(date(moment)) \(time(moment))"
    }

    /// `20:08:31`.
    package func timeWithSeconds(_ moment: Timestamp) -> String {
        "\(time(moment)):\(Wording.two(WallClock(moment, in: zone).second))"
    }

    /// `2026-11-22` as date inputs want it.
    package func isoDate(_ moment: Timestamp) -> String {
        let clock = WallClock(moment, in: zone)
        return "\(clock.year)-\(Wording.two(clock.month))-\(Wording.two(clock.day))"
    }

    /// `刚刚`, `5 分钟前`, `3 天前`; the date itself when more than 30 days ago.
    package func ago(_ moment: Timestamp, now: Timestamp) -> String {
        let seconds = now.seconds - moment.seconds
        if seconds < -60 { return dateTime(moment) }
        if seconds < 60 { return text("time.just_now") }
        if seconds < 3600 { return text("time.minutes_ago", count: seconds / 60) }
        if seconds < 86_400 { return text("time.hours_ago", count: seconds / 3600) }
        if seconds < 30 * 86_400 { return text("time.days_ago", count: seconds / 86_400) }
        return shortDate(moment, now: now)
    }

    /// A length of time in its one most telling unit: `3 天`, `2 小时`, `450 毫秒`.
    package func length(milliseconds: Int64) -> String {
        if milliseconds < 1000 { return text("time.milliseconds", count: max(0, milliseconds)) }
        let seconds = milliseconds / 1000
        if seconds < 60 { return text("time.seconds", count: seconds) }
        if seconds < 3600 { return text("time.minutes", count: seconds / 60) }
        if seconds < 86_400 { return text("time.hours", count: seconds / 3600) }
        return text("time.days", count: seconds / 86_400)
    }

    /// `1.5 GB`; powers of 1024.
    package func bytes(_ count: Int64) -> String {
        var value = Double(count)
        var unit = 0
        let units = ["B", "KB", "MB", "GB", "TB"]
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return decimal(value, digits: unit == 0 || value >= 100 ? 0 : 1) + " " + units[unit]
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func two(_ value: Int) -> String {
        value < 10 ? "0\(value)" : String(value)
    }
}
