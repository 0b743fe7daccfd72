/// How unevenly something is divided among people.
package enum Concentration {
    /// The Gini coefficient: 0 when all have the same, towards 1 when one has everything; nil when there is nothing to
    /// divide. Amounts below nothing count as nothing.
    ///
    /// Source: C. Gini (1912) by the rank formula, G = 2 Σ i·xᵢ ÷ (n Σ xᵢ) − (n + 1) ÷ n over ascending x.
    package static func gini(_ amounts: [Int64]) -> Double? {
        let sorted = amounts.map { max(0, $0) }.sorted()
        let sum = sorted.reduce(0.0) { $0 + Double($1) }
        guard sum > 0 else { return nil }
        let count = Double(sorted.count)
        let weighted = sorted.enumerated().reduce(0.0) { $0 + Double($1.offset + 1) * Double($1.element) }
        return 2 * weighted / (count * sum) - (count + 1) / count
    }

    /// Who is in which tenth when people stand in order, most first: places `start..<end` of each.
    package static func tenths(of count: Int) -> [Range<Int>] {
        (0..<10).map { (count * $0 / 10)..<(count * ($0 + 1) / 10) }
    }
}
