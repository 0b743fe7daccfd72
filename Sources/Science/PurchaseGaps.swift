/// The days between one purchase of a person and the next, by band, and how many people reached every order.
package struct PurchaseGaps: Sendable, Equatable {
    /// For every band of `LifecycleModel.bandStarts`, its gaps in days.
    package private(set) var byBand: [[Int64]]
    /// For every band, the days that people have waited since a purchase that no other has followed yet.
    package private(set) var waitsByBand: [[Int64]]
    /// `reached[n]`: people with at least n + 1 purchase days.
    package private(set) var reached: [Int] = []
    /// Purchase days in all, after merging those of one person and day.
    package private(set) var purchases = 0

    package init() {
        byBand = Array(repeating: [], count: LifecycleModel.bandStarts.count)
        waitsByBand = byBand
    }

    package init(people: [Int64], days: [Int64], through lastDay: Int64) {
        self.init()
        add(people: people, days: days, through: lastDay)
    }

    /// Adds the purchases of further people.
    /// - Parameters:
    ///   - people: who bought, in ascending order; nobody who was added before.
    ///   - days: when, ascending for each person; later ones than `lastDay` are left out.
    package mutating func add(people: [Int64], days: [Int64], through lastDay: Int64) {
        precondition(people.count == days.count, "people and days are columns of the same rows")
        var index = 0
        while index < people.count {
            let person = people[index]
            var orders = 0
            var previous: Int64 = 0
            while index < people.count, people[index] == person {
                let day = days[index]
                index += 1
                if day > lastDay || (orders > 0 && day == previous) { continue }
                precondition(orders == 0 || day > previous, "the days of a person must ascend")
                if orders > 0 { byBand[Self.band(ofOrder: orders)].append(day - previous) }
                orders += 1
                previous = day
                count(order: orders)
            }
            if orders > 0, lastDay != .max {
                waitsByBand[Self.band(ofOrder: orders)].append(lastDay - previous)
            }
        }
    }

    /// The conversion from every order to the next, from the first up to `max` orders that anybody reached.
    package func conversions(max limit: Int) -> [LifecycleModel.Conversion] {
        reached.indices.prefix(limit).map { index in
            LifecycleModel.Conversion(
                orders: index + 1, people: reached[index],
                converted: index + 1 < reached.count ? reached[index + 1] : 0)
        }
    }

    private mutating func count(order: Int) {
        if reached.count < order { reached.append(0) }
        reached[order - 1] += 1
        purchases += 1
    }

    private static func band(ofOrder order: Int) -> Int {
        (LifecycleModel.bandStarts.firstIndex { $0 > order } ?? LifecycleModel.bandStarts.count) - 1
    }
}
