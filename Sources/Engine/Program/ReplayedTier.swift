/// A member's way through the pyramid while history is replayed: the same `TierCourse` as in force, told of each fact when it
/// happened.
///
/// It begins on the first day of the replay, or when the member joined if that is later, where what was done before puts
/// them by the ladder's own rules; a ladder by ranking with the place of the period before. Facts that were late in truth
/// are in time here.
struct ReplayedTier {
    private let ladder: TierLadder
    private let workspace: Workspace
    private let rankings: ReplayRankings?
    private let member: Int64
    private let grants: [TierGrants.Stored]
    private let begins: Timestamp
    private var course: TierCourse
    private var hasBegun = false
    /// The next ranking to come.
    private var ranking = 0
    /// Where in the facts an award stands, by its key.
    private var places: [String: (currency: String, place: Int)] = [:]
    private let counted: Set<String>

    init(
        _ ladder: TierLadder, _ history: ProgramReplay.History, _ rankings: ReplayRankings?, from first: Timestamp,
        _ workspace: Workspace, _ calendar: LocalCalendar
    ) {
        self.ladder = ladder
        self.workspace = workspace
        self.rankings = rankings
        member = history.account
        grants = history.grants
        begins = max(history.since, first)
        counted = Set(ladder.currencies)
        let facts = TierFacts(
            joined: history.since, orders: history.earlierOrders, earnings: history.earlierEarnings, rfm: history.rfm)
        course = TierCourse.enrol(ladder, facts, calendar, at: begins)
    }

    var code: String { course.state.tier }
    var earnings: [String: [TierEarning]] { course.facts.earnings }
    var rises: Int64 { count { $0.isUp } }
    var falls: Int64 { count { !$0.isUp } }

    private func count(_ isMeant: (TierChange) -> Bool) -> Int64 {
        Int64(
            course.changes.filter { $0.cause != .enrolled && $0.from != $0.to && $0.at > begins && isMeant($0) }.count)
    }

    mutating func advance(to now: Timestamp) {
        if !hasBegun, now >= begins { begin() }
        guard hasBegun else { return }
        course.advance(to: now)
        while let rankings, ranking < rankings.periods.count, rankings.periods[ranking].end <= now {
            rank(rankings, ranking)
            ranking += 1
        }
    }

    /// Rankings of periods before the first day, but for the last of them, have nothing to say.
    private mutating func begin() {
        hasBegun = true
        for grant in grants where grant.createdAt < begins && (grant.endedAt.map { $0 >= begins } ?? true) {
            give(grant, at: begins)
        }
        course.review(at: begins)
    }

    private mutating func rank(_ rankings: ReplayRankings, _ number: Int) {
        guard let tier = rankings.tier(of: member, in: number) else { return }
        let period = rankings.periods[number]
        let place = TierPlace(member: member, place: 0, ranked: 0, value: 0, tier: tier, needed: nil)
        course.take(place, periodEnd: period.toDay, at: max(period.end, begins))
    }

    /// Bought, or something of it came back.
    mutating func learn(order: (id: String, state: OrderState), at now: Timestamp) {
        let known = ProgramReplay.known(order.state, at: now)
        guard let standing = TierOrder(order.id, known, currency: workspace.currency) else { return }
        course.learn { facts in
            if let place = facts.orders.firstIndex(where: { $0.id == order.id }) {
                facts.orders[place] = standing
            } else {
                facts.orders.append(standing)
            }
        }
        if hasBegun { course.review(at: now) }
    }

    /// Points were given, or, below zero, taken back of an award.
    mutating func learn(_ award: String, _ amount: Int64, _ currency: String, at now: Timestamp) {
        guard counted.contains(currency) else { return }
        if let known = places[award] {
            course.learn { $0.earnings[known.currency]?[known.place].amount += amount }
        } else {
            places[award] = (currency, course.facts.earnings[currency]?.count ?? 0)
            course.learn { $0.earnings[currency, default: []].append(TierEarning(at: now, amount: amount)) }
        }
        if hasBegun { course.review(at: now) }
    }

    mutating func give(_ grant: TierGrants.Stored, at now: Timestamp) {
        guard hasBegun, let index = ladder.index(grant.tier), index > course.earnedIndex else { return }
        course.give(TierGrant(id: grant.id, tier: grant.tier, until: grant.until), at: now)
    }

    mutating func end(_ grant: TierGrants.Stored, at now: Timestamp) {
        guard course.state.grant?.id == grant.id else { return }
        course.endGrant(at: now)
    }
}
