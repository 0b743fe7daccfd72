/// A decimal as a whole number of hundred-millionths, for adding amounts without rounding.
struct ExactAmount: Equatable {
    private(set) var units: Int128 = 0
    private static let digits = ImportLimits.amountFractionDigits

    init() {}

    init(units: Int128) {
        self.units = units
    }

    /// Reads what `DecimalText` writes.
    init(plain: some Sequence<UInt8>) {
        var isNegative = false
        var fraction = -1
        var value: Int128 = 0
        for byte in plain {
            if byte == ASCII.minus {
                isNegative = true
            } else if byte == ASCII.point {
                fraction = 0
            } else {
                value = value * 10 + Int128(byte - ASCII.zero)
                if fraction >= 0 { fraction += 1 }
            }
        }
        for _ in max(fraction, 0)..<ExactAmount.digits { value *= 10 }
        units = isNegative ? -value : value
    }

    var isNegative: Bool { units < 0 }

    static func += (left: inout ExactAmount, right: ExactAmount) {
        left.units += right.units
    }

    func times(_ factor: Int64) -> ExactAmount {
        ExactAmount(units: units * Int128(factor))
    }

    /// The amount of one of `count` equal parts, when it comes out even.
    func divided(by count: Int64) -> ExactAmount? {
        guard count > 0, units % Int128(count) == 0 else { return nil }
        return ExactAmount(units: units / Int128(count))
    }

    /// Plain decimal text without trailing zeros: `29.7`, `12`.
    var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func append(to bytes: inout [UInt8]) {
        if isNegative { bytes.append(ASCII.minus) }
        let (whole, fraction) = units.magnitude.quotientAndRemainder(dividingBy: 100_000_000)
        bytes.append(contentsOf: String(whole).utf8)
        guard fraction > 0 else { return }
        bytes.append(ASCII.point)
        var rest = UInt64(fraction)
        var place: UInt64 = 10_000_000
        while rest > 0 {
            bytes.append(ASCII.zero + UInt8(rest / place))
            rest %= place
            place /= 10
        }
    }
}

extension ExactAmount {
    /// The amount as a whole number, nil when it has decimals.
    var wholeNumber: Int64? {
        divided(by: 100_000_000).flatMap { Int64(exactly: $0.units) }
    }
}
