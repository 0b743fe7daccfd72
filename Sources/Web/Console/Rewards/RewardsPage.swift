import Engine
import Storage

/// The catalogue, and how claims on it stand.
struct RewardsModel: PageModel {
    var figures: [FigureModel]
    var table: TableModel?
    var isEmpty: Bool
    var mayManage: Bool
    /// There is something that points buy things with.
    var hasCurrency: Bool
}

enum RewardsPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let found = try await request.platform.store.read { connection in
            (
                rewards: try Rewards.list(connection), counts: try RewardClaimRows.counts(connection),
                currencies: try PointsCurrencies.list(connection).map(\.currency)
            )
        }
        let words = RewardWords(found.currencies, request.wording)
        let table = found.rewards.isEmpty ? nil : table(found.rewards, words, request)
        let model = RewardsModel(
            figures: RewardClaim.State.open.map { state in
                FigureModel(
                    words.state(state), request.wording.number(found.counts[state] ?? 0),
                    href: "/rewards/claims?state=\(state.rawValue)")
            }, table: table, isEmpty: found.rewards.isEmpty, mayManage: request.user.role.may(.manageLoyalty),
            hasCurrency: found.currencies.contains(where: \.isSpendable))
        return .page(Page("rewards/page", title: request.text("reward.title"), model: model))
    }

    private static func table(_ rewards: [Reward], _ words: RewardWords, _ request: PageRequest) -> TableModel {
        func column(_ key: String, _ style: String = "") -> TableModel.Column {
            TableModel.Column(key: key, title: request.text("reward.column_\(key)"), style: style)
        }
        var table = TableModel(
            "rewards", title: request.text("reward.title"),
            columns: [
                column("name"), column("price"), column("stock", "num"), column("claimed", "num"), column("who"),
                column("state"),
            ],
            rows: rewards.map { reward in
                let definition = reward.definition
                let name = definition.name(request.wording.language)
                let (tone, state) = words.standing(reward, at: request.now)
                return TableModel.Row(
                    id: String(reward.id), href: "/rewards/\(reward.id)", name: name,
                    cells: [
                        TableModel.Cell(
                            "name", name, style: "strong", href: "/rewards/\(reward.id)",
                            note: request.text("reward.by_\(definition.fulfilment.rawValue)")),
                        TableModel.Cell("price", words.price(definition), style: "nowrap"),
                        TableModel.Cell(
                            "stock", reward.stock.map { request.wording.number($0) } ?? request.text("reward.endless")),
                        TableModel.Cell("claimed", request.wording.number(reward.claimed)),
                        TableModel.Cell("who", words.who(definition), style: "soft"),
                        TableModel.Cell("state", state, chip: tone),
                    ])
            })
        table.summary = request.text("reward.count", count: Int64(rewards.count))
        table.savesShown = true
        return table.finished()
    }
}

/// How rewards are spoken of.
struct RewardWords {
    let points: PointsWords
    let wording: Wording

    init(_ currencies: [PointsCurrency], _ wording: Wording) {
        points = PointsWords(currencies, wording)
        self.wording = wording
    }

    func state(_ state: RewardClaim.State) -> String { wording.text("reward.state_\(state.rawValue)") }

    func tone(_ state: RewardClaim.State) -> String {
        switch state {
        case .requested: "chip-warn"
        case .confirmed, .shipped, .issued: "chip-info"
        case .done: "chip-good"
        case .cancelled: "chip-bad"
        }
    }

    /// `300 points + ¥5.00`.
    func price(_ definition: RewardDefinition) -> String {
        price(points: definition.points, definition.currency, money: definition.money)
    }

    func price(points amount: Int64, _ currency: String, money: Int64) -> String {
        points.full(amount, currency) + (money > 0 ? " + " + wording.money(money) : "")
    }

    /// Who may have how many.
    func who(_ definition: RewardDefinition) -> String {
        var parts: [String] = []
        if !definition.tiers.isEmpty {
            parts.append(wording.text("reward.for_tiers", ["tiers": definition.tiers.joined(separator: ", ")]))
        }
        if let most = definition.memberMax {
            if let days = definition.memberDays {
                parts.append(wording.text("reward.limit_days", ["most": wording.number(most)], count: Int64(days)))
            } else {
                parts.append(wording.text("reward.limit_ever", count: most))
            }
        }
        return parts.isEmpty ? wording.text("reward.everybody") : parts.joined(separator: " · ")
    }

    func standing(_ reward: Reward, at now: Timestamp) -> (tone: String, text: String) {
        if !reward.isOffered { return ("chip-plain", wording.text("reward.withdrawn")) }
        if let from = reward.definition.from, now < from {
            return ("chip-info", wording.text("reward.from", ["date": wording.shortDate(from, now: now)]))
        }
        if let until = reward.definition.until, now >= until { return ("chip-plain", wording.text("reward.over")) }
        if reward.stock == 0 { return ("chip-bad", wording.text("reward.sold_out")) }
        return ("chip-good", wording.text("reward.offered"))
    }

    func problem(_ error: RewardError) -> String {
        switch error {
        case .invalid(let field, _):
            return wording.known("reward.invalid_\(field)") ?? wording.text("reward.invalid_definition")
        case .inUse: return wording.text("reward.in_use")
        case .stock(let left): return wording.text("reward.only_left", ["left": wording.number(left)])
        case .unpaid: return wording.text("reward.unpaid")
        case .step: return wording.text("reward.bad_step")
        case .tooMany(let limit): return wording.text("reward.too_many", ["limit": String(limit)])
        case .refused(let refusal): return wording.text("reward.refused_\(refusal.code)")
        case .keyReused: return wording.text("points.refused_key")
        case .note, .delivery: return wording.text("points.refused_note")
        case .quantity(let limit): return wording.text("reward.bad_quantity", ["limit": wording.number(limit)])
        case .notFound, .claimNotFound, .key: return wording.text("points.refused")
        }
    }
}
