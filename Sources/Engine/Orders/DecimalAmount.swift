/// An exact decimal number as it stood in JSON: `mantissa × 10^-9`.
///
/// Nine fractional digits hold every price; digits beyond are rounded half up, which also mends the noise of clients
/// that compute in binary (`12.344999999999999` is 12.345).
package struct DecimalAmount: Sendable, Hashable, Comparable {
    /// In units of 10^-9.
    package var nanos: Int128

    package static let fractionDigits = 9
    /// Amounts beyond this are no money: 10^15.
    package static let limit = Int128(1_000_000_000_000_000) * Int128(1_000_000_000)
    /// Characters of a number that are looked at.
    private static let textLimit = 64
    package static let zero = DecimalAmount(nanos: 0)

    package init(nanos: Int128) {
        self.nanos = nanos
    }

    package init(_ whole: Int64) {
        nanos = Int128(whole) * 1_000_000_000
    }

    /// Reads `-12.50`, `1e3`, and in `isLenient` form also `¥1,234.50` and `1 234.50`. Nil when it is no number or
    /// beyond `limit`.
    package init?(_ text: some StringProtocol, isLenient: Bool = false) {
        guard text.utf8.count <= Self.textLimit else { return nil }
        var reader = Reader(isLenient: isLenient)
        for byte in text.utf8 where !reader.read(byte) { return nil }
        guard let value = reader.value, value.magnitude <= Self.limit.magnitude else { return nil }
        nanos = value
    }

    package static func < (left: DecimalAmount, right: DecimalAmount) -> Bool { left.nanos < right.nanos }
    package static func + (left: DecimalAmount, right: DecimalAmount) -> DecimalAmount {
        DecimalAmount(nanos: left.nanos + right.nanos)
    }
    package static func - (left: DecimalAmount, right: DecimalAmount) -> DecimalAmount {
        DecimalAmount(nanos: left.nanos - right.nanos)
    }

    /// Price times quantity, rounded half up in the ninth digit; nil beyond `limit`.
    package func multiplied(by other: DecimalAmount) -> DecimalAmount? {
        let (product, overflow) = nanos.multipliedReportingOverflow(by: other.nanos)
        guard !overflow else { return nil }
        let result = Self.divideHalfUp(product, by: 1_000_000_000)
        return result.magnitude <= Self.limit.magnitude ? DecimalAmount(nanos: result) : nil
    }

    /// The amount in minor units of a currency with that many digits, rounded half up (away from zero). Clamped to
    /// 64 bits, which `limit` keeps it inside for every currency.
    package func minorUnits(digits: Int) -> Int64 {
        var divisor: Int128 = 1
        for _ in digits..<Self.fractionDigits { divisor *= 10 }
        return Int64(clamping: Self.divideHalfUp(nanos, by: divisor))
    }

    private static func divideHalfUp(_ value: Int128, by divisor: Int128) -> Int128 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        guard remainder.magnitude * 2 >= divisor.magnitude else { return quotient }
        return value < 0 ? quotient - 1 : quotient + 1
    }

    /// The shortest decimal text, the same for equal amounts.
    package var text: String {
        let magnitude = nanos.magnitude
        let whole = String(UInt64(clamping: magnitude / 1_000_000_000))
        let fraction = UInt64(magnitude % 1_000_000_000)
        let sign = nanos < 0 ? "-" : ""
        guard fraction > 0 else { return sign + whole }
        var digits = String(fraction)
        digits = String(repeating: "0", count: Self.fractionDigits - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }
}

extension DecimalAmount {
    /// Reads a number byte by byte.
    private struct Reader {
        var isLenient: Bool
        private var digits: Int128 = 0
        private var digitCount = 0
        private var fractionCount = 0
        private var roundUp = false
        private var isNegative = false
        private var hasPoint = false
        private var exponent: Int?
        private var exponentIsNegative = false
        private var exponentDigits = 0
        private var isAtStart = true

        init(isLenient: Bool) {
            self.isLenient = isLenient
        }

        /// Digits kept; what follows only moves the point.
        private static let digitsLimit = 30

        mutating func read(_ byte: UInt8) -> Bool {
            defer { isAtStart = false }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): return digit(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "."):
                guard !hasPoint, exponent == nil else { return false }
                hasPoint = true
                return true
            case UInt8(ascii: "-"), UInt8(ascii: "+"): return sign(isMinus: byte == UInt8(ascii: "-"))
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard exponent == nil, digitCount > 0 else { return false }
                exponent = 0
                return true
            case UInt8(ascii: ","), UInt8(ascii: " "): return isLenient && !hasPoint && exponent == nil
            case UInt8(ascii: "$"): return isLenient && digitCount == 0
            default: return isLenient && byte >= 0x80 && digitCount == 0
            }
        }

        private mutating func sign(isMinus: Bool) -> Bool {
            if exponent != nil {
                guard exponentDigits == 0 else { return false }
                exponentIsNegative = isMinus
                return true
            }
            guard digitCount == 0, !hasPoint, isAtStart || isLenient else { return false }
            isNegative = isMinus
            return true
        }

        private mutating func digit(_ digit: UInt8) -> Bool {
            if let sum = exponent {
                exponentDigits += 1
                exponent = min(sum * 10 + Int(digit), 1_000)
                return true
            }
            digitCount += 1
            if digits < Self.ceiling {
                digits = digits * 10 + Int128(digit)
                if hasPoint { fractionCount += 1 }
            } else if !hasPoint {
                fractionCount -= 1
            }
            return true
        }

        private static let ceiling: Int128 = {
            var value: Int128 = 1
            for _ in 0..<digitsLimit { value *= 10 }
            return value
        }()

        /// In units of 10^-9; nil when there was no number or it is far too large.
        var value: Int128? {
            guard digitCount > 0, exponent == nil || exponentDigits > 0 else { return nil }
            let shift =
                DecimalAmount.fractionDigits - fractionCount
                + (exponent ?? 0) * (exponentIsNegative ? -1 : 1)
            var result = digits
            if shift < 0 {
                var divisor: Int128 = 1
                for _ in 0..<min(-shift, 35) { divisor *= 10 }
                result = DecimalAmount.divideHalfUp(result, by: divisor)
            } else {
                for _ in 0..<shift where result != 0 {
                    let (product, overflow) = result.multipliedReportingOverflow(by: 10)
                    guard !overflow else { return nil }
                    result = product
                }
            }
            return isNegative ? -result : result
        }
    }
}
