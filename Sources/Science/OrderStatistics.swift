/// Values by rank without sorting everything.
package enum OrderStatistics {
    /// The values that stand at `ranks` (0 is the smallest) when `values` is sorted.
    ///
    /// One counting pass over the upper bits finds the bucket of every rank; only those buckets are looked at again,
    /// so a million values cost two linear passes and little memory.
    /// - Parameters:
    ///   - values: at least one value.
    ///   - ranks: each below `values.count`.
    package static func select(_ ranks: [Int], from values: [Int64]) -> [Int64] {
        precondition(ranks.allSatisfy(values.indices.contains), "a rank is outside the values")
        return values.withUnsafeBufferPointer { select(ranks, from: $0) }
    }

    private static func select(_ ranks: [Int], from values: UnsafeBufferPointer<Int64>) -> [Int64] {
        guard values.count > sortBelow else {
            let sorted = values.sorted()
            return ranks.map { sorted[$0] }
        }
        var low = values[0]
        var high = values[0]
        for value in values {
            low = min(low, value)
            high = max(high, value)
        }
        let range = UInt64(bitPattern: high &- low)
        let shift = max(0, UInt64.bitWidth - range.leadingZeroBitCount - bucketBits)
        var counts = [Int](repeating: 0, count: 1 << bucketBits)
        counts.withUnsafeMutableBufferPointer { counts in
            for value in values { counts[Int(UInt64(bitPattern: value &- low) >> UInt64(shift))] += 1 }
        }
        let places = locate(ranks, in: counts)
        if shift == 0 { return places.map { low + Int64($0.bucket) } }
        return resolve(places, in: values, low: low, shift: shift)
    }

    /// The bucket of every rank and the rank inside it.
    private static func locate(_ ranks: [Int], in counts: [Int]) -> [(bucket: Int, rank: Int)] {
        var places = [(bucket: Int, rank: Int)](repeating: (0, 0), count: ranks.count)
        var passed = 0
        var bucket = 0
        for index in ranks.indices.sorted(by: { ranks[$0] < ranks[$1] }) {
            while passed + counts[bucket] <= ranks[index] {
                passed += counts[bucket]
                bucket += 1
            }
            places[index] = (bucket, ranks[index] - passed)
        }
        return places
    }

    private static func resolve(
        _ places: [(bucket: Int, rank: Int)], in values: UnsafeBufferPointer<Int64>, low: Int64, shift: Int
    ) -> [Int64] {
        let buckets = Set(places.map(\.bucket)).sorted()
        var slots = [UInt8](repeating: 0, count: 1 << bucketBits)
        for (slot, bucket) in buckets.enumerated() { slots[bucket] = UInt8(slot + 1) }
        var members = [[Int64]](repeating: [], count: buckets.count)
        for value in values {
            let slot = slots[Int(UInt64(bitPattern: value &- low) >> UInt64(shift))]
            if slot != 0 { members[Int(slot) - 1].append(value) }
        }
        var answers = [Int64](repeating: 0, count: places.count)
        for (slot, bucket) in buckets.enumerated() {
            let wanted = places.indices.filter { places[$0].bucket == bucket }
            let found = select(wanted.map { places[$0].rank }, from: members[slot])
            for (index, value) in zip(wanted, found) { answers[index] = value }
        }
        return answers
    }

    private static let bucketBits = 16
    private static let sortBelow = 4_096
}
