/// Tells a webhook that somebody is here: a signed message, type `journey.reached`. Where what it answers is asked for, it
/// waits for that: ways by what was answered, and values kept with the run.
struct WebhookNode: JourneyNode {
    static let kind = "webhook"
    static let fork = JourneyFork.answers
    static let answers = ["answered", "failed"]
    static let form = CriteriaForm(
        "deeds", "通知 Webhook", "Tell a webhook",
        [
            .init("webhook", "webhook", "Webhook", "webhook"),
            .init("keep", "texts", "保留应答中的字段", "keep of the answer"),
        ] + JourneyForms.span("应答最多等", "answer within"))

    var webhook: Int64
    /// `name` or `name=where.it.stands`.
    var keep: [String]
    var span: JourneySpan

    init(_ reader: CriteriaReader) {
        webhook = JourneyReading.id(reader, "webhook")
        let isEmpty = reader.value("keep")?.arrayValue?.isEmpty ?? false
        keep = reader.has("keep") && !isEmpty ? reader.texts("keep") : []
        if keep.count > JourneyQuestion.keptMax {
            reader.note("keep", .tooMany("values", limit: JourneyQuestion.keptMax))
        }
        if !keep.allSatisfy(JourneyQuestion.isKeepable) {
            reader.note("keep", .wrongType(expected: "names, each alone or as name=where.it.stands"))
        }
        span = JourneySpan(reader, orElse: JourneySpan(1, .hours))
    }

    var json: [String: JSONValue] {
        var members = span.json
        members["webhook"] = JSONValue(id: webhook)
        if !keep.isEmpty { members["keep"] = .array(keep.map { .string($0) }) }
        return members
    }
    var references: Set<JourneyReference> { [.webhook(webhook)] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        if world.webhooks[webhook] == nil {
            note("webhook", .told(chinese: "请选择一个 Webhook", english: "Choose a webhook"))
        }
        let known = Set(keep.compactMap { $0.split(separator: "=").first.map(String.init) } + ["status"])
        for (place, path) in step.paths.enumerated() {
            for test in path.answer?.tests ?? [] where !known.contains(test.name) {
                note("paths[\(place)].where", .unknownChoice(test.name, allowed: known.sorted()))
            }
        }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        guard let url = phrases.world.webhooks[webhook] else {
            return phrases.language("通知 Webhook（未选择）", "Tell a webhook (none is chosen)")
        }
        return phrases.language("通知 \(url)", "Tell \(url)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        let waits = !visit.step.paths.isEmpty || !keep.isEmpty
        if let refusal = visit.refusal {
            let note = "refused:" + refusal
            return waits ? .path(nil, note: note) : .next(note: note)
        }
        let effects = [JourneyEffect(.webhook(webhook, answer: waits ? keep : nil), visit)]
        return waits
            ? .wait(until: visit.now.adding(milliseconds: span.milliseconds), effects) : .next(effects, note: "done")
    }

    func wake(_ visit: JourneyVisit) -> JourneyMove { visit.answered }
}
