/// One person's history run through a program, in memory: what would have been earned, taken back, spent and lapsed, and
/// which tiers they would have had.
///
/// Pure. Orders count as they ended up, from when they were completed; what came back does so when it did. Conditions on
/// members are asked of the person as they are now, tiers are those of the moment. What was really spent is spent as far
/// as there is something. Caps and budgets over all members fill up person by person, not in the order of time.
package struct ProgramReplay: Sendable {
    /// What happened, oldest first once sorted.
    struct History: Sendable {
        var profileID: Int64
        var account: Int64
        var since: Timestamp
        var subject: CriteriaSubject
        var orders: [(id: String, state: OrderState)] = []
        var events: [CriteriaEvent] = []
        var redemptions: [(at: Timestamp, currency: String, amount: Int64)] = []
        /// For tiers alone: orders of before the replay, what was really earned before it, and tiers given by hand.
        var earlierOrders: [TierOrder] = []
        var earlierEarnings: [String: [TierEarning]] = [:]
        var grants: [TierGrants.Stored] = []
        var rfm: Int64 = 0
        /// Accounts of who is named as having recommended somebody, by name.
        var referrers: [String: Int64] = [:]
    }

    /// What came of it in one currency.
    package struct Figures: Sendable, Equatable, Codable {
        package var issued: Int64 = 0
        package var takenBack: Int64 = 0
        package var redeemed: Int64 = 0
        package var expired: Int64 = 0
        /// What the brand owes in the end, pending or available, less what is owed to it.
        package var outstanding: Int64 = 0

        private enum CodingKeys: String, CodingKey {
            case issued, redeemed, expired, outstanding
            case takenBack = "taken_back"
        }

        package var net: Int64 { issued - takenBack }

        static func += (left: inout Figures, right: Figures) {
            left.issued += right.issued
            left.takenBack += right.takenBack
            left.redeemed += right.redeemed
            left.expired += right.expired
            left.outstanding += right.outstanding
        }
    }

    /// What came of one person.
    struct Outcome: Sendable {
        var figures: [String: Figures] = [:]
        /// In the end; nil where there are no tiers.
        var tier: String?
        var rises: Int64 = 0
        var falls: Int64 = 0
        /// For others: whom the person names as having recommended them.
        var gifts: [ReplayGift] = []
        /// What was earned, for a ranking by it.
        var earned: [String: [TierEarning]] = [:]
    }

    let rules: EarningRuleSet
    let benefits: EarningBenefits
    /// Of the program's own tiers, else of those in force.
    let ladder: TierLadder?
    let backdatedDays: Int64
    let ledger: PointsProgram
    let workspace: Workspace
    /// The workspace's, which it would look up anew each time.
    let calendar: LocalCalendar
    /// Facts before this moment are not looked at.
    let first: Timestamp
    let until: Timestamp

    private enum Moment {
        case order(Int)
        case change(Int)
        case event(Int)
        case redemption(Int)
        case gift(Int)
        case grant(Int)
        case grantEnd(Int)

        var rank: Int {
            switch self {
            case .grantEnd, .grant: return 0
            case .order: return 1
            case .event: return 2
            case .gift: return 3
            case .redemption: return 4
            case .change: return 5
            }
        }
    }

    /// `uses` has the counts that caps are held against and is brought up to date. `gifts`: what others' facts give the
    /// person. Throws: `PointsError` of a broken account.
    func run(
        _ history: History, _ rankings: ReplayRankings?, gifts: [ReplayGift] = [], until end: Timestamp? = nil,
        _ uses: inout EarningUses
    ) throws -> Outcome {
        let end = end ?? until
        var run = ReplayRun(history, currency: workspace.currency)
        if let ladder { run.tier = ReplayedTier(ladder, history, rankings, from: first, workspace, calendar) }
        for (at, moment) in moments(history, gifts, until: end) {
            try run.advance(to: at)
            run.tier?.advance(to: at)
            switch moment {
            case .order(let place):
                run.tier?.learn(order: history.orders[place], at: at)
                give(order(history, place, at, run), &run, &uses)
            case .event(let place): give(event(history, place, at, run), &run, &uses)
            case .change(let place):
                run.tier?.learn(order: history.orders[place], at: at)
                takeBack(history.orders[place], at, &run)
            case .redemption(let place): redeem(history.redemptions[place], at, &run)
            case .gift(let place): take(gifts[place], &run)
            case .grant(let place): run.tier?.give(history.grants[place], at: at)
            case .grantEnd(let place): run.tier?.end(history.grants[place], at: at)
            }
        }
        try run.advance(to: end)
        run.tally()
        run.tier?.advance(to: end)
        return Outcome(
            figures: run.balanced, tier: run.tier?.code, rises: run.tier?.rises ?? 0,
            falls: run.tier?.falls ?? 0, gifts: run.sent, earned: run.tier?.earnings ?? [:])
    }

    private func moments(
        _ history: History, _ gifts: [ReplayGift], until end: Timestamp
    ) -> [(Timestamp, Moment)] {
        var moments: [(Timestamp, Moment)] = []
        for (place, order) in history.orders.enumerated() {
            guard let completed = order.state.completedMS else { continue }
            let at = Timestamp(milliseconds: completed)
            guard at >= first, at <= end else { continue }
            moments.append((at, .order(place)))
            guard order.state.hasChanges else { continue }
            let changes = order.state.refunds.values.map(\.version.ms) + [order.state.cancelledMS].compactMap(\.self)
            for change in Set(changes) where change <= end.milliseconds || end == until {
                moments.append((max(at, min(Timestamp(milliseconds: change), end)), .change(place)))
            }
        }
        for (place, event) in history.events.enumerated() where event.time >= first && event.time <= end {
            moments.append((event.time, .event(place)))
        }
        for (place, one) in history.redemptions.enumerated() where one.at >= first && one.at <= end {
            moments.append((one.at, .redemption(place)))
        }
        for (place, gift) in gifts.enumerated() where gift.at <= end { moments.append((gift.at, .gift(place))) }
        if ladder != nil {
            for (place, grant) in history.grants.enumerated() {
                if grant.createdAt >= first, grant.createdAt <= end { moments.append((grant.createdAt, .grant(place))) }
                if let ended = grant.endedAt, ended >= first, ended <= end { moments.append((ended, .grantEnd(place))) }
            }
        }
        return moments.sorted { ($0.0.milliseconds, $0.1.rank) < ($1.0.milliseconds, $1.1.rank) }
    }
}

/// Points that one person's facts give to another: who was recommended, to who recommended them.
struct ReplayGift: Sendable {
    enum Step: Sendable {
        case award(PointsAward, currency: String)
        /// What a return takes back of it.
        case reverse(award: String, Int64, currency: String)
    }

    var account: Int64
    var at: Timestamp
    var step: Step

    /// What the receiver has more or less by it, and of what.
    var change: (amount: Int64, currency: String) {
        switch step {
        case .award(let award, let currency): return (award.amount, currency)
        case .reverse(_, let amount, let currency): return (-amount, currency)
        }
    }
}
