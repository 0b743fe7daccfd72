/// Rankings that a replay takes at the end of each calendar period, as `TierRanking` would have: everybody who is replayed,
/// shared out by the quota. The first is of the period before the replay begins, so that nobody starts at the bottom.
///
/// A ranking by orders needs history alone; one by what the ledger counts needs the replay up to its end, with the places
/// of those before. A few bytes a member, and one for each ranking.
struct ReplayRankings: Sendable {
    struct Period: Sendable, Equatable {
        /// Days: the first, and the first after it.
        var fromDay: Int64
        var toDay: Int64
        var start: Timestamp
        var end: Timestamp

        var window: TierWindow { TierWindow(from: start, to: end) }
    }

    let ladder: TierLadder
    let quota: TierQuota
    private(set) var periods: [Period]
    /// Members, in ascending order once sealed; since when; and the tier that they have earned so far.
    private var members: [Int64] = []
    private var joined: [Int64] = []
    private var earned: [UInt8] = []
    /// By ranking, what history alone says of each member; and what was noted for the next one.
    private var columns: [[Int64]] = []
    private var noted: [Int64] = []
    /// By ranking, of each member the tier that their place gives.
    private var tiers: [[UInt8]] = []

    /// nil where the ladder ranks nobody.
    init?(_ ladder: TierLadder?, from day: Int64, until end: Timestamp, _ calendar: LocalCalendar) {
        guard let ladder, let quota = ladder.quota else { return nil }
        self.ladder = ladder
        self.quota = quota
        var periods: [Period] = []
        var next = ladder.period.containing(ladder.period.containing(day, joined: 0).start - 1, joined: 0)
        while calendar.start(ofDay: next.end) <= end {
            periods.append(
                Period(
                    fromDay: next.start, toDay: next.end, start: calendar.start(ofDay: next.start),
                    end: calendar.start(ofDay: next.end)))
            next = ladder.period.containing(next.end, joined: 0)
        }
        self.periods = periods
    }

    /// Whether what is compared comes from the ledger.
    var isByLedger: Bool { quota.by.ledger != nil }

    /// Rankings that are taken.
    var taken: Int { tiers.count }

    /// What history alone says of a person, for each ranking, or for the first of them.
    func values(_ history: ProgramReplay.History, currency: String) -> [Int64] {
        var facts = TierFacts(
            joined: history.since, orders: history.earlierOrders, earnings: history.earlierEarnings, rfm: history.rfm)
        guard !isByLedger else {
            return periods.prefix(1).map { QualificationCatalog.value(quota.by, facts, $0.window) }
        }
        facts.orders += history.orders.compactMap { TierOrder($0.id, $0.state, currency: currency) }
        return periods.map { QualificationCatalog.value(quota.by, facts, $0.window) }
    }

    /// Names a member, with what history alone says for each ranking, or for the first of them.
    mutating func enter(_ member: Int64, since: Timestamp, _ values: [Int64]) {
        members.append(member)
        joined.append(since.milliseconds)
        if columns.isEmpty { columns = values.map { _ in [] } }
        for place in columns.indices { columns[place].append(values[place]) }
    }

    /// Everybody is named: takes the rankings that history alone decides.
    mutating func seal() {
        let order = members.indices.sorted { members[$0] < members[$1] }
        (members, joined) = (order.map { members[$0] }, order.map { joined[$0] })
        earned = [UInt8](repeating: 0, count: members.count)
        let known = columns
        columns = []
        for column in known { rank(order.map { column[$0] }) }
        noted = [Int64](repeating: 0, count: members.count)
    }

    /// Counts for the next ranking.
    mutating func note(_ value: Int64, of member: Int64) {
        if let place = index(of: member) { noted[place] += value }
    }

    /// Takes the next ranking by what was noted.
    mutating func rankNoted() {
        rank(noted)
        noted = [Int64](repeating: 0, count: members.count)
    }

    private mutating func rank(_ values: [Int64]) {
        guard tiers.count < periods.count else { return }
        let end = periods[tiers.count].end.milliseconds
        var contestants: [TierContestant] = []
        for place in members.indices where joined[place] < end {
            contestants.append(
                TierContestant(
                    member: members[place], value: values[place], joinedMS: joined[place], tier: Int(earned[place])))
        }
        var given = [UInt8](repeating: Self.none, count: members.count)
        for place in RankQuota(quota, earnable: ladder.earnable).places(contestants) {
            guard let index = index(of: place.member) else { continue }
            given[index] = UInt8(clamping: place.tier)
            earned[index] = UInt8(clamping: landing(place.tier, from: Int(earned[index])))
        }
        tiers.append(given)
    }

    /// Where somebody lands whose place gives a tier (`TierCourse.take`).
    private func landing(_ attained: Int, from earned: Int) -> Int {
        attained >= earned || !ladder.isSoft ? attained : max(attained, ladder.below(earned))
    }

    /// The index of the tier that a ranking gives a member; nil of who was none yet, and of rankings to come.
    func tier(of member: Int64, in number: Int) -> Int? {
        guard tiers.indices.contains(number), let index = index(of: member), tiers[number][index] != Self.none else {
            return nil
        }
        return Int(tiers[number][index])
    }

    private static let none = UInt8.max

    private func index(of member: Int64) -> Int? {
        var (low, high) = (0, members.count)
        while low < high {
            let middle = (low + high) / 2
            if members[middle] < member { low = middle + 1 } else { high = middle }
        }
        return low < members.count && members[low] == member ? low : nil
    }
}
