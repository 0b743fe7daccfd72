import Engine
import Storage

/// Where the member stands: tier, what is missing by when, points, what lapses next, what was written to them.
struct CentreHomeModel: PageModel {
    struct Progress: Encodable, Sendable {
        var title: String
        var missing: String
        var found: String
        var percent: String
    }

    struct TierCard: Encodable, Sendable {
        var name: String
        var since: String
        var until: String?
        /// Whether it is kept, or what that takes, a sentence each.
        var keeping: [String]
        var next: Progress?
        var isHighest: Bool
        var place: String?
    }

    struct Link: Encodable, Sendable {
        var title: String
        var href: String
        var note: String
        /// What waits there; nil: nothing.
        var mark: String?
    }

    var name: String?
    var number: String
    var tier: TierCard?
    var balances: [CentreBalance]
    var hasBalances: Bool
    var links: [Link]
}

/// What there is of one currency.
struct CentreBalance: Encodable, Sendable {
    struct Lapse: Encodable, Sendable {
        var amount: String
        var date: String
    }

    var name: String
    var available: String
    var notes: [String]
    var lapses: [Lapse]
    var hasLapses: Bool
}

enum CentreHome {
    private static let lapsesShown = 3

    static func show(_ request: CentreRequest) async throws -> CentreReply {
        let (member, now) = (request.account.id, request.now)
        let (showsTier, showsInbox) = (request.settings.shows(.tier), request.settings.shows(.inbox))
        let profile = request.session.profileID
        let found = try await request.platform.store.read { connection in
            (
                tier: showsTier ? try CentreTier.load(member, at: now, connection) : nil,
                money: try CentreMoney.load(member, connection),
                unread: showsInbox ? try InboxItem.unread(profile, connection) : 0
            )
        }
        let balances = request.settings.shows(.points) ? found.money.balances(request, lapses: lapsesShown) : []
        let model = CentreHomeModel(
            name: request.session.name, number: PointsWords.number(request.account.number),
            tier: found.tier.map { $0.card(request) }, balances: balances, hasBalances: !balances.isEmpty,
            links: links(request, found.money, unread: found.unread))
        return .page(
            CentrePage("home", title: request.text("centre.home"), place: "home", back: nil, model: model))
    }

    private static func links(
        _ request: CentreRequest, _ money: CentreMoney, unread: Int64
    ) -> [CentreHomeModel.Link] {
        let isGiving = money.currencies.contains { $0.isSpendable && $0.transfer != nil }
        let isSharing = money.currencies.contains(where: \.isPoolable)
        let isDonating = money.currencies.contains(where: \.isSpendable) && !request.settings.causes.isEmpty
        let all: [(name: String, section: CentreSection, isThere: Bool)] = [
            ("inbox", .inbox, true), ("benefits", .benefits, true), ("points", .points, true),
            ("coupons", .coupons, true),
            ("rewards", .rewards, true), ("transfer", .transfer, isGiving), ("pool", .pool, isSharing),
            ("donate", .donate, isDonating),
            ("rules", .rules, true),
        ]
        return all.filter { request.settings.shows($0.section) && $0.isThere }.map { link in
            CentreHomeModel.Link(
                title: request.text("centre.place_\(link.name)"), href: "/m/\(link.name)",
                note: request.text("centre.about_\(link.name)"),
                mark: link.section == .inbox && unread > 0 ? request.text("centre.inbox_unread", count: unread) : nil)
        }
    }
}

/// A member's tier as it was read; nil where there are no tiers.
struct CentreTier: Sendable {
    var standing: TierStanding
    var speech: TierSpeech

    /// Throws: `StorageError`.
    static func load(_ member: Int64, at now: Timestamp, _ connection: any SQLConnection) throws -> CentreTier? {
        do {
            return CentreTier(
                standing: try TierStanding.load(member: member, at: now, connection),
                speech: try TierSpeech.load(connection))
        } catch is TierError {
            return nil
        }
    }

