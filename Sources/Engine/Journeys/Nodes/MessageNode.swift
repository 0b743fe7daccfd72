/// Sends a message, and may wait for what becomes of it.
struct MessageNode: JourneyNode {
    static let kind = "message"
    static let fork = JourneyFork.outcomes
    static let waits = false
    static let form = CriteriaForm(
        "deeds", "发送消息", "Send a message",
        [
            .init("template", "template", "模板", "template"), .init("topic", "topic", "主题", "topic"),
            .init(
                "transactional", "choice", "类型", "kind",
                choices: [.init("false", "营销", "marketing"), .init("true", "服务通知", "transactional")]),
            .init(
                "timing", "choice", "时间", "when",
                choices: [.init("", "立即", "at once"), .init("best_hour", "顾客的最佳时段", "in the person’s best hour")]),
            .init("fallback", "fallback", "无法送达时改用", "if it does not get through"),
            .init("fallback_2", "fallback", "再改用", "and then"),
        ] + JourneyForms.span("结果最多等", "outcome within"))

    var template: Int64
    var topic: String
    var isTransactional: Bool
    var span: JourneySpan
    var timing: MessageChoices.Timing
    /// Nil: those of the template.
    var fallback: Int64?
    var fallback2: Int64?

    init(_ reader: CriteriaReader) {
        template = JourneyReading.id(reader, "template")
        topic = reader.value("topic")?.stringValue ?? ""
        isTransactional = reader.value("transactional")?.boolValue ?? false
        span = JourneySpan(reader, orElse: JourneySpan(3, .days))
        let word = reader.value("timing")?.stringValue ?? ""
        timing = MessageChoices.Timing(rawValue: word) ?? .due
        if timing.rawValue != word {
            reader.note("timing", .unknownChoice(word, allowed: MessageChoices.Timing.allCases.map(\.rawValue)))
        }
        fallback = Self.template(reader, "fallback")
        fallback2 = Self.template(reader, "fallback_2")
    }

    private static func template(_ reader: CriteriaReader, _ field: String) -> Int64? {
        guard let value = reader.value(field), !value.isNull else { return nil }
        let id = value.stringValue.flatMap { Int64($0) }
        if id == nil { reader.note(field, .wrongType(expected: "the id of a template")) }
        return id
    }

    var json: [String: JSONValue] {
        var members = span.json.merging([
            "template": JSONValue(id: template), "topic": .string(topic), "transactional": .bool(isTransactional),
        ]) { $1 }
        if timing != .due { members["timing"] = .string(timing.rawValue) }
        if let fallback { members["fallback"] = JSONValue(id: fallback) }
        if let fallback2 { members["fallback_2"] = JSONValue(id: fallback2) }
        return members
    }

    private var choices: MessageChoices {
        let named = [fallback, fallback2].compactMap { $0 }
        return MessageChoices(timing: timing, fallbacks: named.isEmpty ? nil : named)
    }

    var references: Set<JourneyReference> { [.template(template)] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        guard let templates = world.templates else {
            note("", .told(chinese: "没有可以发送消息的渠道", english: "Nothing here can send messages"))
            return
        }
        for (field, id) in [("template", template), ("fallback", fallback), ("fallback_2", fallback2)] {
            guard let id, templates[id] == nil else { continue }
            note(field, .told(chinese: "请选择已发布的模板", english: "Choose a template that is published"))
        }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        guard let name = phrases.world.templates?[template] else {
            return phrases.language("发送消息（未选择已发布的模板）", "Send a message (no published template is chosen)")
        }
        let best = timing == .bestHour ? phrases.language("（最佳时段）", " in the person’s best hour") : ""
        let ways = [fallback, fallback2].compactMap { $0 }.map { phrases.world.templates?[$0] ?? String($0) }
        let round =
            ways.isEmpty
            ? ""
            : phrases.language(
                "，无法送达时改用“\(ways.joined(separator: "”、“"))”",
                ", or “\(ways.joined(separator: "”, “"))” if it does not get through")
        return phrases.language("发送消息“\(name)”\(best)\(round)", "Send the message “\(name)”\(best)\(round)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        let deed = JourneyEffect.Deed.message(
            template: template, topic: topic, isTransactional: isTransactional, choices)
        let effects = [JourneyEffect(deed, visit)]
        if visit.step.paths.isEmpty { return .next(effects, note: "planned") }
        return .wait(until: visit.now.adding(milliseconds: span.milliseconds), effects)
    }

    /// The best that is known: a click decides at once, a way that asks for less decides when it is known and no better
    /// way is asked for, or when the time is over.
    func wake(_ visit: JourneyVisit) -> JourneyMove {
        let own = visit.told(JourneyOutcome.names)
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
