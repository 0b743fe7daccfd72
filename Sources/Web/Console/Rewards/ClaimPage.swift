import Engine
import Storage

/// One claim: what, for whom, how it came here, and what may come next.
struct ClaimModel: PageModel {
    struct Step: Encodable, Sendable {
        var state: String
        var tone: String
        var who: String
        var note: String
        var time: String
    }

    struct Next: Encodable, Sendable {
        var value: String
        var title: String
    }

    var id: String
    var reward: String
    var rewardHref: String
    var member: String
    var memberHref: String
    var state: String
    var tone: String
    var facts: [PointsTransactionModel.Fact]
    var steps: [Step]
    var next: [Next]
    var hasNext: Bool
    var mayCancel: Bool
    var hint: String?
    var problem: String?
}

enum ClaimPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func step(_ request: PageRequest) async throws -> Reply {
        let (id, actor, effects, form) = (
            try request.id("claim"), request.actor, request.platform.effects, request.form
        )
        guard let state = RewardClaim.State(rawValue: form.text("state")) else { throw PageFailure.notFound }
        do {
            _ = try await RewardPage.found {
                try await request.platform.store.write {
                    try RewardClaims.step(
                        id, to: state, note: form.text("note"), restock: form["lost"] == nil, by: actor, effects, $0)
                }
            }
        } catch let error as RewardError {
            return try await answer(request, problem: RewardWords([], request.wording).problem(error))
        } catch let error as PointsError {
            return try await answer(
                request, problem: PointsProblem.say(error, PointsWords([], request.wording)))
        }
        return .redirect(to: "/rewards/claims/\(id)", notice: "reward.stepped")
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("claim")
        let found = try await RewardPage.found {
            try await request.platform.store.read { connection in
                let claim = try RewardClaimRows.get(id, connection)
                return (
                    claim: claim, reward: try Rewards.get(claim.rewardID, connection),
                    currencies: try PointsCurrencies.list(connection).map(\.currency),
                    names: try AccountNames.load([claim.account], connection),
                    people: Dictionary(
                        try Users.list(connection).map { ("user:\($0.id)", $0.name) }
                            + (try APIKeys.list(connection).map { ($0.actor, $0.name) }),
                        uniquingKeysWith: { first, _ in first })
                )
            }
        }
        let (claim, wording) = (found.claim, request.wording)
        let words = RewardWords(found.currencies, wording)
        let name = found.reward.definition.name(wording.language)
        let next = claim.state.next(found.reward.definition.fulfilment)
        let mayServe = request.user.role.may(.manageMembers)
        let steps = mayServe ? next.filter { $0 != .cancelled } : []
        func fact(_ key: String, _ value: String) -> PointsTransactionModel.Fact {
            PointsTransactionModel.Fact(name: request.text("reward.column_\(key)"), value: value, href: nil)
        }
        let model = ClaimModel(
            id: String(id), reward: name, rewardHref: "/rewards/\(claim.rewardID)",
            member: found.names.name(claim.account, seesPeople: request.user.role.may(.readPeople), wording),
            memberHref: "/members/\(claim.account)", state: words.state(claim.state), tone: words.tone(claim.state),
            facts: [
                fact("quantity", wording.number(claim.quantity)),
                fact("price", words.price(points: claim.points, claim.currency, money: claim.money)),
                fact("key", claim.key),
            ]
                + claim.delivery.sorted { $0.key < $1.key }.map {
                    PointsTransactionModel.Fact(name: $0.key, value: $0.value, href: nil)
                },
            steps: claim.steps.map {
                ClaimModel.Step(
                    state: words.state($0.state), tone: words.tone($0.state), who: found.people[$0.actor] ?? $0.actor,
                    note: $0.note, time: wording.dateTime($0.at))
            },
            next: steps.map { ClaimModel.Next(value: $0.rawValue, title: request.text("reward.do_\($0.rawValue)")) },
            hasNext: !steps.isEmpty, mayCancel: mayServe && next.contains(.cancelled),
            hint: steps.first.map { request.text("reward.hint_\($0.rawValue)") }, problem: problem)
        return .page(
            Page(
                "rewards/claim", title: request.text("reward.claim_of", ["reward": name]),
                crumbs: [
                    Crumb(request.text("reward.title"), "/rewards"),
                    Crumb(request.text("reward.claims"), "/rewards/claims"),
                ], model: model, status: problem == nil ? .ok : .conflict))
    }
}