    func card(_ request: CentreRequest) -> CentreHomeModel.TierCard {
        let (ladder, words) = (standing.ladder, speech.words(request.language))
        let today = request.workspace.calendar.day(of: request.now)
        let name = ladder.name(standing.state.tier, request.wording.language)
        let next = standing.higher.first.map { progress in
            CentreHomeModel.Progress(
                title: request.text(
                    "centre.to_tier", ["tier": ladder.name(progress.tier, request.wording.language)]),
                missing: progress.lacking.missing.isEmpty
                    ? words.found(progress.reading) : words.lacking(progress.lacking, today: today),
                found: words.found(progress.reading), percent: String(progress.reading.percent))
        }
        return CentreHomeModel.TierCard(
            name: name, since: request.text("centre.tier_since", ["date": request.wording.date(standing.state.since)]),
            until: standing.lastDay.map {
                request.text("centre.tier_until", ["date": words.day($0)])
            }, keeping: keeping(name, words, request), next: next,
            isHighest: ladder.index(standing.state.tier) == ladder.tiers.count - 1,
            place: standing.place.map {
                request.text(
                    "centre.place_in_ranking",
                    ["place": request.wording.number($0.place), "ranked": request.wording.number($0.ranked)])
            })
    }

    private func keeping(_ name: String, _ words: TierWords, _ request: CentreRequest) -> [String] {
        guard let keeping = standing.keeping else { return [] }
        if keeping.reading.holds { return [request.text("centre.tier_kept")] }
        return words.sentences(
            keeping.lacking, standing.ladder, isOver: false,
            today: request.workspace.calendar.day(of: request.now))
    }
}

/// The member's points as they were read.
struct CentreMoney: Sendable {
    var account: MemberAccount
    var currencies: [PointsCurrency]
    var lots: [PointsLot]

    private static let lotsMax = 1_000

    /// Throws: `PointsError.accountNotFound`, `StorageError`.
    static func load(_ member: Int64, _ connection: any SQLConnection) throws -> CentreMoney {
        CentreMoney(
            account: try PointsAccounts.get(member, connection),
            currencies: try PointsCurrencies.list(connection).map(\.currency),
            lots: try PointsAccounts.lots(of: member, currency: nil, onlyOpen: true, limit: lotsMax, connection))
    }

    /// A pool's, in the same shape. Throws: `PoolError.notFound`, `StorageError`.
    static func load(
        pool: Int64, _ currencies: [PointsCurrency], _ connection: any SQLConnection
    ) throws -> CentreMoney {
        let account = try PointsAccounts.pool(pool, connection)
        return CentreMoney(
            account: account,
            currencies: currencies.filter { $0.isPoolable || account.balances[$0.code]?.available ?? 0 != 0 },
            lots: try PointsAccounts.lots(of: pool, currency: nil, onlyOpen: true, limit: lotsMax, connection))
    }

    /// Lots of a currency that lapse, by the moment when they do, the next first.
    func lapses(_ code: String, after now: Timestamp) -> [(at: Timestamp, amount: Int64)] {
        let own = lots.filter { $0.currency == code && !$0.isPending && $0.remaining > 0 }
        let byMoment = Dictionary(grouping: own.filter { ($0.expiresAt ?? now) > now }) { $0.expiresAt ?? now }
        return byMoment.map { (at: $0.key, amount: $0.value.reduce(0) { $0 + $1.remaining }) }
            .sorted { $0.at < $1.at }
    }

    func balances(_ request: CentreRequest, lapses most: Int) -> [CentreBalance] {
        let words = PointsWords(currencies, request.wording)
        return currencies.compactMap { currency in
            let balance = account.balances[currency.code] ?? PointsBalance()
            guard currency.isSpendable || balance.available != 0 || balance.pending != 0 else { return nil }
            var notes: [String] = []
            for (key, amount) in [("pending", balance.pending), ("held", balance.held), ("owed", -balance.owed)]
            where amount > 0 {
                notes.append(request.text("centre.and_\(key)", ["amount": words.amount(amount, currency.code)]))
            }
            if let inactive = balance.inactiveAt, balance.available > 0 {
                notes.append(request.text("centre.inactive", ["date": request.lastDay(inactive)]))
            }
            let next = lapses(currency.code, after: request.now).prefix(most).map {
                CentreBalance.Lapse(amount: words.amount($0.amount, currency.code), date: request.lastDay($0.at))
            }
            return CentreBalance(
                name: words.name(currency.code), available: words.amount(balance.available, currency.code),
                notes: notes, lapses: Array(next), hasLapses: !next.isEmpty)
        }
    }
}
