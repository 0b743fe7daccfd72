/// A journey: who comes in and how often, what ends it early, and a tree of nodes.
///
/// JSON: `{"version":1,"entry":{…},"who":{…},"reentry":{…},"goal":{…},"exit":{…},"steps":[…]}`. The steps of a list follow
/// each other; a node with several ways holds a list for each, and all of them go on behind it.
package struct JourneyDefinition: Sendable {
    package var entry: JourneyTrigger
    /// Whom of those the entry lets in.
    package var criteria: Criteria?
    package var reentry: JourneyReentry
    package var goal: JourneyAim?
    package var exit: JourneyAim?
    package var steps: [JourneyStep]

    package static let version: Int64 = 1

    /// Reads JSON. Throws: `JourneyError.invalid` with everything that is wrong.
    package init(parsing text: String) throws { try self.init(json: try Self.parsed(text)) }

    package init(json: JSONValue) throws {
        var issues: [JourneyIssue] = []
        self.init(json, noting: &issues)
        guard issues.isEmpty else { throw JourneyError.invalid(issues) }
    }

    /// As much of a drawing as can be read so far, with what is missing or wrong: only to be shown, never to run.
    /// Throws: `JourneyError.invalid` when it is not even JSON.
    package static func sketch(_ text: String) throws -> (definition: JourneyDefinition, issues: [JourneyIssue]) {
        var issues: [JourneyIssue] = []
        let definition = JourneyDefinition(try parsed(text), noting: &issues)
        return (definition, issues)
    }

    /// What a draft keeps of a drawing: the definition where it can be read whole, else what was drawn, as it stands. A node
    /// may want for something; what nobody could show or go on with is refused. Throws: `JourneyError.invalid` when it is no
    /// JSON of this shape and size: no entry, another version, members or kinds of nodes that are unknown, nodes without ids.
    static func drawn(_ text: String) throws -> String {
        let (definition, issues) = try sketch(text)
        guard !issues.contains(where: \.isOfShape) else { throw JourneyError.invalid(issues) }
        return issues.isEmpty ? definition.text : try parsed(text).text()
    }

    /// What keeps a stored definition from being published: what is missing, or else what does not fit the workspace.
    /// Throws: `JourneyError.invalid` when it is not even JSON.
    package static func issues(of text: String, _ world: JourneyWorld) throws -> [JourneyIssue] {
        let (definition, issues) = try sketch(text)
        return issues.isEmpty ? definition.issues(world) : issues
    }

    private static func parsed(_ text: String) throws -> JSONValue {
        guard text.utf8.count <= JourneyLimits.bytes else {
            throw JourneyError.invalid([
                JourneyIssue("", CriteriaIssue("", .tooMany("bytes", limit: JourneyLimits.bytes)))
            ])
        }
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw JourneyError.invalid([JourneyIssue("", CriteriaIssue("", .notJSON("\(error)")))])
        }
    }

    private init(_ json: JSONValue, noting issues: inout [JourneyIssue]) {
        let notes = CriteriaNotes()
        let reader = CriteriaReader(json, "", notes)
        if reader.whole("version", in: 1...Int64.max, orElse: Self.version) != Self.version {
            notes.add("version", .version(reader.whole("version", in: 1...Int64.max)))
        }
        entry = .request
        if let own = reader.child("entry") {
            entry = JourneyTrigger(own)
            own.finish()
        } else {
            notes.add("entry", .missing("entry"))
        }
        criteria = JourneyReading.criteria(reader, "who")
        reentry = reader.child("reentry").map(JourneyReentry.init) ?? .afterExit
        goal = reader.child("goal").map(JourneyAim.init)
        exit = reader.child("exit").map(JourneyAim.init)
        var inner = JourneyStepReader()
        steps = inner.steps(reader.value("steps"), depth: 1, in: "")
        reader.finish()
        let own = notes.issues.map { issue in
            let path = issue.path.hasPrefix(".") ? String(issue.path.dropFirst()) : issue.path
            return JourneyIssue("", CriteriaIssue(path, issue.reason))
        }
        issues = own + inner.issues
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "version": .integer(Self.version), "entry": .object(entry.json), "reentry": reentry.json,
            "steps": .array(steps.map(\.json)),
        ]
        if let criteria { members["who"] = criteria.root.json }
        if let goal { members["goal"] = goal.json }
        if let exit { members["exit"] = exit.json }
        return .object(members)
    }

    package var text: String { json.text() }

    /// Every node, from the top, with how deep it stands.
    package func visit(_ body: (JourneyStep, _ depth: Int) -> Void) {
        func walk(_ steps: [JourneyStep], _ depth: Int) {
            for step in steps {
                body(step, depth)
                for path in step.paths { walk(path.steps, depth + 1) }
                walk(step.otherwise, depth + 1)
            }
        }
        walk(steps, 0)
    }

    /// Whether anything counts as its goal: what ends it early, or a node that says so.
    package var hasGoal: Bool {
        var has = goal != nil
        visit { step, _ in has = has || step.node is GoalNode }
        return has
    }

    /// Every condition with the node that asks it; empty: the journey itself.
    var conditions: [(node: String, path: String, criteria: Criteria)] {
        var found: [(String, String, Criteria)] = []
        for (path, criteria) in [("who", criteria), ("goal.where", goal?.criteria), ("exit.where", exit?.criteria)] {
            if let criteria { found.append(("", path, criteria)) }
        }
        visit { step, _ in
            for (index, path) in step.paths.enumerated() {
                if let criteria = path.criteria { found.append((step.id, "paths[\(index)].where", criteria)) }
            }
        }
        return found
    }

    var needsFacts: Bool { !conditions.isEmpty }
}

/// How often one person may come in.
package enum JourneyReentry: Sendable, Equatable {
    case never
    case afterExit
    case afterDays(Int64)
    /// Several at once, each for something else: a property of the event, such as `order_id`.
    case perKey(String)

    init(_ reader: CriteriaReader) {
        switch reader.text("kind") {
        case "never": self = .never
        case "after_days": self = .afterDays(reader.whole("days", in: 1...3_650))
        case "per_key": self = .perKey(reader.text("key"))
        case "after_exit": self = .afterExit
        case let word:
            self = .afterExit
            if !word.isEmpty {
                let allowed = ["never", "after_exit", "after_days", "per_key"]
                reader.note("kind", .unknownChoice(word, allowed: allowed))
            }
        }
        reader.finish()
    }

    var json: JSONValue {
        switch self {
        case .never: ["kind": "never"]
        case .afterExit: ["kind": "after_exit"]
        case .afterDays(let days): ["kind": "after_days", "days": .integer(days)]
        case .perKey(let key): ["kind": "per_key", "key": .string(key)]
        }
    }

    package func words(_ language: CriteriaLanguage) -> String {
        switch self {
        case .never: language("每人一生一次", "once in a lifetime")
        case .afterExit: language("离开后可再次进入", "again after leaving")
        case .afterDays(let days): language("每 \(days) 天最多一次", "at most once in \(EnglishCount.text(days, "day"))")
        case .perKey(let key): language("按“\(key)”各走一次，可同时进行", "once for each “\(key)”, several at a time")
        }
    }
}
