/// Gives the brand's own people something to do about a person, and may wait until it is done or skipped.
struct TaskNode: JourneyNode {
    static let kind = "task"
    static let fork = JourneyFork.answers
    static let answers = [StaffTask.State.done.rawValue, StaffTask.State.skipped.rawValue]
    static let form = CriteriaForm(
        "deeds", "内部任务", "Task for the team",
        [
            .init("title", "text", "要做什么", "what to do"), .init("text", "text", "说明", "details"),
            .init("role", "choice", "由谁", "for", choices: StaffTask.roleChoices),
            .init(
                "mail", "choice", "邮件通知", "by mail, too",
                choices: [.init("false", "否", "no"), .init("true", "是", "yes")]),
        ] + JourneyForms.span("期限", "within"))

    var title: String
    var text: String
    /// Empty: everybody's.
    var role: String
    var isMailed: Bool
    var span: JourneySpan

    init(_ reader: CriteriaReader) {
        title = reader.text("title")
        text = reader.value("text")?.stringValue ?? ""
        if text.utf8.count > StaffTaskLimits.textBytes {
            reader.note("text", .tooMany("bytes", limit: StaffTaskLimits.textBytes))
        }
        role = reader.value("role")?.stringValue ?? ""
        if !role.isEmpty, Role(rawValue: role) == nil {
            reader.note("role", .unknownChoice(role, allowed: Role.allCases.map(\.rawValue)))
        }
        isMailed = reader.value("mail")?.boolValue ?? false
        span = JourneySpan(reader, orElse: JourneySpan(3, .days))
    }

    var json: [String: JSONValue] {
        var members = span.json
        members["title"] = .string(title)
        if !text.isEmpty { members["text"] = .string(text) }
        if !role.isEmpty { members["role"] = .string(role) }
        members["mail"] = .bool(isMailed)
        return members
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let within = span.words(phrases.language)
        return phrases.language("请团队“\(title)”，\(within)内", "Ask the team: “\(title)”, within \(within)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        let due = visit.now.adding(milliseconds: span.milliseconds)
        let draft = StaffTask.Draft(
            title: title, text: text, role: role, isMailed: isMailed, due: due, isAwaited: !visit.step.paths.isEmpty)
        let effects = [JourneyEffect(.task(draft), visit)]
        return visit.step.paths.isEmpty ? .next(effects, note: "asked") : .wait(until: due, effects)
    }

    func wake(_ visit: JourneyVisit) -> JourneyMove { visit.answered }
}
