/// Sends a message, and may wait for what becomes of it.
struct MessageNode: JourneyNode {
    static let kind = "message"
    static let fork = JourneyFork.outcomes
    static let waits = false
    static let form = CriteriaForm(
        "deeds", "发送消息", "Send a message",
        [
            .init("template", "template", "模板", "template"), .init("topic", "text", "主题", "topic"),
            .init(
                "transactional", "choice", "",
                choices: [.init("false", "营销", "marketing"), .init("true", "服务通知", "transactional")]),
            .init("amount", "number", "结果最多等", "outcome within"),
            .init("unit", "choice", choices: JourneyForms.units),
        ])

    var template: Int64
    var topic: String
    var isTransactional: Bool
    var span: JourneySpan

    init(_ reader: CriteriaReader) {
        template = JourneyReading.id(reader, "template")
        topic = reader.value("topic")?.stringValue ?? ""
        isTransactional = reader.value("transactional")?.boolValue ?? false
        span = reader.has("amount") ? JourneySpan(reader) : JourneySpan(3, .days)
        if !reader.has("amount") { _ = reader.value("unit") }
    }

    var json: [String: JSONValue] {
        span.json.merging([
            "template": JSONValue(id: template), "topic": .string(topic), "transactional": .bool(isTransactional),
        ]) { $1 }
    }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        guard let templates = world.templates else {
            note("", .unusable("no channel can send messages here"))
            return
        }
        if templates[template] == nil { note("template", .unusable("there is no template \(template)")) }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let name = phrases.world.templates?[template] ?? String(template)
        return phrases.language("发送消息“\(name)”", "Send the message “\(name)”")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        let deed = JourneyEffect.Deed.message(template: template, topic: topic, isTransactional: isTransactional)
        let effects = [JourneyEffect(deed, visit)]
        if visit.step.paths.isEmpty { return .next(effects, note: "planned") }
        return .wait(until: visit.now.adding(milliseconds: span.milliseconds), effects)
    }

    /// The best that is known: a click decides at once, a way that asks for less decides when it is known and no better
    /// way is asked for, or when the time is over.
    func wake(_ visit: JourneyVisit) -> JourneyMove {
        let own = visit.facts.inputs.filter { event in
            JourneyOutcome.names.contains(event.name) && event.properties.first("run_id")?.text == String(visit.run.id)
                && event.properties.first("visit")?.text == String(visit.run.visit)
        }
        let names = Set(own.map(\.name))
        let asked = JourneyOutcome.allCases.compactMap { outcome in
            visit.step.paths.firstIndex { $0.outcome == outcome }.map { (outcome, $0) }
        }
        for (place, entry) in asked.enumerated() where !names.isDisjoint(with: entry.0.events) {
            let isSettled = entry.0 == .notSent || entry.0 == .bounced || place == 0 || visit.isDue
            guard isSettled else { break }
            return .path(entry.1, seen: own.last?.position, note: entry.0.rawValue)
        }
        return visit.isDue ? .path(nil, note: "timeout") : .wait(until: visit.timer)
    }
}
