/// What RFM looks at, by column: one row a customer.
package struct RFMColumns: Sendable, Equatable {
    /// Days since the last order, counted from the as-of day.
    package var recency: [Int64]
    /// Orders in the window.
    package var frequency: [Int64]
    /// Net spend or average order value in the window, in minor units.
    package var monetary: [Int64]
    /// Minor units in one whole unit of the currency: 100 for CNY, 1 for JPY.
    package var monetaryUnit: Int64

    package init(recency: [Int64], frequency: [Int64], monetary: [Int64], monetaryUnit: Int64) {
        precondition(recency.count == frequency.count && recency.count == monetary.count, "columns differ in length")
        self.recency = recency
        self.frequency = frequency
        self.monetary = monetary
        self.monetaryUnit = monetaryUnit
    }

    package var count: Int { recency.count }

    package func values(of dimension: RFMDimension) -> [Int64] {
        dimension.choose(recency, frequency, monetary)
    }

    /// One day, one order, one whole unit of the currency.
    func unit(of dimension: RFMDimension) -> Int64 {
        dimension == .monetary ? monetaryUnit : 1
    }
}

/// The three views on a customer. Of recency less is better, of the others more.
package enum RFMDimension: String, Sendable, Codable, CaseIterable {
    case recency, frequency, monetary

    package var lessIsBetter: Bool { self == .recency }

    /// The one of three things that belongs to this dimension.
    package func choose<Thing>(_ recency: Thing, _ frequency: Thing, _ monetary: Thing) -> Thing {
        switch self {
        case .recency: recency
        case .frequency: frequency
        case .monetary: monetary
        }
    }
}
