/// Moments in texts: by `strftime`, in the workspace's zone.
enum LiquidDates {
    /// `now` and `today`, ISO 8601, a day, or seconds since 1970; nil for anything else.
    static func moment(_ value: JSONValue, _ clock: LiquidRenderer.Clock) -> Timestamp? {
        switch value {
        case .string("now"), .string("today"): return clock.now
        case .integer(let seconds) where abs(seconds) < 100_000_000_000: return Timestamp(seconds: seconds)
        case .string(let text):
            if let seconds = Int64(text), abs(seconds) < 100_000_000_000, text.count > 4 {
                return Timestamp(seconds: seconds)
            }
            if let day = LocalCalendar.day(fromText: text) { return clock.calendar.start(ofDay: day) }
            return Timestamp(iso8601: text, zone: clock.calendar)
        default: return nil
        }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// `%Y-%m-%d %H:%M`; a letter that is none of `strftime`'s stays as it is.
    static func text(_ moment: Timestamp, _ format: String, _ calendar: LocalCalendar) -> String {
        let day = calendar.day(of: moment)
        let (year, month, date) = LocalCalendar.civil(ofDay: day)
        let (hour, weekday) = (calendar.hour(of: moment), calendar.weekday(of: moment))
        let seconds = moment.seconds - calendar.start(ofDay: day).seconds
        let (minute, second) = (seconds / 60 % 60, seconds % 60)
        var out = ""
        var rest = Substring(format.isEmpty ? "%Y-%m-%d" : format)
        while let character = rest.popFirst() {
            guard character == "%", var letter = rest.popFirst() else {
                out.append(character)
                continue
            }
            var isPadded = true
            if letter == "-", let next = rest.popFirst() { (isPadded, letter) = (false, next) }
            let two = { (number: Int64) in (isPadded && number < 10 ? "0" : "") + String(number) }
            switch letter {
            case "Y": out += String(year)
            case "y": out += two(year % 100)
            case "m": out += two(month)
            case "d": out += two(date)
            case "e": out += (isPadded && date < 10 ? " " : "") + String(date)
            case "H": out += two(hour)
            case "I": out += two(hour % 12 == 0 ? 12 : hour % 12)
            case "l": out += String(hour % 12 == 0 ? 12 : hour % 12)
            case "M": out += two(minute)
            case "S": out += two(second)
            case "p": out += hour < 12 ? "AM" : "PM"
            case "P": out += hour < 12 ? "am" : "pm"
            case "B": out += months[Int(month) - 1]
            case "b", "h": out += String(months[Int(month) - 1].prefix(3))
            case "A": out += weekdays[Int(weekday) - 1]
            case "a": out += String(weekdays[Int(weekday) - 1].prefix(3))
            case "u": out += String(weekday)
            case "w": out += String(weekday % 7)
            case "F": out += LocalCalendar.text(ofDay: day)
            case "T": out += two(hour) + ":" + two(minute) + ":" + two(second)
            case "R": out += two(hour) + ":" + two(minute)
            case "s": out += String(moment.seconds)
            case "%": out += "%"
            default: out += "%" + String(letter)
            }
        }
        return out
    }
}
