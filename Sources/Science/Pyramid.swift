/// A ranking cut into levels by share of people: 1:2:7 puts a tenth on top, a fifth below, the rest at the bottom.
package struct Pyramid: Sendable, Equatable {
    package struct Level: Sendable, Equatable {
        package var people: Int
        /// Sum of the values of the level.
        package var total: Int64
        /// The smallest value in the level.
        package var cut: Int64
    }

    /// From the top.
    package var levels: [Level]

    /// Each level but the last takes its share of all people, rounded up; the last takes the rest. Equal values on a
    /// border go by rank, so sizes are exact.
    package init(values: [Int64], shares: [Int]) {
        let sorted = values.sorted(by: >)
        let whole = max(shares.reduce(0, +), 1)
        var levels: [Level] = []
        var start = 0
        for (index, share) in shares.enumerated() {
            let wanted = (sorted.count * share + whole - 1) / whole
            let end = index == shares.count - 1 ? sorted.count : min(sorted.count, start + wanted)
            let part = sorted[start..<end]
            levels.append(Level(people: part.count, total: part.reduce(0, +), cut: part.last ?? 0))
            start = end
        }
        self.levels = levels
    }
}
