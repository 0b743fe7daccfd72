/// The pyramid as it is published: tiers from the lowest up, how one gets in, for how long, and what happens then.
package struct TierLadder: Codable, Sendable, Equatable {
    /// The lowest first: every member has it.
    package var tiers: [Tier]
    package var period: TierPeriod
    /// Days before a period's end on which who would not keep the tier is told, most first.
    package var noticeDays: [Int]
    /// Days after a period's end in which the tier stays and can still be kept.
    package var graceDays: Int
    /// Down by one tier at most at the end of a period.
    package var isSoft: Bool
    /// Tiers by place in a ranking; nil: tiers have rules of their own.
    package var quota: TierQuota?

    private enum CodingKeys: String, CodingKey {
        case tiers, period, quota
        case noticeDays = "notice_days"
        case graceDays = "grace_days"
        case isSoft = "soft_landing"
    }

    package init(
        tiers: [Tier], period: TierPeriod = TierPeriod(kind: .rolling, months: 12), noticeDays: [Int] = [],
        graceDays: Int = 0, isSoft: Bool = true, quota: TierQuota? = nil
    ) {
        self.tiers = tiers
        self.period = period
        self.noticeDays = noticeDays
        self.graceDays = graceDays
        self.isSoft = isSoft
        self.quota = quota
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        tiers = try fields.decode([Tier].self, forKey: .tiers)
        period = try fields.decodeIfPresent(TierPeriod.self, forKey: .period) ?? TierPeriod(kind: .rolling, months: 12)
        noticeDays = try fields.decodeIfPresent([Int].self, forKey: .noticeDays) ?? []
        graceDays = try fields.decodeIfPresent(Int.self, forKey: .graceDays) ?? 0
        isSoft = try fields.decodeIfPresent(Bool.self, forKey: .isSoft) ?? true
        quota = try fields.decodeIfPresent(TierQuota.self, forKey: .quota)
    }

    /// The lowest tier, which everybody has.
    package var base: Tier { tiers[0] }

    package func index(_ code: String) -> Int? { tiers.firstIndex { $0.code == code } }

    package func tier(_ code: String) -> Tier? { tiers.first { $0.code == code } }

    /// The tier's name; the code where the ladder no longer has it.
    package func name(_ code: String, _ language: String) -> String { tier(code)?.name(language) ?? code }

    /// Tiers that rules or the ranking give, the base among them, ascending.
    var earnable: [Int] { tiers.indices.filter { tiers[$0].admission == .rule } }

    /// The next lower tier that needs no invitation.
    func below(_ index: Int) -> Int { earnable.last { $0 < index } ?? 0 }

    /// Kinds and currencies that rules, or the ranking, ask for.
    package var indicators: [TierIndicator] {
        tiers.flatMap { ($0.rule?.indicators ?? []) + ($0.keep?.indicators ?? []) } + (quota.map { [$0.by] } ?? [])
    }

    /// Currencies of the ledger that count.
    var currencies: [String] { Set(indicators.compactMap(\.ledger)).sorted() }
}
