/// Reads amounts as people write them into exact decimal text: `¥1,234.50` → `1234.50`, `(12)` → `-12`.
///
/// No floating point is involved. Currency signs and codes around the number, spaces and thousands separators (in
/// groups of three, or of four as in Chinese) are passed over.
struct DecimalText {
    let mark: DecimalMark

    /// Appends the plain number to `output`; false, with `output` as it was, when the text is no number.
    func append(_ bytes: ByteView, to output: inout [UInt8]) -> Bool {
        let begin = output.count
        guard let end = scan(bytes, into: &output, from: begin) else {
            output.removeLast(output.count - begin)
            return false
        }
        return end
    }

    func normalized(_ text: String) -> String? {
        var text = text
        var output: [UInt8] = []
        let isNumber = text.withUTF8 { append($0.trimmed, to: &output) }
        return isNumber ? String(decoding: output, as: UTF8.self) : nil
    }

    private func scan(_ bytes: ByteView, into output: inout [UInt8], from begin: Int) -> Bool? {
        let body = strip(bytes)
        guard body.view.count > 0, ASCII.isDigit(body.view[0]) || body.view[0] == decimalByte else { return nil }
        if body.isNegative { output.append(ASCII.minus) }
        var integerDigits = 0
        var fractionDigits = 0
        var groupDigits: Int?
        var isInFraction = false
        for byte in body.view {
            if ASCII.isDigit(byte) {
                if isInFraction {
                    fractionDigits += 1
                    output.append(byte)
                } else {
                    integerDigits += 1
                    if groupDigits != nil { groupDigits? += 1 }
                    appendInteger(byte, to: &output, from: begin)
                }
            } else if byte == decimalByte, !isInFraction {
                guard isWholeGroup(groupDigits) else { return nil }
                if integerDigits == 0 { output.append(ASCII.zero) }
                isInFraction = true
                output.append(ASCII.point)
            } else if isGroupMark(byte), !isInFraction, integerDigits > 0, isWholeGroup(groupDigits) {
                groupDigits = 0
            } else {
                return nil
            }
        }
        if isInFraction, fractionDigits == 0 { output.removeLast() }
        guard isInFraction || isWholeGroup(groupDigits), integerDigits + fractionDigits > 0,
            integerDigits <= ImportLimits.amountIntegerDigits, fractionDigits <= ImportLimits.amountFractionDigits
        else { return nil }
        return true
    }

    /// Leading zeros are dropped, so that equal amounts have equal text and the text is JSON.
    private func appendInteger(_ byte: UInt8, to output: inout [UInt8], from begin: Int) {
        let isLoneZero =
            output.last == ASCII.zero && (output.count - begin == 1 || output[output.count - 2] == ASCII.minus)
        if isLoneZero { output.removeLast() }
        output.append(byte)
    }

    private var decimalByte: UInt8 { mark == .point ? ASCII.point : ASCII.comma }

    private func isGroupMark(_ byte: UInt8) -> Bool {
        byte == (mark == .point ? ASCII.comma : ASCII.point) || byte == ASCII.space || byte == UInt8(ascii: "'")
            || byte == UInt8(ascii: "_")
    }

    private func isWholeGroup(_ digits: Int?) -> Bool {
        guard let digits else { return true }
        return digits == 3 || digits == 4
    }

    /// Takes signs, brackets, spaces, currency signs and codes off both ends.
    private func strip(_ bytes: ByteView) -> (view: ByteView, isNegative: Bool) {
        var rest = bytes
        var isNegative = false
        while let byte = rest.first, !ASCII.isDigit(byte), byte != decimalByte {
            if byte == ASCII.minus || byte == UInt8(ascii: "(") {
                guard !isNegative else { return (rest.part(0, 0), false) }
                isNegative = true
                rest = rest.part(1, rest.count)
            } else if byte == ASCII.plus || byte == ASCII.space {
                rest = rest.part(1, rest.count)
            } else if let sign = DecimalText.signs.first(where: { rest.hasPrefix($0) }) {
                rest = rest.part(sign.utf8CodeUnitCount, rest.count)
            } else {
                return (rest.part(0, 0), false)
            }
        }
        while let byte = rest.last, !ASCII.isDigit(byte), byte != decimalByte {
            if byte == ASCII.minus || byte == UInt8(ascii: ")") || byte == ASCII.space {
                if byte == ASCII.minus { isNegative = true }
                rest = rest.part(0, rest.count - 1)
            } else if let sign = DecimalText.signs.first(where: { rest.hasSuffix($0) }) {
                rest = rest.part(0, rest.count - sign.utf8CodeUnitCount)
            } else {
                return (rest.part(0, 0), false)
            }
        }
        return (rest, isNegative)
    }

    /// What may stand around an amount; longer forms first.
    private static let signs: [StaticString] = [
        "人民币", "US$", "HK$", "NT$", "CNY", "RMB", "USD", "EUR", "GBP", "JPY", "HKD", "TWD", "KRW", "SGD", "AUD", "CAD",
        "¥", "￥", "$", "€", "£", "₩", "₹", "元", "圆",
    ]
}
