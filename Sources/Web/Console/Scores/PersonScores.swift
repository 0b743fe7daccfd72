import Engine
import Storage

/// The scores of one person, on their page, with a receipt for every point.
struct PersonScoresModel: PageModel {
    struct Score: Encodable, Sendable {
        var href: String
        var name: String
        var total: String
        var grade: String
        var fit: String
        var engagement: String
        var receipts: [Receipt]
        var hasReceipts: Bool
        /// Said when not all of them are shown.
        var more: String?
    }

    struct Receipt: Encodable, Sendable {
        var title: String
        var detail: String
        var points: String
    }

    var scores: [Score]
    var isEmpty: Bool
}

enum PersonScores {
    private static let receiptsShown = 60

    static func panel(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let (models, world) = try await request.platform.store.read {
            (try ScoreModels.list($0), try CriteriaWorld.load($0))
        }
        let phrases = CriteriaPhrases(CriteriaLanguage(request.wording.language), world)
        var scores: [PersonScoresModel.Score] = []
        for model in models {
            let told = try await ScoreExplanation.load(id, model: model.id, request.platform)
            scores.append(score(told, phrases, request))
        }
        return .panel(
            template: "scores/person", model: PersonScoresModel(scores: scores, isEmpty: scores.isEmpty))
    }

    private static func score(
        _ told: ScoreExplanation, _ phrases: CriteriaPhrases, _ request: PageRequest
    ) -> PersonScoresModel.Score {
        let rules = Dictionary((told.model.rules ?? told.definition).rules.map { ($0.id, $0) }) { first, _ in first }
        let receipts = told.card.receipts.reversed()
        return PersonScoresModel.Score(
            href: "/scores/\(told.model.id)", name: told.model.name, total: ScoreWords.points(told.card.total),
            grade: told.grade.rawValue, fit: ScoreWords.points(told.card.fit),
            engagement: ScoreWords.points(told.card.engagement),
            receipts: receipts.prefix(receiptsShown).map { receipt in
                PersonScoresModel.Receipt(
                    title: rules[receipt.ruleID]?.title(phrases) ?? receipt.ruleID,
                    detail: detail(receipt, rules[receipt.ruleID], request),
                    points: (receipt.points > 0 ? "+" : "") + ScoreWords.points(receipt.points))
            }, hasReceipts: !told.card.receipts.isEmpty,
            more: receipts.count > receiptsShown
                ? request.text(
                    "score.more_receipts",
                    [
                        "count": String(receipts.count - receiptsShown),
                        "points": ScoreWords.points(receipts.dropFirst(receiptsShown).reduce(0) { $0 + $1.points }),
                    ]) : nil)
    }

    /// `Nov 3 · 4 × 1 · limited to 3 · 50% left`.
    private static func detail(_ receipt: ScoreReceipt, _ rule: ScoreRule?, _ request: PageRequest) -> String {
        var parts: [String] = []
        if let day = receipt.day {
            parts.append(
                day == FeatureState.foldedDay ? request.text("score.long_ago") : LocalCalendar.text(ofDay: day))
        } else {
            parts.append(request.text("score.holds_now"))
        }
        if let rule { parts.append("\(receipt.count) × \(ScoreWords.points(rule.points))") }
        if receipt.counted != receipt.earned {
            parts.append(request.text("score.limited", ["points": ScoreWords.points(receipt.counted)]))
        }
        if receipt.weight != ScoreDecay.one {
            let share = Double(receipt.weight) / Double(ScoreDecay.one)
            parts.append(request.text("score.left", ["share": request.wording.percent(share)]))
        }
        if receipt.cut != 0 { parts.append(request.text("score.cut", ["points": ScoreWords.points(receipt.cut)])) }
        return parts.joined(separator: " · ")
    }
}
