import Engine
import Storage

/// What the member claimed.
struct CentreClaimsModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var price: String
        var state: String
        var time: String
    }

    var rows: [Row]
    var isEmpty: Bool
}

struct CentreClaimModel: PageModel {
    struct Step: Encodable, Sendable {
        var state: String
        var time: String
        var note: String?
    }

    var id: String
    var name: String
    var price: String
    var state: String
    var steps: [Step]
    var delivery: [String]
    var hasDelivery: Bool
    var mayCancel: Bool
    var problem: String?
}

enum CentreClaimPages {
    private static let shownMax = 50

    static func list(_ request: CentreRequest) async throws -> CentreReply {
        let session = request.session
        let found = try await request.platform.store.read { connection in
            (
                claims: try CentreRewards.claims(of: session, limit: shownMax, connection),
                rewards: try Rewards.list(connection),
                currencies: try PointsCurrencies.list(connection).map(\.currency)
            )
        }
        let words = RewardWords(found.currencies, request.wording)
        let names = Dictionary(
            found.rewards.map { ($0.id, $0.definition.name(request.wording.language)) }
        ) { first, _ in first }
        let rows = found.claims.map { claim in
            CentreClaimsModel.Row(
                href: "/m/claims/\(claim.id)", name: names[claim.rewardID] ?? String(claim.rewardID),
                price: words.price(points: claim.points, claim.currency, money: claim.money),
                state: words.state(claim.state), time: request.wording.dateTime(claim.requestedAt))
        }
        return .page(
            CentrePage(
                "claims", title: request.text("centre.claims"), place: "rewards", back: "/m/rewards",
                model: CentreClaimsModel(rows: rows, isEmpty: rows.isEmpty)))
    }

    static func one(_ request: CentreRequest) async throws -> CentreReply { try await answer(request) }

    static func cancel(_ request: CentreRequest) async throws -> CentreReply {
        let id = try request.id("claim")
        do {
            try await CentreRewards.cancel(id, request.session, request.platform)
            return .redirect(to: "/m/claims/\(id)", notice: "centre.cancelled")
        } catch RewardError.step {
            return try await answer(request, problem: request.text("centre.cannot_cancel"))
        }
    }

    private static func answer(_ request: CentreRequest, problem: String? = nil) async throws -> CentreReply {
        let (id, session) = (try request.id("claim"), request.session)
        let found = try await request.platform.store.read { connection in
            let claim = try CentreRewards.claim(id, of: session, connection)
            return (
                claim: claim, reward: try Rewards.get(claim.rewardID, connection),
                currencies: try PointsCurrencies.list(connection).map(\.currency)
            )
        }
        let words = RewardWords(found.currencies, request.wording)
        let claim = found.claim
        let model = CentreClaimModel(
            id: String(id), name: found.reward.definition.name(request.wording.language),
            price: words.price(points: claim.points, claim.currency, money: claim.money),
            state: words.state(claim.state),
            steps: claim.steps.map { step in
                // What staff noted on a parcel or a code is meant for the member; why something was cancelled is not.
                let isTold = [.shipped, .issued].contains(step.state) && !step.note.isEmpty
                return CentreClaimModel.Step(
                    state: words.state(step.state), time: request.wording.dateTime(step.at),
                    note: isTold ? step.note : nil)
            }, delivery: ["name", "phone", "address"].compactMap { claim.delivery[$0] },
            hasDelivery: !claim.delivery.isEmpty,
            mayCancel: CentreRewards.mayCancel(claim) && !session.isPreview, problem: problem)
        return .page(
            CentrePage(
                "claim", title: model.name, place: "rewards", back: "/m/claims", model: model,
                status: problem == nil ? .ok : .conflict))
    }
}
