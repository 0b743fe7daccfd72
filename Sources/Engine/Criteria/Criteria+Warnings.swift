extension Criteria {
    /// What may be written and is hardly meant: conditions that exclude each other, and such as hold for nobody. The path
    /// leads to the later one. A definition with these can be saved.
    package func warnings(_ world: CriteriaWorld, _ phrases: CriteriaPhrases) -> [CriteriaIssue] {
        var search = ContradictionSearch(world: world, phrases: phrases)
        search.look(at: root, "where", beside: [])
        return search.found
    }
}

/// Walks a definition with everything that must hold at the same time.
private struct ContradictionSearch {
    let world: CriteriaWorld
    let phrases: CriteriaPhrases
    private(set) var found: [CriteriaIssue] = []

    init(world: CriteriaWorld, phrases: CriteriaPhrases) {
        self.world = world
        self.phrases = phrases
    }

    /// Something that must hold, with its words.
    struct Said {
        var claim: CriteriaClaim
        var node: CriteriaNode
    }

    mutating func look(at node: CriteriaNode, _ path: String, beside said: [Said]) {
        switch node {
        case .any(let nodes):
            if nodes.isEmpty { note(path, .holdsForNobody) }
            for (index, one) in nodes.enumerated() { look(at: one, "\(path).of[\(index)]", beside: said) }
        case .not(let inner) where !inner.isCondition: look(at: inner, path + ".of", beside: [])
        default:
            var said = said
            var groups: [(CriteriaNode, String)] = []
            gather(node, path, &said, &groups)
            for (group, path) in groups { look(at: group, path, beside: said) }
        }
    }

    /// What must hold together; groups of alternatives are looked at when all of it is known.
    private mutating func gather(
        _ node: CriteriaNode, _ path: String, _ said: inout [Said], _ groups: inout [(CriteriaNode, String)]
    ) {
        switch node {
        case .all(let nodes):
            for (index, one) in nodes.enumerated() { gather(one, "\(path).of[\(index)]", &said, &groups) }
        case .condition(let condition): add(condition, isNegated: false, node, path, &said)
        case .not(.condition(let condition)): add(condition, isNegated: true, node, path, &said)
        case .any, .not: groups.append((node, path))
        }
    }

    private mutating func add(
        _ condition: any CriteriaCondition, isNegated: Bool, _ node: CriteriaNode, _ path: String, _ said: inout [Said]
    ) {
        guard !hasSeveralValues(condition) else { return }
        let claim = isNegated ? condition.claim.opposite : condition.claim
        if claim.isImpossible {
            note(path, .holdsForNobody)
        } else if let other = said.first(where: { $0.claim.excludes(claim) }) {
            note(path, .contradicts(other.node.words(phrases)))
        }
        said.append(Said(claim: claim, node: node))
    }

    /// A list may hold 3 and 12: then less than 5 and more than 10 are both true of it.
    private func hasSeveralValues(_ condition: any CriteriaCondition) -> Bool {
        guard let trait = condition as? TraitCondition else { return false }
        let owner = trait.name.split(separator: ".").first.map(String.init) ?? trait.name
        return world.traits[trait.name] == .list || world.traits[owner] == .list
    }

    private mutating func note(_ path: String, _ reason: CriteriaIssue.Reason) {
        guard found.count < CriteriaLimits.issues else { return }
        found.append(CriteriaIssue(path, reason))
    }
}

extension CriteriaNode {
    fileprivate var isCondition: Bool {
        if case .condition = self { true } else { false }
    }
}
