/// How a value becomes a score from 1 (worst) to 5 (best).
package enum RFMScoring: Sendable, Codable, Equatable {
    /// Cut points at the type 7 quantiles .2 .4 .6 .8 of the values, plus one whole unit; a score's bin holds
    /// `lower ≤ x < upper`. Equal values always score the same. Source: R package rfm 0.3.0 (MIT), `rfm_table_order`.
    case valueQuintiles
    /// Five groups of equal size by rank, the first `n mod 5` with one more (SQL's `NTILE(5)`).
    case ntile(ties: Ties)
    /// Four ascending cut points for each dimension; a score's bin holds `lower ≤ x < upper`.
    case fixed(recency: [Double], frequency: [Double], monetary: [Double])

    /// What NTILE does with equal values on the border of two groups.
    package enum Ties: String, Sendable, Codable, CaseIterable {
        /// Split by the order of the rows, as SQL's NTILE does; groups have equal sizes.
        case byRow
        /// Kept together in the group of the first of them.
        case together
    }

    package static let scores = 5
    package static let cutPoints = scores - 1
}

extension RFMScoring {
    /// Scores of one column and the cut points they came from (values at which the next bin begins, ascending).
    package func score(_ columns: RFMColumns, _ dimension: RFMDimension) -> (scores: [UInt8], cuts: [Double]) {
        let values = columns.values(of: dimension)
        guard !values.isEmpty else { return ([], []) }
        switch self {
        case .valueQuintiles:
            let cuts = Quantile.type7([0.2, 0.4, 0.6, 0.8], of: values).map { $0 + Double(columns.unit(of: dimension)) }
            return (Self.bin(values, cuts, reversed: dimension.lessIsBetter), cuts)
        case .fixed(let recency, let frequency, let monetary):
            let cuts = dimension.choose(recency, frequency, monetary)
            return (Self.bin(values, cuts, reversed: dimension.lessIsBetter), cuts)
        case .ntile(let ties):
            return Self.ntile(values, ties, reversed: dimension.lessIsBetter)
        }
    }

    private static func bin(_ values: [Int64], _ cuts: [Double], reversed: Bool) -> [UInt8] {
        // x ≥ cut ⟺ x ≥ ⌈cut⌉ for whole x: the loop compares integers, without branches.
        let borders = cuts.map { Int64($0.rounded(.up)) } + Array(repeating: Int64.max, count: max(0, 4 - cuts.count))
        precondition(borders.count == cutPoints, "five scores have four cut points")
        let (b0, b1, b2, b3) = (borders[0], borders[1], borders[2], borders[3])
        return values.map { value in
            let passed =
                UInt8(value >= b0 ? 1 : 0) &+ (value >= b1 ? 1 : 0) &+ (value >= b2 ? 1 : 0)
                &+ (value >= b3 ? 1 : 0)
            return reversed ? 5 &- passed : 1 &+ passed
        }
    }

    private static func ntile(_ values: [Int64], _ ties: Ties, reversed: Bool) -> (scores: [UInt8], cuts: [Double]) {
        let ordered = reversed ? values.map { -$0 } : values
        let starts = groupStarts(values.count)
        let borders = OrderStatistics.select(starts, from: ordered)
        let before = OrderStatistics.select(starts.map { max(0, $0 - 1) }, from: ordered)
        var scores = [UInt8](repeating: 0, count: values.count)
        switch ties {
        case .together:
            // The first of equal values has rank #less; that is ≥ a start when the value before the start is less.
            for (row, value) in ordered.enumerated() {
                scores[row] = 1 + UInt8(before.indices.count { starts[$0] > 0 && before[$0] < value })
            }
        case .byRow:
            var ranks = firstRanks(of: Set(borders), in: ordered)
            for (row, value) in ordered.enumerated() {
                if let rank = ranks[value] {
                    ranks[value] = rank + 1
                    scores[row] = 1 + UInt8(starts.count { rank >= $0 })
                } else {
                    scores[row] = 1 + UInt8(borders.count { value >= $0 })
                }
            }
        }
        let cuts = borders.map { Double(reversed ? -$0 : $0) }
        return (scores, reversed ? cuts.reversed() : cuts)
    }

    /// The rank at which groups 2 to 5 begin.
    private static func groupStarts(_ count: Int) -> [Int] {
        let (size, larger) = count.quotientAndRemainder(dividingBy: scores)
        return (1..<scores).map { min($0 * size + min($0, larger), count - 1) }
    }

    private static func firstRanks(of wanted: Set<Int64>, in values: [Int64]) -> [Int64: Int] {
        var ranks = Dictionary(uniqueKeysWithValues: wanted.map { ($0, 0) })
        for value in values {
            for border in wanted where value < border { ranks[border, default: 0] += 1 }
        }
        return ranks
    }
}
