/// An estimate's lower and upper bound.
package struct Interval: Sendable, Equatable {
    package var low: Double
    package var high: Double

    package init(_ low: Double, _ high: Double) {
        self.low = low
        self.high = high
    }

    package init(around middle: Double, _ half: Double) {
        self.init(middle - half, middle + half)
    }

    package func contains(_ value: Double) -> Bool { low <= value && value <= high }
}
