/// Which character separates the decimals of an amount.
package enum DecimalMark: String, Sendable, Codable, CaseIterable {
    /// `1,234.50`
    case point
    /// `1.234,50`
    case comma
}

extension DecimalMark {
    /// Decides from a sample: a comma followed by one or two digits at the end, never by three, means a decimal comma.
    static func detect(_ values: [String]) -> DecimalMark {
        var commas = 0
        var points = 0
        for value in values {
            let bytes = Array(value.utf8).filter { ASCII.isDigit($0) || $0 == ASCII.comma || $0 == ASCII.point }
            guard let last = bytes.lastIndex(where: { !ASCII.isDigit($0) }) else { continue }
            let digitsBehind = bytes.count - last - 1
            let isGrouped = digitsBehind == 3 && last > 0
            if bytes[last] == ASCII.comma {
                if !isGrouped { commas += 1 }
            } else if !isGrouped || !bytes[..<last].contains(ASCII.comma) && bytes[0] == ASCII.zero {
                points += 1
            }
        }
        return commas > points ? .comma : .point
    }
}
