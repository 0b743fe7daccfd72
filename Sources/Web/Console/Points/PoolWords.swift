import Engine

/// How pools of households are spoken of.
struct PoolWords {
    let points: PointsWords
    let wording: Wording

    init(_ currencies: [PointsCurrency], _ wording: Wording) {
        self.wording = wording
        points = PointsWords(currencies, wording)
    }

    /// What of a pool's name is left; its own where it has none any more.
    func name(_ pool: PointsPool) -> String { pool.name.isEmpty ? wording.text("pool.nameless") : pool.name }

    /// `1,200 points, 3 stamps`; a dash for nothing.
    func amounts(_ amounts: [String: Int64]) -> String {
        let parts = amounts.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map { points.full($0.value, $0.key) }
        return parts.isEmpty ? wording.text("frame.none") : parts.joined(separator: wording.text("points.and"))
    }

    func available(_ pool: PointsPool) -> String { amounts(pool.balances.mapValues(\.available)) }

    /// What somebody is in a pool, in a few words.
    func role(_ member: PointsPool.Member) -> [String] {
        var words = [
            wording.text(member.isOwner ? "pool.owner" : "pool.member"),
            wording.text(member.maySpend ? "pool.spends" : "pool.spends_not"),
        ]
        if member.share > 0 { words.append(wording.text("pool.shares", ["percent": String(member.share)])) }
        return words
    }

    /// Why something was refused.
    func problem(_ error: PoolError) -> String {
        switch error {
        case .name(let limit): wording.text("pool.refused_name", ["limit": String(limit)])
        case .share(let limit): wording.text("pool.refused_share", ["limit": String(limit)])
        case .full(let limit): wording.text("pool.refused_full", ["limit": String(limit)])
        case .tooManyInvitations(let limit):
            wording.text("pool.refused_invitations", ["limit": String(limit)])
        case .notPoolable(let code): wording.text("pool.refused_currency", ["currency": points.name(code)])
        case .dissolved: wording.text("pool.refused_dissolved")
        case .inPool: wording.text("pool.refused_in_pool")
        case .notInPool: wording.text("pool.refused_not_in_pool")
        case .notOwner: wording.text("pool.refused_not_owner")
        case .maySpend: wording.text("pool.refused_may_spend")
        case .invitationEnded, .invitationNotFound: wording.text("pool.refused_invitation_ended")
        case .key, .keyReused: wording.text("points.refused_key")
        case .changedMeanwhile: wording.text("pool.refused_changed")
        case .notFound, .poolAccount: wording.text("points.refused")
        }
    }
}

/// The household's pool on a member's page, or what leads to one.
struct MemberPoolModel: Encodable, Sendable {
    struct Invitation: Encodable, Sendable {
        var id: String
        var pool: String
        var until: String
    }

    var href: String?
    var name: String
    var available: String
    /// What is left of what the member put in.
    var own: String
    var role: String
    var invitations: [Invitation]
    var hasInvitations: Bool
    /// Currencies that the member can put in.
    var currencies: [Choice]
    var mayPut: Bool
    var mayCreate: Bool

    /// nil where there is nothing to say: no pool, no invitation, and no currency to share.
    init?(_ facts: MemberFacts, _ request: PageRequest, mayManage: Bool) {
        let words = PoolWords(facts.currencies, request.wording)
        let poolable = facts.currencies.filter(\.isPoolable)
        guard facts.pool != nil || !facts.invitations.isEmpty || !poolable.isEmpty else { return nil }
        let own = facts.pool?.member(facts.account.id)
        href = facts.pool.map { "/points/pools/\($0.id)" }
        name = facts.pool.map(words.name) ?? ""
        available = facts.pool.map(words.available) ?? ""
        self.own = words.amounts(own?.left ?? [:])
        role = own.map { words.role($0).joined(separator: " · ") } ?? ""
        invitations = facts.invitations.map { one in
            Invitation(
                id: String(one.invitation.id), pool: words.name(one.pool),
                until: request.text(
                    "pool.invited_until",
                    ["date": request.wording.shortDate(one.invitation.expiresAt, now: request.now)])
            )
        }
        hasInvitations = !invitations.isEmpty
        currencies = poolable.map { Choice($0.code, words.points.name($0.code), chosen: "") }
        mayPut = mayManage && facts.pool != nil && !poolable.isEmpty
        mayCreate = mayManage && facts.pool == nil && !poolable.isEmpty
    }
}
