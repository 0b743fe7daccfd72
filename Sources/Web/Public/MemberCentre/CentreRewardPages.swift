import Engine
import Foundation
import Storage

/// What points buy.
struct CentreRewardsModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var price: String
        var stock: String?
        var isAvailable: Bool
        var reasons: [String]
    }

    var rows: [Row]
    var isEmpty: Bool
    var balances: [CentreBalance]
}

/// One reward, with the form that claims it.
struct CentreRewardModel: PageModel {
    var id: String
    var name: String
    var text: String
    var price: String
    var stock: String?
    var who: String
    var isAvailable: Bool
    var reasons: [String]
    var isShipped: Bool
    var money: String?
    var after: String
    /// What was typed, when something was wrong.
    var recipient: String
    var phone: String
    var address: String
    var key: String
    var problem: String?
}

enum CentreRewardPages {
    static func list(_ request: CentreRequest) async throws -> CentreReply {
        let (member, now) = (request.account.id, request.now)
        let (offers, facts) = try await request.platform.store.read { connection in
            (
                try RewardClaims.offers(to: member, at: now, connection), try CentreRewardFacts.load(member, connection)
            )
        }
        let words = RewardWords(facts.money.currencies, request.wording)
        let rows = offers.map { offer in
            CentreRewardsModel.Row(
                href: "/m/rewards/\(offer.reward.id)", name: offer.reward.definition.name(request.wording.language),
                price: words.price(offer.reward.definition), stock: stock(offer.reward, request),
                isAvailable: offer.refusals.isEmpty,
                reasons: offer.refusals.map { facts.reason($0, offer.reward, request) })
        }
        let model = CentreRewardsModel(
            rows: rows, isEmpty: rows.isEmpty, balances: facts.money.balances(request, lapses: 0))
        return .page(
            CentrePage("rewards", title: request.text("centre.place_rewards"), place: "rewards", model: model))
    }

    static func one(_ request: CentreRequest) async throws -> CentreReply { try await answer(request) }

    static func claim(_ request: CentreRequest) async throws -> CentreReply {
        let (id, form) = (try request.id("reward"), request.form)
        let reward = try await request.platform.store.read { try Rewards.get(id, $0) }
        var delivery: [String: String] = [:]
        if reward.definition.fulfilment == .shipped {
            for field in ["name", "phone", "address"] {
                let typed = form.text(field).trimmingCharacters(in: .whitespacesAndNewlines)
                guard !typed.isEmpty, typed.utf8.count <= RewardLimits.deliveryBytes else {
                    return try await answer(request, problem: request.text("centre.delivery_missing"))
                }
                delivery[field] = typed
            }
        }
        do {
            let claim = try await CentreRewards.claim(
                id, delivery: delivery, key: form.text("key"), request.session, request.platform)
            return .redirect(to: "/m/claims/\(claim.id)", notice: "centre.claimed")
        } catch RewardError.refused(let refusal) {
            let member = request.account.id
            let facts = try await request.platform.store.read { try CentreRewardFacts.load(member, $0) }
            return try await answer(request, problem: facts.reason(refusal, reward, request))
        } catch RewardError.keyReused {
            return try await answer(request, problem: request.text("centre.sent_before"))
        }
    }

    private static func answer(_ request: CentreRequest, problem: String? = nil) async throws -> CentreReply {
        let (id, member, now) = (try request.id("reward"), request.account.id, request.now)
        let (offer, facts) = try await request.platform.store.read { connection in
            let offers = try RewardClaims.offers(to: member, at: now, connection)
            guard let offer = offers.first(where: { $0.reward.id == id }) else { throw RewardError.notFound(id) }
            return (offer, try CentreRewardFacts.load(member, connection))
        }
        let definition = offer.reward.definition
        let words = RewardWords(facts.money.currencies, request.wording)
        let available = facts.money.account.balances[definition.currency]?.available ?? 0
        let model = CentreRewardModel(
            id: String(id), name: definition.name(request.wording.language),
            text: definition.text(request.wording.language), price: words.price(definition),
            stock: stock(offer.reward, request), who: facts.who(definition, request),
            isAvailable: offer.refusals.isEmpty,
            reasons: offer.refusals.map { facts.reason($0, offer.reward, request) },
            isShipped: definition.fulfilment == .shipped,
            money: definition.money > 0
                ? request.text("centre.money_due", ["money": request.wording.money(definition.money)]) : nil,
            after: request.text(
                "centre.left_after",
                ["amount": words.points.full(available - definition.points, definition.currency)]),
            recipient: request.form["name"] ?? request.session.name ?? "", phone: request.form.text("phone"),
            address: request.form.text("address"), key: problem == nil ? request.newKey() : request.form.text("key"),
            problem: problem)
        return .page(
            CentrePage(
                "reward", title: model.name, place: "rewards", back: "/m/rewards", model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func stock(_ reward: Reward, _ request: CentreRequest) -> String? {
        reward.stock.map { request.text("centre.stock_left", count: $0) }
    }
}

/// What it takes to say why a reward cannot be had.
struct CentreRewardFacts: Sendable {
    var money: CentreMoney
    var ladder: TierLadder?

    /// Throws: `StorageError`.
    static func load(_ member: Int64, _ connection: any SQLConnection) throws -> CentreRewardFacts {
        CentreRewardFacts(
            money: try CentreMoney.load(member, connection), ladder: try TierLadders.current(connection)?.ladder)
    }

    func reason(_ refusal: RewardRefusal, _ reward: Reward, _ request: CentreRequest) -> String {
        var values: [String: String] = [:]
        switch refusal {
        case .notYet(let from): values["date"] = request.wording.date(from)
        case .tier(let codes): values["tiers"] = names(codes, request)
        case .insufficient(let available, let wanted):
            let words = PointsWords(money.currencies, request.wording)
            values["amount"] = words.full(wanted - available, reward.definition.currency)
        default: break
        }
        return request.text("centre.refused_\(refusal.code)", values)
    }

    func who(_ definition: RewardDefinition, _ request: CentreRequest) -> String {
        var named = definition
        named.tiers = definition.tiers.map { ladder?.name($0, request.wording.language) ?? $0 }
        return RewardWords(money.currencies, request.wording).who(named)
    }

    private func names(_ codes: [String], _ request: CentreRequest) -> String {
        codes.map { ladder?.name($0, request.wording.language) ?? $0 }
            .joined(separator: request.text("points.and"))
    }
}
