/// A place in the text of a date, moved by what is read.
struct DateCursor {
    let bytes: ByteView
    var position = 0

    init(bytes: ByteView) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position >= bytes.count }
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// A run of digits; with `exactly`, as many as the range allows even when more follow.
    mutating func number(digits: ClosedRange<Int>, exactly: Bool = false) -> Int? {
        var value = 0
        var read = 0
        while let byte = peek, ASCII.isDigit(byte), read < digits.upperBound {
            value = value * 10 + Int(byte - ASCII.zero)
            position += 1
            read += 1
        }
        guard digits.contains(read) else { return nil }
        if !exactly, let byte = peek, ASCII.isDigit(byte) { return nil }
        return value
    }

    private mutating func skip(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard position + count <= bytes.count, bytes.part(position, position + count).equals(literal) else {
            return false
        }
        position += count
        return true
    }

    /// `-`, `/`, `.`, `年`, `月`, with spaces around.
    mutating func skipDateSeparator() -> Bool {
        skipSpaces()
        if let byte = peek, byte == ASCII.minus || byte == ASCII.slash || byte == ASCII.point {
            position += 1
        } else if !skip("年"), !skip("月") {
            return false
        }
        skipSpaces()
        return true
    }

    mutating func skipDayCharacter() {
        if !skip("日") { _ = skip("号") }
    }

    mutating func skipSpaces() {
        while peek == ASCII.space { position += 1 }
    }

    /// `T` or spaces, or nothing between `日` and the hour.
    mutating func skipBeforeTime() -> Bool {
        guard let byte = peek else { return false }
        if byte == UInt8(ascii: "T") || byte == UInt8(ascii: "t") {
            position += 1
            return true
        }
        let begin = position
        skipSpaces()
        return position > begin || byte >= 0x80 || (position > 0 && bytes[position - 1] >= 0x80)
    }

    /// `9:30`, `09:30:15.250`, `9时30分15秒`, with 上午/下午 before or AM/PM behind.
    mutating func timeOfDay() -> (seconds: Int, milliseconds: Int)? {
        var half = Half.none
        if skip("上午") { half = .morning } else if skip("下午") || skip("晚上") { half = .afternoon }
        skipSpaces()
        guard var hour = number(digits: 1...2) else { return nil }
        guard skip(":") || skip("时") || skip("点") || skip("：") else { return nil }
        var minute = 0
        var second = 0
        var milliseconds = 0
        if let found = number(digits: 1...2) {
            minute = found
            if skip(":") || skip("分") || skip("：") {
                if let found = number(digits: 1...2) { second = found }
                if peek == ASCII.point || peek == ASCII.comma { milliseconds = fraction() }
                _ = skip("秒")
            }
        }
        let afterTime = position
        skipSpaces()
        if skip("AM") || skip("am") || skip("a.m.") {
            half = .morning
        } else if skip("PM") || skip("pm") || skip("p.m.") {
            half = .afternoon
        } else {
            position = afterTime
        }
        if half != .none {
            guard 0...12 ~= hour else { return nil }
            hour = hour % 12 + (half == .afternoon ? 12 : 0)
        }
        // 60 is a leap second (ISO 8601); it is read as the second before.
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        return (hour * 3600 + minute * 60 + min(second, 59), milliseconds)
    }

    private enum Half { case none, morning, afternoon }

    /// Digits behind the decimal point, cut to milliseconds.
    private mutating func fraction() -> Int {
        position += 1
        var value = 0
        var read = 0
        while let byte = peek, ASCII.isDigit(byte) {
            if read < 3 {
                value = value * 10 + Int(byte - ASCII.zero)
                read += 1
            }
            position += 1
        }
        while read < 3 {
            value *= 10
            read += 1
        }
        return value
    }

    /// `Z`, `+08:00`, `+0800`, `+08`, `UTC`: seconds east; nil when the text names none.
    mutating func offset() -> Int? {
        let begin = position
        skipSpaces()
        if skip("Z") || skip("z") || skip("UTC") || skip("GMT") { return 0 }
        guard let sign = peek, sign == ASCII.plus || sign == ASCII.minus else {
            position = begin
            return nil
        }
        position += 1
        guard let hours = number(digits: 2...2, exactly: true), hours <= 14 else {
            position = begin
            return nil
        }
        _ = skip(":")
        let minutes = number(digits: 2...2, exactly: true) ?? 0
        let seconds = hours * 3600 + minutes * 60
        return sign == ASCII.minus ? -seconds : seconds
    }
}
