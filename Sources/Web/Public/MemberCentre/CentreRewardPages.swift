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
    /// Whose points pay; empty of who is in no pool.
    var payers: [CentrePayer]
    var hasPayers: Bool
}

/// The member's own points, or those of their pool.
struct CentrePayer: Encodable, Sendable {
    var title: String
    var href: String
    /// `true` where it is chosen.
    var current: String?

    /// Both, where the member may spend of a pool and the brand shows pools.
    static func all(_ path: String, isOfPool: Bool, _ pool: PointsPool?, _ request: CentreRequest) -> [CentrePayer] {
        guard let pool else { return [] }
        let name = PoolWords([], request.wording).name(pool)
        return [
            CentrePayer(title: request.text("centre.pay_own"), href: path, current: isOfPool ? nil : "true"),
            CentrePayer(title: name, href: path + "?pool=1", current: isOfPool ? "true" : nil),
        ]
    }
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
    var payers: [CentrePayer]
    var hasPayers: Bool
    /// `1` where the pool pays.
    var pool: String?
}

enum CentreRewardPages {
    private static func isOfPool(_ request: CentreRequest) -> Bool {
        (request.query["pool"] ?? request.form["pool"]) == "1" && request.settings.shows(.pool)
    }

    static func list(_ request: CentreRequest) async throws -> CentreReply {
        let (member, now, isOfPool) = (request.account.id, request.now, isOfPool(request))
        let showsPool = request.settings.shows(.pool)
        let (offers, facts) = try await request.platform.store.read { connection in
            (
                try RewardClaims.offers(to: member, isOfPool: isOfPool, at: now, connection),
                try CentreRewardFacts.load(member, showsPool: showsPool, connection)
            )
        }
        let words = RewardWords(facts.money.currencies, request.wording)
        let rows = offers.map { offer in
            CentreRewardsModel.Row(
                href: "/m/rewards/\(offer.reward.id)" + (isOfPool ? "?pool=1" : ""),
                name: offer.reward.definition.name(request.wording.language),
                price: words.price(offer.reward.definition), stock: stock(offer.reward, request),
                isAvailable: offer.refusals.isEmpty,
                reasons: offer.refusals.map { facts.reason($0, offer.reward, request) })
        }
        let model = CentreRewardsModel(
            rows: rows, isEmpty: rows.isEmpty, balances: facts.paying(isOfPool).balances(request, lapses: 0),
            payers: CentrePayer.all("/m/rewards", isOfPool: isOfPool, facts.pool, request),
            hasPayers: facts.pool != nil)
        return .page(
            CentrePage("rewards", title: request.text("centre.place_rewards"), place: "rewards", model: model))
    }

    static func one(_ request: CentreRequest) async throws -> CentreReply { try await answer(request) }

    static func claim(_ request: CentreRequest) async throws -> CentreReply {
        let (id, form, isOfPool) = (try request.id("reward"), request.form, isOfPool(request))
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
                id, delivery: delivery, isOfPool: isOfPool, key: form.text("key"), request.session,
                request.platform)
            return .redirect(to: "/m/claims/\(claim.id)", notice: "centre.claimed")
        } catch RewardError.refused(let refusal) {
            let member = request.account.id
            let facts = try await request.platform.store.read { try CentreRewardFacts.load(member, $0) }
            return try await answer(request, problem: facts.reason(refusal, reward, request))
        } catch RewardError.keyReused {
            return try await answer(request, problem: request.text("centre.sent_before"))
        } catch is PoolError {
            return try await answer(request, problem: request.text("pool.refused_may_spend"))
        }
    }

    private static func answer(_ request: CentreRequest, problem: String? = nil) async throws -> CentreReply {
        let (id, member, now) = (try request.id("reward"), request.account.id, request.now)
        let (isOfPool, showsPool) = (isOfPool(request), request.settings.shows(.pool))
        let (offer, facts) = try await request.platform.store.read { connection in
            let offers = try RewardClaims.offers(to: member, isOfPool: isOfPool, at: now, connection)
            guard let offer = offers.first(where: { $0.reward.id == id }) else { throw RewardError.notFound(id) }
            return (offer, try CentreRewardFacts.load(member, showsPool: showsPool, connection))
        }
        let definition = offer.reward.definition
        let words = RewardWords(facts.money.currencies, request.wording)
        let available = facts.paying(isOfPool).account.balances[definition.currency]?.available ?? 0
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
            problem: problem,
            payers: CentrePayer.all("/m/rewards/\(id)", isOfPool: isOfPool, facts.pool, request),
            hasPayers: facts.pool != nil, pool: isOfPool ? "1" : nil)
        return .page(
            CentrePage(
                "reward", title: model.name, place: "rewards", back: "/m/rewards" + (isOfPool ? "?pool=1" : ""),
                model: model,
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
    /// That the member may spend of, and what it has.
    var pool: PointsPool?
    var pooled: CentreMoney?

    /// Throws: `StorageError`.
    static func load(
        _ member: Int64, showsPool: Bool = false, _ connection: any SQLConnection
    ) throws -> CentreRewardFacts {
        let money = try CentreMoney.load(member, connection)
        let pool = showsPool ? try PointsPools.of(member, connection) : nil
        let spends = pool?.member(member)?.maySpend == true
        return CentreRewardFacts(
            money: money, ladder: try TierLadders.current(connection)?.ladder, pool: spends ? pool : nil,
            pooled: try pool.map { try CentreMoney.load(pool: $0.id, money.currencies, connection) })
    }

    /// Whose points pay.
    func paying(_ isOfPool: Bool) -> CentreMoney { isOfPool ? pooled ?? money : money }

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
