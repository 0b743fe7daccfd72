/// A named box in the space of scores, as marketing tools draw it: the first box that holds a customer names them.
///
/// Source of `standard`: R package rfm 0.3.0 (MIT), the segments of its manual and tests.
package struct RFMSegment: Sendable, Equatable {
    package var name: String
    package var recency: ClosedRange<UInt8>
    package var frequency: ClosedRange<UInt8>
    package var monetary: ClosedRange<UInt8>

    package init(
        _ name: String, _ recency: ClosedRange<UInt8>, _ frequency: ClosedRange<UInt8>, _ monetary: ClosedRange<UInt8>
    ) {
        self.name = name
        self.recency = recency
        self.frequency = frequency
        self.monetary = monetary
    }

    package func holds(_ recency: UInt8, _ frequency: UInt8, _ monetary: UInt8) -> Bool {
        self.recency.contains(recency) && self.frequency.contains(frequency) && self.monetary.contains(monetary)
    }

    package static let standard = [
        RFMSegment("Champions", 4...5, 4...5, 4...5),
        RFMSegment("Loyal Customers", 2...5, 3...5, 3...5),
        RFMSegment("Potential Loyalist", 3...5, 1...3, 1...3),
        RFMSegment("New Customers", 4...5, 1...1, 1...1),
        RFMSegment("Promising", 3...4, 1...1, 1...1),
        RFMSegment("Need Attention", 2...3, 2...3, 2...3),
        RFMSegment("About To Sleep", 2...3, 1...2, 1...2),
        RFMSegment("At Risk", 1...2, 2...5, 2...5),
        RFMSegment("Can't Lose Them", 1...1, 4...5, 4...5),
        RFMSegment("Lost", 1...2, 1...2, 1...2),
    ]

    /// The name of whoever is in no box.
    package static let others = "Others"
}
