/// Small prices as people write them: millionths of the currency, `0.045` is 45,000.
package enum MicroAmount {
    private static let places = 6

    /// Nil when the text is no amount with at most six places.
    package static func parse(_ text: String) -> Int64? {
        let parts = Whitespace.trim(text).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = parts.first, (1...9).contains(whole.utf8.count) else {
            return nil
        }
        let fraction = parts.count == 2 ? parts[1] : ""
        let digits = "\(whole)\(fraction)" + String(repeating: "0", count: max(0, places - fraction.utf8.count))
        guard fraction.utf8.count <= places, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        return Int64(digits)
    }

    package static func text(_ micro: Int64) -> String {
        let digits = String(abs(micro))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        var fraction = String(padded.suffix(places))
        while fraction.hasSuffix("0") { fraction.removeLast() }
        let whole = (micro < 0 ? "-" : "") + padded.dropLast(places)
        return fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }
}
