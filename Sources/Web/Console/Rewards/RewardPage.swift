import Engine
import Storage

/// One reward: what it costs, who may have it, what is left, and the last claims.
struct RewardModel: PageModel {
    var id: String
    var state: String
    var tone: String
    var text: String
    var figures: [FigureModel]
    var facts: [PointsTransactionModel.Fact]
    var table: TableModel?
    var mayManage: Bool
    var isOffered: Bool
    var problem: String?
}

enum RewardPage {
    private static let claimsShown = 20

    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func stock(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("reward"), request.actor, request.now)
        guard let amount = request.form.int("amount"), amount != 0 else {
            return try await answer(request, problem: request.text("points.refused_form"))
        }
        return try await change(request, to: "/rewards/\(id)", "reward.stock_changed") {
            _ = try Rewards.changeStock(
                id, by: request.form.text("sign") == "-" ? -amount : amount, actor: actor, at: now, $0)
        }
    }

    static func offer(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("reward"), request.actor, request.now)
        let isOffered = request.form.text("offered") == "1"
        return try await change(
            request, to: "/rewards/\(id)", isOffered ? "reward.is_offered" : "reward.is_withdrawn"
        ) { connection in
            let reward = try Rewards.get(id, connection)
            _ = try Rewards.update(
                id, reward.definition, isOffered: isOffered, by: actor, at: now, connection)
        }
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("reward"), request.actor, request.now)
        return try await change(request, to: "/rewards", "reward.deleted") {
            try Rewards.delete(id, by: actor, at: now, $0)
        }
    }

    private static func change(
        _ request: PageRequest, to path: String, _ notice: String,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Void
    ) async throws -> Reply {
        do {
            try await request.platform.store.write { try body($0) }
        } catch RewardError.notFound {
            throw PageFailure.notFound
        } catch let error as RewardError {
            return try await answer(request, problem: RewardWords([], request.wording).problem(error))
        }
        return .redirect(to: path, notice: notice)
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("reward")
        let facts = try await found {
            try await request.platform.store.read { connection in
                let claims = try RewardClaimRows.list(
                    RewardClaimRows.Filter(reward: id), before: nil, limit: claimsShown, connection)
                return (
                    reward: try Rewards.get(id, connection), claims: claims,
                    currencies: try PointsCurrencies.list(connection).map(\.currency),
                    names: try AccountNames.load(claims.map(\.account), connection)
                )
            }
        }
        let (reward, wording) = (facts.reward, request.wording)
        let words = RewardWords(facts.currencies, wording)
        let definition = reward.definition
        let standing = words.standing(reward, at: request.now)
        func fact(_ key: String, _ value: String) -> PointsTransactionModel.Fact {
            PointsTransactionModel.Fact(name: request.text("reward.fact_\(key)"), value: value, href: nil)
        }
        let model = RewardModel(
            id: String(id), state: standing.text, tone: standing.tone, text: definition.text(wording.language),
            figures: [
                FigureModel(request.text("reward.column_price"), words.price(definition)),
                FigureModel(
                    request.text("reward.column_stock"),
                    reward.stock.map { wording.number($0) } ?? request.text("reward.endless")),
                FigureModel(
                    request.text("reward.column_claimed"), wording.number(reward.claimed),
                    href: "/rewards/claims?reward=\(id)"),
            ],
            facts: [
                fact("who", words.who(definition)),
                fact("fulfilment", request.text("reward.by_\(definition.fulfilment.rawValue)")),
                fact("from", definition.from.map { wording.dateTime($0) } ?? request.text("reward.at_once")),
                fact("until", definition.until.map { wording.dateTime($0) } ?? request.text("reward.until_withdrawn")),
            ],
            table: facts.claims.isEmpty
                ? nil : ClaimsPage.table(facts.claims, [reward], facts.names, words, request).finished(),
            mayManage: request.user.role.may(.manageLoyalty), isOffered: reward.isOffered, problem: problem)
        return .page(
            Page(
                "rewards/one", title: definition.name(wording.language),
                crumbs: [Crumb(request.text("reward.title"), "/rewards")], model: model,
                status: problem == nil ? .ok : .conflict))
    }

    static func found<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch RewardError.notFound, RewardError.claimNotFound {
            throw PageFailure.notFound
        }
    }
}
