import Engine
import Storage

/// The household's pool: who shares it, what there is, what is left of one's own, and who is invited.
struct CentrePoolModel: PageModel {
    struct Member: Encodable, Sendable {
        var id: String
        var name: String
        var role: String
        var left: String
        /// What the owner may do about them.
        var mayChange: Bool
        var maySpend: Bool
        var isSelf: Bool
    }

    struct Invitation: Encodable, Sendable {
        var id: String
        var title: String
        var until: String
    }

    struct Line: Encodable, Sendable {
        var kind: String
        var who: String?
        var time: String
        var change: String
        var isGain: Bool
    }

    /// Of the program: whether anything can be shared at all.
    var isPossible: Bool
    var hasPool: Bool
    var balances: [CentreBalance]
    var isOwner: Bool
    var members: [Member]
    /// Of the pool, by its owner.
    var sent: [Invitation]
    var hasSent: Bool
    /// To the member.
    var received: [Invitation]
    var hasReceived: Bool
    var lines: [Line]
    var hasLines: Bool
    /// Of the member.
    var id: String
    var share: String
    var left: String
    var note: String
    var rewards: String?
    // The form that puts points in.
    var isOneCurrency: Bool
    var currencies: [Choice]
    var currency: String
    var amount: String
    var terms: [String]
    var recipient: String
    var name: String
    var key: String
    var problem: String?
}

/// What the page reads, in one snapshot.
struct CentrePoolFacts: Sendable {
    var money: CentreMoney
    var pool: PointsPool?
    var pooled: CentreMoney?
    var received: [(invitation: PoolInvitation, pool: PointsPool)]
    var sent: [PoolInvitation]
    var people: [Int64: Person]
    var lines: [PointsTransaction]

    struct Person: Sendable {
        var name: String?
        var number: String
    }

    private static let linesShown = 20

    /// Throws: `StorageError`.
    static func load(
        _ member: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> CentrePoolFacts {
        let money = try CentreMoney.load(member, connection)
        let pool = try PointsPools.of(member, connection)
        let received = try PoolInvitations.waiting(for: member, at: now, connection).map {
            (invitation: $0, pool: try PointsPools.get($0.pool, connection))
        }
        let isOwner = pool?.owner == member
        let sent = try pool.map { isOwner ? try PoolInvitations.of(pool: $0.id, connection) : [] } ?? []
        let accounts =
            (pool?.members.map(\.account) ?? []) + received.compactMap(\.pool.owner) + sent.map(\.account)
        let rows = try MemberList.rows(Set(accounts).sorted(), connection)
        let named = try PeopleByID.load(rows.map(\.profileID).filter { $0 != 0 }, connection)
        let names = Dictionary(named.map { ($0.id, $0.displayName) }) { first, _ in first }
        var people: [Int64: Person] = [:]
        for row in rows { people[row.id] = Person(name: names[row.profileID] ?? nil, number: row.number) }
        return CentrePoolFacts(
            money: money, pool: pool,
            pooled: try pool.map { try CentreMoney.load(pool: $0.id, money.currencies, connection) },
            received: received, sent: sent.filter { $0.isOpen(at: now) }, people: people,
            lines: try pool.map {
                try PointsStatement.page(of: $0.id, before: nil, limit: linesShown, connection)
            } ?? [])
    }

    /// What members of one household see of each other; of who has no name the end of the number.
    func name(_ account: Int64) -> String {
        people[account].map { $0.name ?? masked($0.number) } ?? ""
    }

    /// Of who has not joined yet: the end of the member number, and nothing else.
    func number(_ account: Int64) -> String { people[account].map { masked($0.number) } ?? "" }

    private func masked(_ number: String) -> String { "···· " + number.suffix(4) }
}

extension CentrePoolFacts {
    func model(_ request: CentreRequest) -> CentrePoolModel {
        let words = PoolWords(money.currencies, request.wording)
        let poolable = money.currencies.filter(\.isPoolable)
        let own = pool?.member(request.account.id)
        let chosen = request.form["currency"] ?? poolable.first?.code ?? ""
        return CentrePoolModel(
            isPossible: !poolable.isEmpty || pool != nil, hasPool: pool != nil,
            balances: pooled?.balances(request, lapses: 3) ?? [], isOwner: own?.isOwner ?? false,
            members: (pool?.members ?? []).map { member($0, words, request) },
            sent: sent.map {
                CentrePoolModel.Invitation(
                    id: String($0.id), title: number($0.account), until: until($0, request))
            }, hasSent: !sent.isEmpty,
            received: received.map { one in
                CentrePoolModel.Invitation(
                    id: String(one.invitation.id),
                    title: request.text(
                        "centre.invited_by",
                        ["pool": words.name(one.pool), "name": one.pool.owner.map(name) ?? ""]),
                    until: until(one.invitation, request))
            }, hasReceived: !received.isEmpty, lines: lines.map { line($0, words, request) },
            hasLines: !lines.isEmpty, id: String(request.account.id), share: String(own?.share ?? 0),
            left: words.amounts(own?.left ?? [:]),
            note: request.text(own?.maySpend ?? true ? "centre.pool_spend" : "centre.pool_spend_not"),
            rewards: own?.maySpend == true && request.settings.shows(.rewards) ? "/m/rewards?pool=1" : nil,
            isOneCurrency: poolable.count == 1,
            currencies: poolable.map { Choice($0.code, words.points.name($0.code), chosen: chosen) },
            currency: chosen, amount: request.form.text("amount"),
            terms: poolable.map { currency in
                let available = money.account.balances[currency.code]?.available ?? 0
                return request.text("centre.you_have", ["amount": words.points.full(available, currency.code)])
            }, recipient: request.form.text("recipient"), name: request.form.text("name"), key: request.newKey(),
            problem: nil)
    }

    private func until(_ invitation: PoolInvitation, _ request: CentreRequest) -> String {
        request.text("pool.invited_until", ["date": request.wording.date(invitation.expiresAt)])
    }

    private func member(
        _ member: PointsPool.Member, _ words: PoolWords, _ request: CentreRequest
    ) -> CentrePoolModel.Member {
        let isSelf = member.account == request.account.id
        let isOwner = pool?.owner == request.account.id
        return CentrePoolModel.Member(
            id: String(member.account), name: isSelf ? request.text("centre.pool_you") : name(member.account),
            role: words.role(member).joined(separator: " · "), left: words.amounts(member.left),
            mayChange: isOwner && !isSelf, maySpend: member.maySpend, isSelf: isSelf)
    }

    private func line(
        _ one: PointsTransaction, _ words: PoolWords, _ request: CentreRequest
    ) -> CentrePoolModel.Line {
        let who = one.counterpart.flatMap { people[$0] == nil ? nil : name($0) }
        return CentrePoolModel.Line(
            kind: words.points.kind(one.kind), who: who, time: request.wording.dateTime(one.at),
            change: words.points.change(one.change, one.currency), isGain: one.change > 0)
    }
}
