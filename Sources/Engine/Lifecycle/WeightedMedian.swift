/// The median of values that come with counts.
enum WeightedMedian {
    /// The mean of the two middle ones for an even number; nil without values.
    static func of(_ counts: [Int64: Int]) -> Double? {
        let total = counts.values.reduce(0, +)
        guard total > 0 else { return nil }
        let sorted = counts.sorted { $0.key < $1.key }
        func value(at rank: Int) -> Int64 {
            var passed = 0
            for (value, count) in sorted {
                passed += count
                if rank < passed { return value }
            }
            return sorted[sorted.count - 1].key
        }
        return Double(value(at: (total - 1) / 2) + value(at: total / 2)) / 2
    }
}
