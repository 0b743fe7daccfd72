import Engine
import Storage

/// One pool: who shares it, what it has, what was done, and what can be done.
struct PoolModel: PageModel {
    struct Member: Encodable, Sendable {
        var id: String
        var name: String
        var href: String
        var role: String
        var left: String
        var joined: String
        var maySpend: Bool
        var share: String
        var isOwner: Bool
    }

    struct Invitation: Encodable, Sendable {
        var id: String
        var name: String
        var href: String
        var state: String
        var tone: String
        var until: String
        var isOpen: Bool
    }

    var id: String
    var name: String
    var subtitle: String
    var isOver: Bool
    var figures: [FigureModel]
    var hasFigures: Bool
    var members: [Member]
    var hasMembers: Bool
    var invitations: [Invitation]
    var hasInvitations: Bool
    var lots: [MemberModel.Lot]
    var hasLots: Bool
    var lines: [MemberModel.Line]
    var hasLines: Bool
    var next: String?
    var first: String?
    var mayManage: Bool
    var problem: String?
}

enum PoolPage {
    private static let lotsShown = 100
    private static let linesShown = 30

    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    /// The whole statement as JSON, which verifies by itself.
    static func download(_ request: PageRequest) async throws -> Reply {
        let (id, now) = (try request.id("pool"), request.now)
        do {
            let file = try await StatementFile.open(pool: id, at: now, request.platform)
            return .download(name: file.name, type: "application/json", file.body)
        } catch PoolError.notFound {
            throw PageFailure.notFound
        }
    }

    private struct Facts: Sendable {
        var pool: PointsPool
        var account: MemberAccount
        var invitations: [PoolInvitation]
        var names: AccountNames
        var currencies: [PointsCurrency]
        var lots: [PointsLot]
        var page: PointsJournal.Page
    }

    static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let (id, before) = (try request.id("pool"), request.query.int("before"))
        let facts: Facts
        do {
            facts = try await request.platform.store.read { connection in
                let pool = try PointsPools.get(id, connection)
                let invitations = try PoolInvitations.of(pool: id, connection)
                let accounts = pool.members.map(\.account) + invitations.map(\.account)
                return Facts(
                    pool: pool, account: try PointsAccounts.pool(id, connection), invitations: invitations,
                    names: try AccountNames.load(accounts, connection),
                    currencies: try PointsCurrencies.list(connection).map(\.currency),
                    lots: try PointsAccounts.lots(
                        of: id, currency: nil, onlyOpen: true, limit: lotsShown, connection),
                    page: try PointsStatement.lines(
                        of: id, currency: nil, before: before, limit: linesShown, connection))
            }
        } catch PoolError.notFound {
            throw PageFailure.notFound
        }
        var model = model(facts, request)
        model.problem = problem
        return .page(
            Page(
                "points/pool", title: model.name, crumbs: [Crumb(request.text("member.title"), "/members")],
                model: model, status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func model(_ facts: Facts, _ request: PageRequest) -> PoolModel {
        let (pool, wording) = (facts.pool, request.wording)
        let words = PoolWords(facts.currencies, wording)
        let seesPeople = request.user.role.may(.readPeople)
        func name(_ account: Int64) -> String { facts.names.name(account, seesPeople: seesPeople, wording) }
        let builder = MemberBuilder(
            facts: MemberFacts(
                account: facts.account, currencies: facts.currencies, lots: facts.lots, lapsed: [], holds: [],
                page: facts.page), request: request)
        let shown = builder.model()
        let isOver = pool.dissolvedAt != nil
        return PoolModel(
            id: String(pool.id), name: words.name(pool),
            subtitle: pool.dissolvedAt.map { wording.text("pool.over_since", ["date": wording.date($0)]) }
                ?? wording.text("pool.since", ["date": wording.date(pool.createdAt)]), isOver: isOver,
            figures: shown.figures, hasFigures: shown.hasFigures,
            members: pool.members.map { member in
                PoolModel.Member(
                    id: String(member.account), name: name(member.account), href: "/members/\(member.account)",
                    role: words.role(member).joined(separator: " · "), left: words.amounts(member.left),
                    joined: wording.date(member.joinedAt), maySpend: member.maySpend, share: String(member.share),
                    isOwner: member.isOwner)
            }, hasMembers: !pool.members.isEmpty,
            invitations: facts.invitations.map {
                invitation(
                    $0, name($0.account), request)
            }, hasInvitations: !facts.invitations.isEmpty,
            lots: shown.lots, hasLots: shown.hasLots, lines: shown.lines, hasLines: shown.hasLines,
            next: facts.page.next.map { "/points/pools/\(pool.id)?before=\($0.sequence)" },
            first: request.query["before"] == nil ? nil : "/points/pools/\(pool.id)",
            mayManage: request.user.role.may(.manageMembers) && !isOver, problem: nil)
    }

    private static func invitation(
        _ invitation: PoolInvitation, _ name: String, _ request: PageRequest
    ) -> PoolModel.Invitation {
        let isOpen = invitation.isOpen(at: request.now)
        let state = invitation.state == .open && !isOpen ? "over" : invitation.state.rawValue
        return PoolModel.Invitation(
            id: String(invitation.id), name: name, href: "/members/\(invitation.account)",
            state: request.text("pool.invitation_\(state)"), tone: isOpen ? "chip-warn" : "chip-plain",
            until: request.wording.shortDate(invitation.decidedAt ?? invitation.expiresAt, now: request.now),
            isOpen: isOpen)
    }
}
