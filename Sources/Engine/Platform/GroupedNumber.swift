/// A whole number of parts as a person reads it.
package enum GroupedNumber {
    package static func whole(_ value: Int64) -> String { text(value) }

    /// With commas between thousands; `digits` of it are decimals; `trims`: without decimals that are zero.
    package static func text(_ value: Int64, digits: Int = 0, trims: Bool = true) -> String {
        let magnitude = value.magnitude
        let unit = (0..<digits).reduce(UInt64(1)) { unit, _ in unit * 10 }
        var whole = String(magnitude / unit)
        var grouped = ""
        while whole.count > 3 {
            grouped = "," + whole.suffix(3) + grouped
            whole = String(whole.dropLast(3))
        }
        var text = (value < 0 ? "-" : "") + whole + grouped
        let rest = magnitude % unit
        if digits > 0, rest > 0 || !trims {
            let decimals = String(rest)
            text += "." + String(repeating: "0", count: digits - decimals.count) + decimals
        }
        return text
    }
}
