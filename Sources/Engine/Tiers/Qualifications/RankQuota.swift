/// Tiers by place in a ranking: 1:2:7 gives the best tenth the top, the next two tenths the one below, the rest the lowest.
/// A ranking is taken at the end of each calendar period and frozen; between two nobody moves.
package struct TierQuota: Codable, Sendable, Equatable {
    /// Who stands exactly on the border of a share.
    package enum Ties: String, Codable, Sendable, CaseIterable {
        /// Equals all go up; the share may be exceeded.
        case higher
        /// Equals all stay below; the share may not be filled.
        case lower
        /// Of equals, who has been a member longest goes first.
        case seniority
    }

    /// What is compared. `at_least` is the least that counts: whoever has less has the lowest tier.
    package var by: TierIndicator
    /// From the top down.
    package var shares: [Int]
    package var ties: Ties
    /// Who has a tier keeps it up to so many percent beyond its border.
    package var bandPercent: Int

    private enum CodingKeys: String, CodingKey {
        case by, shares, ties
        case bandPercent = "band_percent"
    }

    package init(by: TierIndicator, shares: [Int], ties: Ties = .higher, bandPercent: Int = 0) {
        self.by = by
        self.shares = shares
        self.ties = ties
        self.bandPercent = bandPercent
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        by = try fields.decode(TierIndicator.self, forKey: .by)
        shares = try fields.decode([Int].self, forKey: .shares)
        ties = try fields.decodeIfPresent(Ties.self, forKey: .ties) ?? .higher
        bandPercent = try fields.decodeIfPresent(Int.self, forKey: .bandPercent) ?? 0
    }
}

/// A member in a ranking.
package struct TierContestant: Sendable, Equatable {
    package var member: Int64
    package var value: Int64
    package var joinedMS: Int64
    /// The index of the tier that the member has earned.
    package var tier: Int

    package init(member: Int64, value: Int64, joinedMS: Int64, tier: Int) {
        self.member = member
        self.value = value
        self.joinedMS = joinedMS
        self.tier = tier
    }
}

/// Where a ranking puts a member.
package struct TierPlace: Sendable, Equatable {
    package var member: Int64
    /// From 1.
    package var place: Int64
    package var ranked: Int64
    package var value: Int64
    /// The index of the tier that the place gives, the band counted.
    package var tier: Int
    /// What the last one had who got into the tier that the member has; nil: it had nobody.
    package var needed: Int64?
}

/// Who gets which tier by the shares. Pure; the same members give the same places in whatever order they come.
package struct RankQuota: Sendable {
    private let quota: TierQuota
    /// Indices of the tiers that are shared out, from the top down.
    private let tiers: [Int]

    package init(_ quota: TierQuota, earnable: [Int]) {
        self.quota = quota
        tiers = Array(earnable.reversed())
    }

    package func places(_ contestants: [TierContestant]) -> [TierPlace] {
        let order = contestants.sorted {
            if $0.value != $1.value { return $0.value > $1.value }
            if $0.joinedMS != $1.joinedMS { return $0.joinedMS < $1.joinedMS }
            return $0.member < $1.member
        }
        let eligible = order.partitionEnd { $0.value >= quota.by.atLeast }
        let borders = borders(order, eligible: eligible)
        let needed = borders.map { $0 > 0 ? order[$0 - 1].value : nil }
        var places: [TierPlace] = []
        places.reserveCapacity(order.count)
        var rank = 0
        for (position, contestant) in order.enumerated() {
            while rank < borders.count, position >= borders[rank] { rank += 1 }
            var given = rank < borders.count ? rank : tiers.count - 1
            let own = tiers.firstIndex(of: contestant.tier) ?? tiers.count - 1
            if own < given, position < eligible,
                position * 100 < borders[own] * (100 + quota.bandPercent)
            {
                given = own
            }
            places.append(
                TierPlace(
                    member: contestant.member, place: Int64(position) + 1, ranked: Int64(order.count),
                    value: contestant.value, tier: tiers[given], needed: own < needed.count ? needed[own] : nil))
        }
        return places
    }

    /// How many from the top have each tier or a higher one; the lowest has no border.
    private func borders(_ order: [TierContestant], eligible: Int) -> [Int] {
        let sum = quota.shares.reduce(0, +)
        var cumulative = 0
        return quota.shares.dropLast().map { share in
            cumulative += share
            var border = min(order.count * cumulative / sum, eligible)
            guard border > 0, border < eligible, order[border - 1].value == order[border].value else { return border }
            let value = order[border].value
            switch quota.ties {
            case .seniority: break
            case .higher: while border < eligible, order[border].value == value { border += 1 }
            case .lower: while border > 0, order[border - 1].value == value { border -= 1 }
            }
            return border
        }
    }
}

extension [TierContestant] {
    /// How many from the start fulfil it, where those that do come first.
    fileprivate func partitionEnd(_ holds: (TierContestant) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
