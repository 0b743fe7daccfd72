/// Gives points, in the transaction of the step. Who is no member gets none and goes on.
struct PointsNode: JourneyNode {
    static let kind = "points"
    static let form = CriteriaForm(
        "deeds", "发放积分", "Give points",
        [.init("amount", "number", "数量", "how many"), .init("currency", "currency", "种类", "of")]
            + JourneyGift.form("分", "points"))

    var currency: String
    var amount: Int64
    var gift: JourneyGift

    init(_ reader: CriteriaReader) {
        currency = reader.text("currency")
        amount = reader.whole("amount", in: 1...JourneyLimits.points)
        gift = JourneyGift(reader)
    }

    var json: [String: JSONValue] {
        gift.json.merging(["currency": .string(currency), "amount": .integer(amount)]) { $1 }
    }
    var references: Set<JourneyReference> { [.currency(currency)] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        guard world.currencies[currency] == nil else { return }
        note("currency", .unknownChoice(currency, allowed: world.currencies.keys.sorted()))
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let name = phrases.currency(currency)
        return phrases.language(
            "发放 \(amount) \(name)", "Give \(amount) \(EnglishCount.name(name, afterOne: amount == 1))")
            + gift.words(phrases.language, name, one: EnglishCount.name(name, afterOne: true))
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        JourneyDeeds.done(.points(currency: currency, amount), visit, gift)
    }
}

/// What a node with one deed decides: done, or refused and why.
enum JourneyDeeds {
    static func done(
        _ deed: JourneyEffect.Deed, _ visit: JourneyVisit, _ gift: JourneyGift? = nil
    ) -> JourneyMove {
        if let refusal = visit.refusal { return .next(note: "refused:" + refusal) }
        var effect = JourneyEffect(deed, visit)
        effect.gift = gift
        return .next([effect], note: "done")
    }
}
