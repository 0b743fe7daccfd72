/// What is kept of a sample of numbers, in exact sums where the numbers are whole: enough for means, their
/// variance, and the covariance with a second number of the same people (what they did before, or a ratio's
/// denominator).
package struct SampleMoments: Sendable, Equatable {
    package var count: Double
    package var sum: Double
    package var squares: Double
    package var otherSum: Double
    package var otherSquares: Double
    package var products: Double

    package init(
        count: Double, sum: Double, squares: Double, otherSum: Double = 0, otherSquares: Double = 0,
        products: Double = 0
    ) {
        self.count = count
        self.sum = sum
        self.squares = squares
        self.otherSum = otherSum
        self.otherSquares = otherSquares
        self.products = products
    }

    /// Of numbers, and of as many others.
    package init(_ values: [Double], with others: [Double] = []) {
        self.init(
            count: Double(values.count), sum: values.reduce(0, +), squares: values.reduce(0) { $0 + $1 * $1 },
            otherSum: others.reduce(0, +), otherSquares: others.reduce(0) { $0 + $1 * $1 },
            products: zip(values, others).reduce(0) { $0 + $1.0 * $1.1 })
    }

    package var mean: Double { count > 0 ? sum / count : 0 }
    package var otherMean: Double { count > 0 ? otherSum / count : 0 }
    /// Of the sample, by n − 1.
    package var variance: Double { spread(squares, sum, sum) }
    package var otherVariance: Double { spread(otherSquares, otherSum, otherSum) }
    package var covariance: Double { count > 1 ? (products - sum * otherSum / count) / (count - 1) : 0 }

    private func spread(_ squares: Double, _ left: Double, _ right: Double) -> Double {
        count > 1 ? max((squares - left * right / count) / (count - 1), 0) : 0
    }

    package static func + (left: SampleMoments, right: SampleMoments) -> SampleMoments {
        SampleMoments(
            count: left.count + right.count, sum: left.sum + right.sum, squares: left.squares + right.squares,
            otherSum: left.otherSum + right.otherSum, otherSquares: left.otherSquares + right.otherSquares,
            products: left.products + right.products)
    }
}
