// Demo: 山岚茶事 (Shanlan Tea), a tea brand that never was, to try the product on.
//
// Everything follows from a seed: the same seed, date and number of people give the same bytes. Nothing here knows of
// stores or clocks; `DemoLoad` sends the batches through the same ingestion as everyone's.

/// Eighteen months of a tea brand with stores, a WeChat mini program, an app and a site, as batches in time order.
///
/// ```swift
/// for batch in DemoBrand(seed: 1, end: now, people: 20_000) { … }   // about a million events
/// ```
package struct DemoBrand: Sequence, Sendable {
    package static let name = "山岚茶事"
    package static let days = 548
    /// More would not fit into memory comfortably.
    package static let peopleMax = 500_000

    package let seed: UInt64
    package let end: Timestamp
    package let people: Int

    /// `end` is when the last events happen, today as a rule.
    package init(seed: UInt64 = 1, end: Timestamp, people: Int = 20_000) {
        self.seed = seed
        self.end = end
        self.people = Swift.min(Swift.max(people, 1), DemoBrand.peopleMax)
    }

    package func makeIterator() -> DemoBatches {
        DemoBatches(self)
    }
}

/// One day of one source.
package struct DemoBatch: Sendable {
    package var source: DemoSource
    /// Days since 1970 in the brand's zone.
    package var day: Int
    package var events: [IncomingEvent]
    package var rejected: [RejectedItem]
}
