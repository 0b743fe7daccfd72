import Storage

/// A tree of conditions: all, any, not, and the conditions of `CriteriaCatalog`.
package indirect enum CriteriaNode: Sendable {
    /// Everybody when empty.
    case all([CriteriaNode])
    /// Nobody when empty.
    case any([CriteriaNode])
    case not(CriteriaNode)
    case condition(any CriteriaCondition)
}

extension CriteriaNode {
    static func read(_ reader: CriteriaReader, depth: Int, _ count: inout Int) -> CriteriaNode {
        count += 1
        guard depth <= CriteriaLimits.depth else {
            reader.note("", .tooDeep(limit: CriteriaLimits.depth))
            return .all([])
        }
        let kind = reader.text("kind")
        defer { reader.finish() }
        switch kind {
        case "": return .all([])
        case "all", "any":
            if !reader.has("of") { reader.note("of", .missing("of")) }
            var nodes: [CriteriaNode] = []
            for child in reader.children("of", limit: CriteriaLimits.children) {
                nodes.append(read(child, depth: depth + 1, &count))
            }
            return kind == "all" ? .all(nodes) : .any(nodes)
        case "not":
            guard let child = reader.child("of") else {
                reader.note("of", .missing("of"))
                return .all([])
            }
            return .not(read(child, depth: depth + 1, &count))
        default:
            guard let condition = CriteriaCatalog.condition(kind) else {
                reader.note(
                    "kind",
                    .unknownChoice(kind, allowed: ["all", "any", "not"] + CriteriaCatalog.all.map { $0.kind }))
                for field in ["of"] { _ = reader.value(field) }
                return .all([])
            }
            return .condition(condition.init(reader))
        }
    }

    var json: JSONValue {
        switch self {
        case .all(let nodes): ["kind": "all", "of": .array(nodes.map(\.json))]
        case .any(let nodes): ["kind": "any", "of": .array(nodes.map(\.json))]
        case .not(let node): ["kind": "not", "of": node.json]
        case .condition(let condition):
            .object(condition.json.merging(["kind": .string(type(of: condition).kind)]) { $1 })
        }
    }

    /// Every condition with the path to it.
    func visit(_ path: String = "where", _ body: (any CriteriaCondition, String) -> Void) {
        switch self {
        case .all(let nodes), .any(let nodes):
            for (index, node) in nodes.enumerated() { node.visit("\(path).of[\(index)]", body) }
        case .not(let node): node.visit(path + ".of", body)
        case .condition(let condition): body(condition, path)
        }
    }

    func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        switch self {
        case .all(let nodes): nodes.allSatisfy { $0.holds(for: subject, clock) }
        case .any(let nodes): nodes.contains { $0.holds(for: subject, clock) }
        case .not(let node): !node.holds(for: subject, clock)
        case .condition(let condition): condition.holds(for: subject, clock)
        }
    }

    func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        switch self {
        case .all(let nodes):
            var parts: [AnalyticsSQL] = []
            for node in nodes { parts.append(node.sql(&compiler)) }
            return .all(parts)
        case .any(let nodes):
            var parts: [AnalyticsSQL] = []
            for node in nodes { parts.append(node.sql(&compiler)) }
            return .any(parts)
        case .not(let node): return "NOT (\(node.sql(&compiler)))"
        case .condition(let condition): return condition.sql(&compiler)
        }
    }

    func words(_ phrases: CriteriaPhrases, isInner: Bool = false) -> String {
        let language = phrases.language
        switch self {
        case .all(let nodes):
            if nodes.isEmpty { return language("所有人", "everybody") }
            return joined(nodes, language("，并且", " and "), phrases, isInner)
        case .any(let nodes):
            if nodes.isEmpty { return language("没有人", "nobody") }
            return joined(nodes, language("，或者", " or "), phrases, isInner)
        case .not(let node):
            return language("不满足（\(node.words(phrases))）", "not (\(node.words(phrases)))")
        case .condition(let condition): return condition.words(phrases)
        }
    }

    private func joined(
        _ nodes: [CriteriaNode], _ word: String, _ phrases: CriteriaPhrases, _ isInner: Bool
    ) -> String {
        let text = nodes.map { $0.words(phrases, isInner: true) }.joined(separator: word)
        guard isInner, nodes.count > 1 else { return text }
        return phrases.language("（\(text)）", "(\(text))")
    }
}
