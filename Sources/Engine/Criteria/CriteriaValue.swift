import Foundation

/// One scalar as conditions see it: the same three readings in memory and in the analytics store, made once, here.
///
/// `text`: without surrounding blanks, composed (NFC), in lower case, cut after 256 bytes; numbers as plain decimals.
/// `number`: ten-thousandths, from numbers and from texts that are plain decimals, if below 9 · 10¹⁴. `date`: year,
/// month and day as the number 20260501, from ISO 8601 texts and from milliseconds since 1970, in the workspace's zone.
package struct CriteriaValue: Sendable, Hashable {
    package var text: String
    package var number: Int64
    package var date: Int64

    /// Stands for "no number": below every number.
    package static let noNumber: Int64 = -9_000_000_000_000_000_001
    package static let noDate: Int64 = 0
    /// Units in one.
    package static let scale: Int64 = 10_000
    static let numberLimit: Int64 = 9_000_000_000_000_000_000
    static let textBytes = 256
}

extension CriteriaValue {
    /// Nil for null, arrays and objects. Without a calendar no date is read.
    init?(_ value: JSONValue, _ calendar: LocalCalendar?) {
        switch value {
        case .string(let string):
            let text = Self.folded(string)
            self.init(
                text: text, number: Self.number(text), date: calendar.map { Self.date(text, $0) } ?? Self.noDate)
        case .bool(let flag):
            self.init(text: flag ? "true" : "false", number: Self.noNumber, date: Self.noDate)
        case .integer(let integer):
            self.init(
                text: String(integer), number: Self.scaled(integer),
                date: calendar.map { Self.date(milliseconds: integer, $0) } ?? Self.noDate)
        case .number(let double):
            self.init(text: Self.decimalText(double), number: Self.scaled(double), date: Self.noDate)
        case .null, .array, .object: return nil
        }
    }

    /// As texts are compared.
    package static func folded(_ string: String) -> String {
        if string.isEmpty { return "" }
        var bytes = Array(string.utf8.prefix(textBytes * 4))
        if bytes.allSatisfy({ $0 < 0x80 }) {
            for index in bytes.indices where bytes[index] >= 0x41 && bytes[index] <= 0x5A { bytes[index] |= 0x20 }
            var slice = bytes[...]
            while let first = slice.first, first <= 0x20 { slice = slice.dropFirst() }
            while let last = slice.last, last <= 0x20 { slice = slice.dropLast() }
            return String(decoding: slice.prefix(textBytes), as: UTF8.self)
        }
        if let plain = foldedIdeographs(string) { return plain }
        let whole = string.lowercased().precomposedStringWithCanonicalMapping
        return cut(whole.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// The usual Chinese text: ideographs (U+4E00 to U+9FFF), which have neither case nor another composition, among
    /// printable ASCII. Nil for any other.
    private static func foldedIdeographs(_ string: String) -> String? {
        var string = string
        guard string.utf8.count <= textBytes else { return nil }
        return string.withUTF8 { bytes in
            var folded: [UInt8] = []
            folded.reserveCapacity(bytes.count)
            var index = 0
            while index < bytes.count {
                switch bytes[index] {
                case 0x41...0x5A: folded.append(bytes[index] | 0x20)
                case 0x20...0x7E: folded.append(bytes[index])
                case 0xE4 where bytes[index + 1] >= 0xB8, 0xE5...0xE9:
                    folded.append(contentsOf: bytes[index...index + 2])
                    index += 2
                default: return nil
                }
                index += 1
            }
            var slice = folded[...]
            while slice.first == 0x20 { slice = slice.dropFirst() }
            while slice.last == 0x20 { slice = slice.dropLast() }
            return String(decoding: slice, as: UTF8.self)
        }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > textBytes else { return text }
        var bytes = 0
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > textBytes { break }
            kept.append(scalar)
        }
        return String(kept)
    }

    /// A plain decimal (`-12.5`) in ten-thousandths, further digits cut; else no number.
    static func number(_ text: String) -> Int64 {
        var digits: Int64 = 0
        var fraction = -1
        var seen = false
        for (index, byte) in text.utf8.enumerated() {
            if index == 0, byte == UInt8(ascii: "-") { continue }
            if byte == UInt8(ascii: "."), fraction < 0, seen {
                fraction = 0
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return noNumber }
            seen = true
            if fraction >= 4 { continue }
            if fraction >= 0 { fraction += 1 }
            digits = digits * 10 + Int64(digit)
            guard digits < numberLimit / 10 else { return noNumber }
        }
        guard seen, fraction != 0 else { return noNumber }
        for _ in max(fraction, 0)..<4 {
            guard digits < numberLimit / 10 else { return noNumber }
            digits *= 10
        }
        return text.utf8.first == UInt8(ascii: "-") ? -digits : digits
    }

    static func scaled(_ integer: Int64) -> Int64 {
        let (product, overflow) = integer.multipliedReportingOverflow(by: scale)
        return overflow || abs(product) >= numberLimit ? noNumber : product
    }

    /// Rounded half away from zero.
    static func scaled(_ double: Double) -> Int64 {
        let product = (double * Double(scale)).rounded(.toNearestOrAwayFromZero)
        return abs(product) < Double(numberLimit) ? Int64(product) : noNumber
    }

    private static func decimalText(_ double: Double) -> String {
        if let integer = Int64(exactly: double) { return String(integer) }
        return double.description.lowercased()
    }

    private static func date(_ text: String, _ calendar: LocalCalendar) -> Int64 {
        guard text.utf8.count >= 10, text.utf8.dropFirst(4).first == UInt8(ascii: "-") else { return noDate }
        if text.utf8.count == 10 { return LocalCalendar.day(fromText: text).map(date(ofDay:)) ?? noDate }
        return Timestamp(iso8601: text, zone: calendar).map { date(ofDay: calendar.day(of: $0)) } ?? noDate
    }

    /// Whole numbers of this size are milliseconds since 1970 in 1973 to 5138.
    private static func date(milliseconds: Int64, _ calendar: LocalCalendar) -> Int64 {
        guard (100_000_000_000..<100_000_000_000_000).contains(milliseconds) else { return noDate }
        return date(ofDay: calendar.day(of: Timestamp(milliseconds: milliseconds)))
    }

    /// 20260501 of a day counted from 1970.
    package static func date(ofDay day: Int64) -> Int64 {
        let (year, month, dayOfMonth) = LocalCalendar.civil(ofDay: day)
        return year * 10_000 + month * 100 + dayOfMonth
    }
}
