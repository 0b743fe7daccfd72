extension Timestamp {
    /// `2026-11-22T17:01:47.562Z`, always in UTC and with milliseconds.
    package var iso8601: String {
        let (days, inDay) = milliseconds.floored(by: Timestamp.millisecondsPerDay)
        let seconds = inDay / 1000
        let (year, month, day) = LocalCalendar.civil(ofDay: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        if (0...9_999).contains(year) {
            text.append(digits: year, 4)
            text.append(UInt8(ascii: "-"))
            text.append(digits: month, 2)
            text.append(UInt8(ascii: "-"))
            text.append(digits: day, 2)
        } else {
            text.append(contentsOf: LocalCalendar.text(ofDay: days).utf8)
        }
        text.append(UInt8(ascii: "T"))
        text.append(digits: seconds / 3600, 2)
        text.append(UInt8(ascii: ":"))
        text.append(digits: seconds / 60 % 60, 2)
        text.append(UInt8(ascii: ":"))
        text.append(digits: seconds % 60, 2)
        text.append(UInt8(ascii: "."))
        text.append(digits: inDay % 1000, 3)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the forms of ISO 8601 that SDKs write.
    ///
    /// `2026-01-02`, `2026-01-02T03:04`, `2026-01-02 03:04:05.6`, `2026-01-02T03:04:05.678901234+08:00`, `…Z`; one to
    /// nine digits of a second, cut to milliseconds; a leap second counts as the last second of its minute. A time
    /// without an offset is read in `zone`, or in UTC. Returns nil for everything else and for days that do not exist.
    package init?(iso8601 text: some StringProtocol, zone: LocalCalendar = .utc) {
        var text = String(text)
        let parsed = text.withUTF8 { Timestamp(iso8601: $0, zone: zone) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// As `init(iso8601:zone:)`, over bytes that are only borrowed.
    package init?(iso8601 bytes: UnsafeBufferPointer<UInt8>, zone: LocalCalendar = .utc) {
        var reader = DigitReader(bytes)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let dayOfMonth = reader.number(2),
            let day = Timestamp.day(year: year, month: month, dayOfMonth: dayOfMonth)
        else { return nil }
        var inDay: Int64 = 0
        if reader.isAtEnd {
            self = zone.start(ofDay: day)
            return
        }
        guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), hour < 24, minute < 60
        else { return nil }
        inDay = (hour * 60 + minute) * 60_000
        if reader.skip(":") {
            guard let second = reader.number(2), second <= 60 else { return nil }
            inDay += min(second, 59) * 1000
            if reader.skip(".") || reader.skip(",") {
                guard let fraction = reader.fraction() else { return nil }
                inDay += fraction
            }
        }
        let local = day * Timestamp.millisecondsPerDay + inDay
        if reader.isAtEnd {
            milliseconds = zone.moment(localMilliseconds: local).milliseconds
        } else {
            guard let offset = reader.offsetMinutes(), reader.isAtEnd else { return nil }
            milliseconds = local - offset * 60_000
        }
    }

    /// Days since 1970-01-01 (proleptic Gregorian); nil for days that do not exist. Source: H. Hinnant,
    /// "chrono-compatible low-level date algorithms".
    static func day(year: Int64, month: Int64, dayOfMonth: Int64) -> Int64? {
        let length: Int64
        switch month {
        case 2: length = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: length = 30
        default: length = 31
        }
        guard (1...12).contains(month), dayOfMonth >= 1, dayOfMonth <= length else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shiftedYear.floored(by: 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + dayOfMonth - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Reads fixed-width numbers from ASCII.
private struct DigitReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func number(_ digits: Int) -> Int64? {
        guard index + digits <= bytes.count else { return nil }
        var value: Int64 = 0
        for _ in 0..<digits {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
            index += 1
        }
        return value
    }

    /// One to nine digits of a second as whole milliseconds.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 {
            if count < 3 { value = value * 10 + Int64(bytes[index] - UInt8(ascii: "0")) }
            count += 1
            index += 1
        }
        guard (1...9).contains(count) else { return nil }
        for _ in min(count, 3)..<3 { value *= 10 }
        return value
    }

    /// `Z`, `+08:00`, `+0800` or `+08`.
    mutating func offsetMinutes() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(2), hours < 24 else { return nil }
        if isAtEnd { return sign * hours * 60 }
        _ = skip(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

extension Int64 {
    /// Quotient and remainder of a division that rounds towards minus infinity.
    fileprivate func floored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension [UInt8] {
    fileprivate mutating func append(digits number: Int64, _ count: Int) {
        var divisor: Int64 = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
