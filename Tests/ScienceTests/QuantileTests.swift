import Testing

@testable import Science

@Suite("Quantiles")
struct QuantileTests {
    @Test("values by rank are those of a sorted copy, for narrow, wide and extreme ranges")
    func orderStatistics() {
        var state: UInt64 = 7
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 11
        }
        let ranges: [UInt64] = [1, 3, 100, 70_000, 5_000_000_000, 1 << 52]
        for range in ranges {
            for count in [1, 5, 4_095, 20_000] {
                var values = (0..<count).map { _ in Int64(next() % range) - Int64(range / 2) }
                if range == 1 << 52 { values[0] = .min / 2 }
                let sorted = values.sorted()
                let ranks = [0, count / 5, count / 2, count - 1, count / 3]
                #expect(OrderStatistics.select(ranks, from: values) == ranks.map { sorted[$0] })
            }
        }
    }

    @Test("type 7 interpolates between neighbours")
    func type7() {
        #expect(Quantile.type7([0, 0.25, 0.5, 1], of: [4, 1, 3, 2]) == [1, 1.75, 2.5, 4])
        #expect(Quantile.type7([0.5], of: []) == [])
    }
}
