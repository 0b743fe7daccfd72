/// What makes a customer "high" in a dimension, and so puts them into one of the eight classes.
package enum RFMClassRule: Sendable, Codable, Equatable {
    /// Strictly better than the mean of the values.
    case rawMean
    /// Frequency and monetary at or above the median, recency strictly below it.
    case rawMedian
    /// Recency of at most so many days; frequency and monetary of at least so much.
    case fixedCuts(recencyDays: Double, frequency: Double, monetary: Double)
    /// A score strictly above the mean score.
    case scoreMean
}

/// A class as bits: recent 4, frequent 2, valuable 1; 重要价值 is 7, 一般挽留 is 0.
package struct RFMClass: Sendable, Hashable, Codable, RawRepresentable {
    package var rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static func bit(of dimension: RFMDimension) -> UInt8 {
        switch dimension {
        case .recency: 4
        case .frequency: 2
        case .monetary: 1
        }
    }

    /// `101` with one place for every dimension, `-` where it is not used.
    package func code(_ dimensions: Set<RFMDimension> = Set(RFMDimension.allCases)) -> String {
        RFMDimension.allCases.map { dimension in
            guard dimensions.contains(dimension) else { return "-" }
            return rawValue & Self.bit(of: dimension) != 0 ? "1" : "0"
        }.joined()
    }
}

extension RFMClassRule {
    /// Marks the rows that are high in a dimension. Returns the cut that the values (or scores) were compared with.
    func mark(
        _ classes: inout [UInt8], _ columns: RFMColumns, _ dimension: RFMDimension, scores: [UInt8]
    ) -> Double {
        let values = columns.values(of: dimension)
        let bit = RFMClass.bit(of: dimension)
        switch self {
        case .rawMean:
            let mean = Mean(of: values)
            // For whole numbers, x > mean ⟺ x > ⌊mean⌋ and x < mean ⟺ x < ⌈mean⌉: exact without fractions.
            if dimension.lessIsBetter {
                let border = mean.roundedUp
                for row in values.indices where values[row] < border { classes[row] |= bit }
            } else {
                let border = mean.roundedDown
                for row in values.indices where values[row] > border { classes[row] |= bit }
            }
            return mean.value
        case .rawMedian:
            let median = Quantile.type7([0.5], of: values).first ?? 0
            let border = Int64(median.rounded(.up))
            for row in values.indices where (values[row] < border) == dimension.lessIsBetter { classes[row] |= bit }
            return median
        case .fixedCuts(let recencyDays, let frequency, let monetary):
            let cut = dimension.choose(recencyDays, frequency, monetary)
            if dimension.lessIsBetter {
                for row in values.indices where Double(values[row]) <= cut { classes[row] |= bit }
            } else {
                for row in values.indices where Double(values[row]) >= cut { classes[row] |= bit }
            }
            return cut
        case .scoreMean:
            let sum = scores.reduce(0) { $0 + Int($1) }
            for row in scores.indices where Int(scores[row]) * scores.count > sum { classes[row] |= bit }
            return scores.isEmpty ? 0 : Double(sum) / Double(scores.count)
        }
    }
}

/// An exact mean of whole numbers.
private struct Mean {
    let sum: Int64
    let count: Int64

    init(of values: [Int64]) {
        sum = values.reduce(0, +)
        count = Int64(max(values.count, 1))
    }

    var value: Double { Double(sum) / Double(count) }
    var roundedDown: Int64 { sum / count - (sum % count < 0 ? 1 : 0) }
    var roundedUp: Int64 { sum / count + (sum % count > 0 ? 1 : 0) }
}
