import Engine
import Storage

/// What every ledger of every currency adds up to: together nothing.
struct TrialBalanceModel: PageModel {
    struct Currency: Encodable, Sendable {
        var name: String
        var members: [Line]
        var brand: [Line]
        var owed: String
        var isBalanced: Bool
        var sum: String
    }

    struct Line: Encodable, Sendable {
        var ledger: String
        var meaning: String
        var amount: String
    }

    struct Head: Encodable, Sendable {
        var day: String
        var head: String
        var transactions: String
    }

    var currencies: [Currency]
    var isEmpty: Bool
    var heads: [Head]
    var hasHeads: Bool
}

enum TrialBalancePage {
    private static let headsShown = 14

    static func show(_ request: PageRequest) async throws -> Reply {
        let (totals, currencies, heads) = try await request.platform.store.read { connection in
            (
                try PointsVerification.trialBalance(connection), try PointsCurrencies.list(connection).map(\.currency),
                try PointsHeads.list(limit: headsShown, connection)
            )
        }
        let words = PointsWords(currencies, request.wording)
        let model = TrialBalanceModel(
            currencies: totals.sorted { $0.key < $1.key }.map { code, ledgers in
                func lines(_ wanted: [Ledger]) -> [TrialBalanceModel.Line] {
                    wanted.compactMap { ledger in
                        ledgers[ledger].map {
                            TrialBalanceModel.Line(
                                ledger: words.ledger(ledger),
                                meaning: request.text("points.means_\(ledger.rawValue)"),
                                amount: words.amount($0, code))
                        }
                    }
                }
                let owed = Ledger.allCases.filter(\.isMembers).reduce(Int64(0)) { $0 + (ledgers[$1] ?? 0) }
                let sum = ledgers.values.reduce(0, +)
                return TrialBalanceModel.Currency(
                    name: words.name(code), members: lines(Ledger.allCases.filter(\.isMembers)),
                    brand: lines(Ledger.issuers), owed: words.full(owed, code), isBalanced: sum == 0,
                    sum: words.amount(sum, code))
            }, isEmpty: totals.isEmpty,
            heads: heads.map {
                TrialBalanceModel.Head(
                    day: LocalCalendar.text(ofDay: $0.day), head: $0.head,
                    transactions: request.wording.number($0.transactions))
            }, hasHeads: !heads.isEmpty)
        return .page(
            Page(
                "points/trial-balance", title: request.text("points.trial_balance"),
                crumbs: [Crumb(request.text("points.title"), "/points")], model: model))
    }
}
