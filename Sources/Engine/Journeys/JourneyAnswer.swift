import Storage

/// What somebody whom a node asked has to answer for a way to be taken.
///
/// JSON, among the fields of a path: `"answer":"answered","where":[{"property":"level","is":"equals","values":["gold"]}]`.
package struct JourneyAnswer: Sendable {
    /// One of the words of the node: `answered`, `failed`, `done`, `skipped`.
    package var word: String
    /// Of the values that came along, and of `status`; all have to pass.
    package var tests: [EventFilter.PropertyTest]

    init(_ reader: CriteriaReader, _ words: [String]) {
        word = reader.text("answer", orElse: words.first ?? "")
        if !words.contains(word) { reader.note("answer", .unknownChoice(word, allowed: words)) }
        tests = EventFilter.PropertyTest.list(reader, "where")
    }

    var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["answer": .string(word)]
        if !tests.isEmpty { members["where"] = .array(tests.map(\.json)) }
        return members
    }

    func matches(_ event: CriteriaEvent, _ clock: CriteriaClock) -> Bool {
        event.properties.first("answer")?.text == word
            && tests.allSatisfy { test in
                test.passes(event.properties, at: test.name == "status" ? "status" : "values.\(test.name)", clock)
            }
    }

    /// `title`: the word as people say it.
    package func words(_ title: String, _ language: CriteriaLanguage) -> String {
        guard !tests.isEmpty else { return title }
        let told = tests.map { $0.words(language) }.joined(separator: language("，且", " and "))
        return language("\(title)，\(told)", "\(title), \(told)")
    }
}

/// Which visit somebody was asked for, kept by whoever asks: a message to a webhook, a task.
package struct JourneyQuestion: Codable, Sendable, Equatable {
    package var journey: Int64
    package var run: Int64
    package var node: String
    package var visit: Int64
    package var profile: Int64
    /// What of the answer is kept: `name`, or `name=where.it.stands`.
    package var keep: [String]

    init(_ deed: JourneyEffect, keep: [String] = []) {
        journey = deed.journey
        run = deed.run
        node = deed.node
        visit = deed.visit
        profile = deed.profile
        self.keep = keep
    }

    static let keptMax = 20
    static let keptBytes = 1_000

    /// Whether a text says what is to be kept.
    static func isKeepable(_ text: String) -> Bool {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && parts.allSatisfy { !$0.isEmpty && $0.utf8.count <= 100 }
    }

    /// What is kept of an answer: scalars by name; longer texts are cut.
    func kept(of answer: JSONValue) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for text in keep.prefix(Self.keptMax) {
            let parts = text.split(separator: "=")
            guard let name = parts.first, let place = parts.last else { continue }
            let found = place.split(separator: ".").reduce(Optional(answer)) { value, part in value?[String(part)] }
            switch found {
            case .string(let long): values[String(name)] = .string(String(long.prefix(Self.keptBytes)))
            case .integer, .number, .bool: values[String(name)] = found
            default: continue
            }
        }
        return values
    }
}

/// What was answered to nodes that asked, on its way to the runs that wait for it.
enum JourneyAnswers {
    static let names: Set<String> = [StaffTasks.closed, WebhookOutbox.answered]

    /// Keeps what was answered with the run, under `answers.NODE`, where nodes and messages find it. A run that has left
    /// the node meanwhile, or that ended, stays as it is. Throws: `StorageError`.
    static func keep(
        _ values: [String: JSONValue], _ question: JourneyQuestion, _ connection: any SQLConnection
    ) throws {
        guard !values.isEmpty else { return }
        let row = try connection.first(
            """
            SELECT entry_values FROM journey_runs WHERE id = \(question.run) AND status <> 'ended'
                AND node = \(question.node) AND visit = \(question.visit)\(raw: connection.dialect.forUpdate)
            """)
        guard let row else { return }
        var members = try JSONValue(parsing: row.text(0)).objectValue ?? [:]
        var answers = members["answers"]?.objectValue ?? [:]
        answers[question.node] = .object(values)
        members["answers"] = .object(answers)
        let text = JSONValue.object(members).text()
        guard text.utf8.count <= JourneyLimits.valueBytes else { return }
        try connection.execute("UPDATE journey_runs SET entry_values = \(text) WHERE id = \(question.run)")
    }

    /// What is said of an answer.
    static func event(
        _ name: String, _ answer: String, _ question: JourneyQuestion, _ values: [String: JSONValue], at now: Timestamp,
        _ more: [String: JSONValue] = [:]
    ) -> SystemEvent {
        var properties: [String: JSONValue] = [
            "answer": .string(answer), "journey_id": JSONValue(id: question.journey),
            "run_id": JSONValue(id: question.run), "node": .string(question.node), "visit": .integer(question.visit),
            "values": .object(values),
        ]
        properties.merge(more) { _, new in new }
        return SystemEvent(
            name: name, profileID: question.profile, time: now, properties: JSONValue.object(properties).text())
    }
}
