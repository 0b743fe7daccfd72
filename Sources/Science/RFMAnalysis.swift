/// Scores and classes of a whole base.
package struct RFMAnalysis: Sendable, Equatable {
    /// Scores 1…5 of every row; empty for a dimension that is not used.
    package var recencyScores: [UInt8] = []
    package var frequencyScores: [UInt8] = []
    package var monetaryScores: [UInt8] = []
    /// The raw value of `RFMClass` of every row.
    package var classes: [UInt8]
    /// Where the next score begins, four ascending values a dimension.
    package var cuts: [RFMDimension: [Double]] = [:]
    /// What "high" was compared with.
    package var classCuts: [RFMDimension: Double] = [:]

    /// Scores and classifies. Linear in the rows.
    package init(
        _ columns: RFMColumns, scoring: RFMScoring, classRule: RFMClassRule,
        dimensions: Set<RFMDimension> = Set(RFMDimension.allCases)
    ) {
        classes = [UInt8](repeating: 0, count: columns.count)
        for dimension in RFMDimension.allCases where dimensions.contains(dimension) {
            let (scores, cuts) = scoring.score(columns, dimension)
            self.cuts[dimension] = cuts
            classCuts[dimension] = classRule.mark(&classes, columns, dimension, scores: scores)
            switch dimension {
            case .recency: recencyScores = scores
            case .frequency: frequencyScores = scores
            case .monetary: monetaryScores = scores
            }
        }
    }

    package func scores(of dimension: RFMDimension) -> [UInt8] {
        switch dimension {
        case .recency: recencyScores
        case .frequency: frequencyScores
        case .monetary: monetaryScores
        }
    }
}
