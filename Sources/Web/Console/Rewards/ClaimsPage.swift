import Engine
import Storage

/// Claims on rewards, to be served.
struct ClaimsModel: PageModel {
    var states: [Choice]
    var rewards: [Choice]
    var table: TableModel?
    var isEmpty: Bool
    var isNothingFound: Bool
    var problem: String?
}

enum ClaimsPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        let (query, before) = (request.query, request.query.int("before"))
        let state = RewardClaim.State(rawValue: query.text("state"))
        let reward = query.int("reward")
        let member = query.int("member")
        let found = try await request.platform.store.read { connection in
            let filter = RewardClaimRows.Filter(states: state.map { [$0] } ?? [], reward: reward, account: member)
            let claims = try RewardClaimRows.list(filter, before: before, limit: rows + 1, connection)
            return (
                claims: claims, rewards: try Rewards.list(connection),
                currencies: try PointsCurrencies.list(connection).map(\.currency),
                names: try AccountNames.load(claims.map(\.account), connection)
            )
        }
        let words = RewardWords(found.currencies, request.wording)
        let shown = Array(found.claims.prefix(rows))
        var table: TableModel?
        if !shown.isEmpty {
            var list = self.table(shown, found.rewards, found.names, words, request)
            list.next =
                found.claims.count > rows
                ? shown.last.map { "/rewards/claims?" + query.query(changing: ["before": String($0.id)]) } : nil
            list.first = before == nil ? nil : "/rewards/claims?" + query.query(changing: ["before": nil])
            table = list.finished()
        }
        let isFiltered = query.pairs.contains { !$0.value.isEmpty }
        let model = ClaimsModel(
            states: [Choice("", request.text("reward.any_state"), chosen: state?.rawValue ?? "")]
                + RewardClaim.State.allCases.map {
                    Choice($0.rawValue, words.state($0), chosen: state?.rawValue ?? "")
                },
            rewards: [Choice("", request.text("reward.any_reward"), chosen: query.text("reward"))]
                + found.rewards.map {
                    Choice(
                        String($0.id), $0.definition.name(request.wording.language), chosen: query.text("reward"))
                },
            table: table, isEmpty: shown.isEmpty && !isFiltered, isNothingFound: shown.isEmpty && isFiltered,
            problem: nil)
        return .page(
            Page(
                "rewards/claims", title: request.text("reward.claims"),
                crumbs: [Crumb(request.text("reward.title"), "/rewards")], model: model))
    }

    static func table(
        _ claims: [RewardClaim], _ rewards: [Reward], _ names: AccountNames, _ words: RewardWords,
        _ request: PageRequest
    ) -> TableModel {
        func column(_ key: String, _ style: String = "") -> TableModel.Column {
            TableModel.Column(key: key, title: request.text("reward.column_\(key)"), style: style)
        }
        let known = Dictionary(rewards.map { ($0.id, $0.definition) }) { first, _ in first }
        let seesPeople = request.user.role.may(.readPeople)
        var table = TableModel(
            "claims", title: request.text("reward.claims"),
            columns: [
                column("claim"), column("member"), column("quantity", "num"), column("price"), column("state"),
                column("time"),
            ],
            rows: claims.map { claim in
                let name = known[claim.rewardID]?.name(request.wording.language) ?? String(claim.rewardID)
                return TableModel.Row(
                    id: String(claim.id), href: "/rewards/claims/\(claim.id)", name: name,
                    cells: [
                        TableModel.Cell("claim", name, style: "strong", href: "/rewards/claims/\(claim.id)"),
                        TableModel.Cell(
                            "member", names.name(claim.account, seesPeople: seesPeople, request.wording),
                            href: "/members/\(claim.account)"),
                        TableModel.Cell("quantity", request.wording.number(claim.quantity)),
                        TableModel.Cell(
                            "price", words.price(points: claim.points, claim.currency, money: claim.money),
                            style: "nowrap"),
                        TableModel.Cell("state", words.state(claim.state), chip: words.tone(claim.state)),
                        TableModel.Cell("time", request.wording.dateTime(claim.requestedAt), style: "soft nowrap"),
                    ])
            })
        table.summary = request.text("points.newest", count: Int64(claims.count))
        return table
    }
}
