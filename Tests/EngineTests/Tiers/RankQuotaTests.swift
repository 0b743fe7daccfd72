import Testing

@testable import Engine

/// Who gets which tier by the shares of a ranking.
@Suite("Rank quota")
struct RankQuotaTests {
    private static func contestants(_ values: [Int64], tiers: [Int] = []) -> [TierContestant] {
        values.enumerated().map { number, value in
            TierContestant(
                member: Int64(number) + 1, value: value, joinedMS: Int64(values.count - number),
                tier: tiers.isEmpty ? 0 : tiers[number])
        }
    }

    private static func tiers(_ quota: TierQuota, _ contestants: [TierContestant]) -> [Int] {
        RankQuota(quota, earnable: [0, 1, 2]).places(contestants).sorted { $0.member < $1.member }.map(\.tier)
    }

    private static func quota(
        _ shares: [Int] = [1, 2, 7], _ ties: TierQuota.Ties = .higher, band: Int = 0, least: Int64 = 1
    ) -> TierQuota {
        TierQuota(by: TierIndicator("spend", least), shares: shares, ties: ties, bandPercent: band)
    }

    @Test("1:2:7 and 2:3:5 share out ten and a million")
    func shares() {
        let ten = Self.contestants([100, 90, 80, 70, 60, 50, 40, 30, 20, 10])
        #expect(Self.tiers(Self.quota(), ten) == [2, 1, 1, 0, 0, 0, 0, 0, 0, 0])
        #expect(Self.tiers(Self.quota([2, 3, 5]), ten) == [2, 2, 1, 1, 1, 0, 0, 0, 0, 0])
        let many = Self.contestants((0..<100_000).map { ($0 * 7_919) % 100_003 + 1 })
        let counts = Self.tiers(Self.quota(), many).reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        #expect(counts == [2: 10_000, 1: 20_000, 0: 70_000])
    }

    @Test("whoever has less than the least has the lowest tier, and empty and tiny bases are shared out too")
    func least() {
        #expect(Self.tiers(Self.quota(), []) == [])
        #expect(Self.tiers(Self.quota(), Self.contestants([5])) == [0])
        #expect(
            Self.tiers(Self.quota(), Self.contestants([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])) == Array(repeating: 0, count: 10)
        )
        #expect(Self.tiers(Self.quota([1, 1, 1], least: 50), Self.contestants([90, 40, 30])) == [2, 0, 0])
    }

    @Test("ties go as declared, whatever the order in which members come")
    func ties() {
        let values: [Int64] = [100, 90, 90, 90, 60, 50, 40, 30, 20, 10]
        let base = Self.contestants(values)
        #expect(Self.tiers(Self.quota([2, 3, 5], .higher), base) == [2, 2, 2, 2, 1, 0, 0, 0, 0, 0])
        #expect(Self.tiers(Self.quota([2, 3, 5], .lower), base) == [2, 1, 1, 1, 1, 0, 0, 0, 0, 0])
        // Who joined first, here the last of them, goes first.
        #expect(Self.tiers(Self.quota([2, 3, 5], .seniority), base) == [2, 1, 1, 2, 1, 0, 0, 0, 0, 0])
        for ties in TierQuota.Ties.allCases {
            let quota = Self.quota([2, 3, 5], ties)
            #expect(Self.tiers(quota, base.reversed()) == Self.tiers(quota, base))
        }
    }

    @Test("who has a tier keeps it within the band beyond its border, who has not does not get in there")
    func band() {
        let values = (0..<20).map { Int64(100 - $0) }
        var tiers = Array(repeating: 0, count: 20)
        tiers[2] = 2
        tiers[4] = 2
        let places = Self.tiers(Self.quota([1, 2, 7], band: 50), Self.contestants(values, tiers: tiers))
        #expect(places[0...1] == [2, 2])
        #expect(places[2] == 2, "third of two, within half as many again")
        #expect(places[3] == 1)
        #expect(places[4] == 1, "fifth of two is beyond the band")
    }

    @Test("a frozen place is read back as it was written, and says what would have been needed")
    func lines() throws {
        let places = RankQuota(Self.quota(), earnable: [0, 1, 2]).places(
            Self.contestants([100, 90, 80, 70, 60, 50, 40, 30, 20, 10], tiers: [2, 2, 0, 0, 0, 0, 0, 0, 0, 0]))
        let second = try #require(places.first { $0.member == 2 })
        #expect(second.tier == 1 && second.needed == 100)
        #expect(TierPlace(line: Substring(second.line), ranked: 10) == second)
    }
}
