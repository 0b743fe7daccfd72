/// One node of a journey as it stands in the tree: what it is, and the ways that lead on from it.
package struct JourneyStep: Sendable {
    package var id: String
    package var node: any JourneyNode
    package var paths: [JourneyPath]
    /// The way of whoever takes none of the paths; only of kinds whose paths can all be missed.
    package var otherwise: [JourneyStep]

    package var kind: String { type(of: node).kind }
}

/// One way on from a node that has several.
package struct JourneyPath: Sendable {
    package var name: String
    package var criteria: Criteria?
    package var event: EventFilter?
    package var weight: Int64
    package var outcome: JourneyOutcome?
    package var answer: JourneyAnswer?
    /// The key of a variant of an experiment.
    package var variant: String?
    package var steps: [JourneyStep]
}

/// How the ways on from a node are told apart.
package enum JourneyFork: String, Sendable {
    case none, conditions, events, weights, outcomes, answers, variants

    /// Whether there is a way for whoever takes none of the paths.
    package var hasOtherwise: Bool { self != .none && self != .weights }
    /// Whether there may be no paths: what becomes of it need not be asked.
    package var mayBeEmpty: Bool { self == .outcomes || self == .answers }
}

/// What became of a message, as a journey can ask for it.
package enum JourneyOutcome: String, Sendable, CaseIterable {
    case replied, clicked, opened, delivered, bounced
    case notSent = "not_sent"

    /// The system events that tell it. Opened, clicked and replied prove delivery.
    var events: Set<String> {
        switch self {
        case .replied: [MessageEvents.replied]
        case .clicked: [MessageEvents.clicked]
        case .opened: [MessageEvents.opened, MessageEvents.clicked]
        case .delivered:
            [MessageEvents.delivered, MessageEvents.opened, MessageEvents.clicked, MessageEvents.replied]
        case .bounced: [MessageEvents.bounced, MessageEvents.complained]
        case .notSent: [MessageEvents.suppressed, MessageEvents.failed, MessageEvents.unknown]
        }
    }

    static let names: Set<String> = Set(allCases.flatMap(\.events))
}

/// Reads and writes steps; notes what is wrong with each under its id.
struct JourneyStepReader {
    private(set) var issues: [JourneyIssue] = []
    private(set) var count = 0

    mutating func steps(_ value: JSONValue?, depth: Int, in owner: String) -> [JourneyStep] {
        guard let value, !value.isNull else { return [] }
        guard let elements = value.arrayValue else {
            note(owner, CriteriaIssue("steps", .wrongType(expected: "a list")))
            return []
        }
        guard depth <= JourneyLimits.depth else {
            note(owner, CriteriaIssue("steps", .tooDeep(limit: JourneyLimits.depth)))
            return []
        }
        var steps: [JourneyStep] = []
        for element in elements {
            count += 1
            guard count <= JourneyLimits.nodes else {
                if count == JourneyLimits.nodes + 1 {
                    note("", CriteriaIssue("steps", .tooMany("nodes", limit: JourneyLimits.nodes)))
                }
                break
            }
            if let step = step(element, depth: depth, in: owner) { steps.append(step) }
        }
        return steps
    }

    private mutating func step(_ value: JSONValue, depth: Int, in owner: String) -> JourneyStep? {
        let id = value["id"]?.stringValue ?? ""
        let notes = CriteriaNotes()
        let reader = CriteriaReader(value, "", notes)
        defer { for issue in notes.issues { note(id.isEmpty ? owner : id, issue) } }
        let isPlain = id.utf8.allSatisfy { $0 == 0x2D || $0 == 0x5F || (0x30...0x39).contains($0) || isLetter($0) }
        if id.isEmpty || id.utf8.count > JourneyLimits.idBytes || !isPlain {
            notes.add("id", .wrongType(expected: "up to \(JourneyLimits.idBytes) letters, digits, - and _"))
        }
        _ = reader.value("id")
        let kind = reader.text("kind")
        guard let type = NodeCatalog.node(kind) else {
            if !kind.isEmpty { notes.add("kind", .unknownChoice(kind, allowed: NodeCatalog.all.map { $0.kind })) }
            return nil
        }
        let node = type.init(reader)
        var step = JourneyStep(id: id, node: node, paths: [], otherwise: [])
        if type.fork != .none {
            for (index, own) in reader.children("paths", limit: JourneyLimits.paths).enumerated() {
                step.paths.append(path(own, type, index, depth: depth, in: id))
            }
            if step.paths.isEmpty, !type.fork.mayBeEmpty { notes.add("paths", .missing("paths")) }
        }
        if type.fork.hasOtherwise { step.otherwise = steps(reader.value("otherwise"), depth: depth + 1, in: id) }
        reader.finish()
        return step
    }

    private mutating func path(
        _ reader: CriteriaReader, _ type: any JourneyNode.Type, _ index: Int, depth: Int, in id: String
    ) -> JourneyPath {
        var path = JourneyPath(name: reader.text("name", orElse: String(index + 1)), weight: 1, steps: [])
        switch type.fork {
        case .conditions:
            path.criteria = JourneyReading.criteria(reader, "where")
            if path.criteria == nil {
                reader.note(
                    "where", .told(chinese: "请设置谁走“\(path.name)”", english: "Say who goes the way “\(path.name)”"))
            }
        case .events:
            let isNamed = reader.value("event")?["names"]?.arrayValue?.isEmpty != true
            if isNamed, let own = reader.child("event") {
                path.event = EventFilter(own)
            } else {
                reader.note(
                    "event",
                    .told(
                        chinese: "请选择“\(path.name)”等待的事件", english: "Say what the way “\(path.name)” waits for"))
            }
        case .weights: path.weight = reader.whole("weight", in: 1...1_000, orElse: 1)
        case .outcomes: path.outcome = reader.choice("outcome")
        case .answers: path.answer = JourneyAnswer(reader, type.answers)
        case .variants: path.variant = reader.text("variant")
        case .none: break
        }
        path.steps = steps(reader.value("steps"), depth: depth + 1, in: id)
        reader.finish()
        return path
    }

    private mutating func note(_ node: String, _ issue: CriteriaIssue) {
        guard issues.count < CriteriaLimits.issues else { return }
        let path = issue.path.hasPrefix(".") ? String(issue.path.dropFirst()) : issue.path
        issues.append(JourneyIssue(node, CriteriaIssue(path, issue.reason)))
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
    }
}

extension JourneyStep {
    var json: JSONValue {
        var members = node.json
        members["id"] = .string(id)
        members["kind"] = .string(kind)
        let fork = type(of: node).fork
        if fork != .none { members["paths"] = .array(paths.map(\.json)) }
        if fork.hasOtherwise { members["otherwise"] = .array(otherwise.map(\.json)) }
        return .object(members)
    }
}

extension JourneyPath {
    var json: JSONValue {
        var members: [String: JSONValue] = ["name": .string(name), "steps": .array(steps.map(\.json))]
        if let criteria { members["where"] = criteria.root.json }
        if let event { members["event"] = event.json }
        if let outcome { members["outcome"] = .string(outcome.rawValue) }
        if let variant { members["variant"] = .string(variant) }
        if let answer { members.merge(answer.json) { $1 } }
        let isWeighed = [criteria == nil, event == nil, outcome == nil, answer == nil, variant == nil].allSatisfy { $0 }
        if isWeighed { members["weight"] = .integer(weight) }
        return .object(members)
    }
}
