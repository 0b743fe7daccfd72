import Engine
import Storage

/// A person's account, on their page: balances, what lapses next, the last movements.
struct PersonPointsModel: PageModel {
    var person: String
    var href: String?
    var number: String
    var figures: [FigureModel]
    var hasFigures: Bool
    var lots: [MemberModel.Lot]
    var hasLots: Bool
    var holds: [MemberModel.Hold]
    var hasHolds: Bool
    var lines: [MemberModel.Line]
    var hasLines: Bool
    var mayEnrol: Bool
    var mayOpenCentre = false
}

enum PersonPoints {
    private static let lotsShown = 5
    private static let linesShown = 5

    static func panel(_ request: PageRequest) async throws -> Reply {
        let person = try request.id("person")
        let account = try await request.platform.store.read { connection in
            try PointsAccounts.ofProfile(try ProfileDetail.resolve(person, connection), connection)
        }
        guard let account else {
            let model = PersonPointsModel(
                person: String(person), href: nil, number: "", figures: [], hasFigures: false, lots: [],
                hasLots: false, holds: [], hasHolds: false, lines: [], hasLines: false,
                mayEnrol: request.user.role.may(.manageMembers))
            return .panel(template: "points/person", model: model)
        }
        let facts = try await MemberFacts.load(account.id, request, lines: linesShown)
        let member = MemberBuilder(facts: facts, request: request).model()
        let lots = Array(member.lots.prefix(lotsShown))
        let model = PersonPointsModel(
            person: String(person), href: "/members/\(account.id)", number: member.number, figures: member.figures,
            hasFigures: member.hasFigures, lots: lots, hasLots: !lots.isEmpty, holds: member.holds,
            hasHolds: member.hasHolds, lines: member.lines, hasLines: member.hasLines, mayEnrol: false,
            mayOpenCentre: request.user.role.may(.manageMembers) && !member.isClosed)
        return .panel(template: "points/person", model: model)
    }
}
