import Engine
import Storage

/// One member's account, as its page and as the panel on the person's.
enum MemberPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request, try request.id("member"))
    }

    static func answer(_ request: PageRequest, _ id: Int64, problem: String? = nil) async throws -> Reply {
        let facts = try await MemberFacts.load(id, request)
        var model = MemberBuilder(facts: facts, request: request).model()
        model.problem = problem
        return .page(
            Page(
                "points/member", title: model.person ?? model.number,
                crumbs: [Crumb(request.text("member.title"), "/members")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}

/// What the page reads, in one snapshot.
struct MemberFacts: Sendable {
    var account: MemberAccount
    var profile: Profile?
    var currencies: [PointsCurrency]
    var lots: [PointsLot]
    var lapsed: [PointsLot]
    var holds: [PointsHold]
    var page: PointsJournal.Page
    var pool: PointsPool?
    var invitations: [(invitation: PoolInvitation, pool: PointsPool)] = []

    static let lotsShown = 100
    static let linesShown = 30

    /// Throws: `PageFailure.notFound`, `StorageError`.
    static func load(_ id: Int64, _ request: PageRequest, lines: Int = linesShown) async throws -> MemberFacts {
        let seesPeople = request.user.role.may(.readPeople)
        let currency = request.query["currency"].flatMap { $0.isEmpty ? nil : $0 }
        let (before, now) = (request.query.int("before"), request.now)
        do {
            return try await request.platform.store.read { connection in
                let account = try PointsAccounts.get(id, connection)
                let newest = try PointsAccounts.lots(
                    of: id, currency: nil, onlyOpen: false, limit: lotsShown, connection)
                return MemberFacts(
                    account: account,
                    profile: seesPeople ? try PeopleByID.load([account.profileID], connection).first : nil,
                    currencies: try PointsCurrencies.list(connection).map(\.currency),
                    lots: try PointsAccounts.lots(
                        of: id, currency: nil, onlyOpen: true, limit: lotsShown + 1, connection),
                    lapsed: newest.filter { $0.expired > 0 }, holds: try MemberList.holds(of: id, connection),
                    page: try PointsStatement.lines(
                        of: id, currency: currency, before: before, limit: lines, connection),
                    pool: try PointsPools.of(id, connection),
                    invitations: try PoolInvitations.waiting(for: id, at: now, connection).map {
                        ($0, try PointsPools.get($0.pool, connection))
                    })
            }
        } catch PointsError.accountNotFound {
            throw PageFailure.notFound
        }
    }
}

/// Puts the facts about an account into words.
struct MemberBuilder {
    let facts: MemberFacts
    let request: PageRequest
    private let words: PointsWords

    init(facts: MemberFacts, request: PageRequest) {
        self.facts = facts
        self.request = request
        words = PointsWords(facts.currencies, request.wording)
    }

    private var account: MemberAccount { facts.account }
    private var wording: Wording { request.wording }

    func model() -> MemberModel {
        let lots = facts.lots.prefix(MemberFacts.lotsShown).sorted(by: spendsBefore).map(lot)
        let open = facts.lots.filter { $0.expiresAt != nil && $0.remaining + $0.held > 0 }.map(lot)
        let revivable = facts.lapsed.filter(mayRevive).map(lot)
        let lines = facts.page.transactions.map(line)
        let figures = figures()
        let all = facts.currencies.map { Choice($0.code, words.name($0.code), chosen: "") }
        let spendable = facts.currencies.filter(\.isSpendable)
        let transferable = spendable.filter { $0.transfer != nil }
        let asked = request.query.text("currency")
        let path = "/members/\(account.id)"
        let mayManage = request.user.role.may(.manageMembers) && account.closedAt == nil
        return MemberModel(
            id: String(account.id), number: PointsWords.number(account.number),
            person: facts.profile.map { PersonName($0, wording).text },
            personHref: facts.profile.map { "/people/\($0.id)" },
            subtitle: wording.text("member.since_date", ["date": wording.date(account.openedAt)]),
            isClosed: account.closedAt != nil, figures: figures, hasFigures: !figures.isEmpty, lots: lots,
            hasLots: !lots.isEmpty, isLotsPartial: facts.lots.count > MemberFacts.lotsShown, extendable: open,
            hasExtendable: !open.isEmpty, revivable: revivable, hasRevivable: !revivable.isEmpty,
            holds: facts.holds.map {
                MemberModel.Hold(
                    key: $0.key, amount: words.full($0.held, $0.currency), until: wording.dateTime($0.until))
            }, hasHolds: !facts.holds.isEmpty, lines: lines, hasLines: !lines.isEmpty,
            filters: [Choice("", wording.text("points.any_currency"), chosen: asked)]
                + facts.currencies.map { Choice($0.code, words.name($0.code), chosen: asked) },
            hasFilters: facts.currencies.count > 1,
            next: facts.page.next.map {
                path + "?" + request.query.query(changing: ["before": String($0.sequence)])
            },
            first: request.query["before"] == nil
                ? nil : path + "?" + request.query.query(changing: ["before": nil]),
            mayManage: mayManage && !all.isEmpty,
            pool: account.closedAt == nil ? MemberPoolModel(facts, request, mayManage: mayManage) : nil,
            currencies: all, spendable: spendable.map { Choice($0.code, words.name($0.code), chosen: "") },
            hasSpendable: !spendable.isEmpty,
            transferable: transferable.map { Choice($0.code, words.name($0.code), chosen: "") },
            hasTransferable: !transferable.isEmpty,
            key: "console:" + request.platform.effects.randomHex(bytes: 12),
            tomorrow: wording.isoDate(request.now.adding(days: 1)), problem: nil)
    }

    private func figures() -> [FigureModel] {
        facts.currencies.compactMap { currency in
            guard let balance = account.balances[currency.code] else { return nil }
            var notes: [String] = []
            func add(_ key: String, _ amount: Int64) {
                guard amount != 0 else { return }
                notes.append(wording.text("member.\(key)", ["amount": words.amount(amount, currency.code)]))
            }
            add("and_pending", balance.pending)
            add("and_held", balance.held)
            add("and_owed", -balance.owed)
            if let lapse = nextLapse(currency.code) { notes.append(lapse) }
            return FigureModel(
                words.name(currency.code), words.amount(balance.available + balance.owed, currency.code),
                note: notes.isEmpty ? nil : notes.joined(separator: " · "))
        }
    }

    private func nextLapse(_ code: String) -> String? {
        let own = facts.lots.filter { $0.currency == code && !$0.isPending && $0.remaining > 0 }
        guard let first = own.compactMap(\.expiresAt).min() else { return nil }
        let amount = own.filter { $0.expiresAt == first }.reduce(0) { $0 + $1.remaining }
        return wording.text(
            "member.lapses", ["amount": words.amount(amount, code), "date": lastDay(first)])
    }

    /// An expiry is the first moment without: people are told the last day with.
    private func lastDay(_ expiry: Timestamp) -> String {
        wording.shortDate(expiry.adding(milliseconds: -1), now: request.now)
    }

    private func spendsBefore(_ left: PointsLot, _ right: PointsLot) -> Bool {
        if left.currency != right.currency { return left.currency < right.currency }
        let (one, other) = (left.expiresAt?.milliseconds ?? .max, right.expiresAt?.milliseconds ?? .max)
        return one != other ? one < other : left.number < right.number
    }

    private func mayRevive(_ lot: PointsLot) -> Bool {
        guard let days = words.currencies[lot.currency]?.reinstatementDays, let lapsed = lot.expiresAt else {
            return false
        }
        return lot.expired > 0 && request.now < lapsed.adding(days: days)
    }

    private func lot(_ lot: PointsLot) -> MemberModel.Lot {
        var (tone, state) = ("chip-good", wording.text("member.lot_available"))
        if lot.isPending {
            tone = "chip-warn"
            state =
                lot.availableAt.map {
                    wording.text("member.lot_pending", ["date": wording.shortDate($0, now: request.now)])
                } ?? wording.text("member.lot_waits", ["event": lot.waitsFor])
        } else if lot.remaining == 0, lot.held > 0 {
            (tone, state) = ("chip-info", wording.text("member.lot_held"))
        }
        return MemberModel.Lot(
            number: wording.number(lot.number), value: "\(lot.currency):\(lot.number)",
            currency: words.name(lot.currency), remaining: words.amount(lot.remaining + lot.held, lot.currency),
            of: words.amount(lot.amount, lot.currency), earned: wording.shortDate(lot.earnedAt, now: request.now),
            expires: lot.expiresAt.map(lastDay) ?? wording.text("member.never"), tone: tone, state: state,
            source: lot.source.isEmpty ? lot.key : wording.known("member.source_\(lot.source)") ?? lot.source,
            lapsed: lot.expired > 0 ? words.full(lot.expired, lot.currency) : nil)
    }

    private func line(_ one: PointsTransaction) -> MemberModel.Line {
        let balance = one.after.available + one.after.owed
        let about = one.change == 0 ? words.amount(one.principal, one.currency) : words.change(one.change, one.currency)
        let detail = [one.note["reason"], one.note["cause"], one.note["order"], one.key.map(words.occasion)].compactMap
        { $0 }.first
        return MemberModel.Line(
            href: "/members/\(one.account)/transactions/\(one.sequence)", kind: words.kind(one.kind),
            change: about, tone: one.change < 0 ? "change-bad" : one.change > 0 ? "change-good" : "soft",
            balance: words.full(balance, one.currency), detail: detail ?? wording.text("points.by_time"),
            time: wording.dateTime(one.at))
    }
}
