/// Gives points, in the transaction of the step. Who is no member gets none and goes on.
struct PointsNode: JourneyNode {
    static let kind = "points"
    static let form = CriteriaForm(
        "deeds", "发放积分", "Give points",
        [.init("amount", "number", "数量", "how many"), .init("currency", "currency", "种类", "of")])

    var currency: String
    var amount: Int64

    init(_ reader: CriteriaReader) {
        currency = reader.text("currency")
        amount = reader.whole("amount", in: 1...JourneyLimits.points)
    }

    var json: [String: JSONValue] { ["currency": .string(currency), "amount": .integer(amount)] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        guard world.currencies[currency] == nil else { return }
        note("currency", .unknownChoice(currency, allowed: world.currencies.keys.sorted()))
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let name = phrases.currency(currency)
        return phrases.language("发放 \(amount) \(name)", "Give \(amount) \(name)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        JourneyDeeds.done(.points(currency: currency, amount), visit)
    }
}

/// What a node with one deed decides: done, or refused and why.
enum JourneyDeeds {
    static func done(_ deed: JourneyEffect.Deed, _ visit: JourneyVisit) -> JourneyMove {
        if let refusal = visit.refusal { return .next(note: "refused:" + refusal) }
        return .next([JourneyEffect(deed, visit)], note: "done")
    }
}
