import Storage

/// Definitions that are kept: of dynamic segments and of tags with a rule. Ids are unique among both.
extension CriteriaWorld {
    /// What a segment or tag means, without what it refers to put in; nil of lists and manual tags.
    ///
    /// A rule of an exclusive group holds where none before it does.
    func definition(_ id: Int64) -> CriteriaNode? {
        if let text = segments[id]?.criteria { return Criteria.readable(text)?.root }
        guard let text = tags.nodes[id]?.criteria, let own = Criteria.readable(text)?.root else { return nil }
        let earlier = tags.earlierRules(id).compactMap { other -> CriteriaNode? in
            tags.nodes[other]?.criteria.flatMap(Criteria.readable).map { .not($0.root) }
        }
        return earlier.isEmpty ? own : .all([own] + earlier)
    }

    /// Segments and tags that a definition refers to.
    func references(_ node: CriteriaNode) -> Set<Int64> {
        var ids: Set<Int64> = []
        node.visit { condition, _ in
            if let segment = condition as? SegmentCondition { ids.insert(segment.segmentID) }
            if let tag = condition as? TagCondition { ids.formUnion(tag.meant(tags)) }
        }
        return ids
    }

    /// The way by which a definition leads back to `target`, or to itself.
    func circle(from start: Int64, to target: Int64?) -> [Int64]? {
        var cleared: Set<Int64> = []
        func walk(_ id: Int64, _ way: [Int64]) -> [Int64]? {
            if id == target || way.contains(id) { return way + [id] }
            guard way.count < Criteria.maximumChain, !cleared.contains(id), let inner = definition(id) else {
                return nil
            }
            for next in references(inner).sorted() {
                if let found = walk(next, way + [id]) { return found }
            }
            cleared.insert(id)
            return nil
        }
        return walk(start, target.map { [$0] } ?? [])
    }

    /// A model whose rules ask for a segment or tag, by however many steps.
    func model(asking id: Int64) -> Int64? {
        var seen: Set<Int64> = []
        func asks(_ node: CriteriaNode) -> Bool {
            for other in references(node) {
                if other == id { return true }
                guard seen.insert(other).inserted, let inner = definition(other) else { continue }
                if asks(inner) { return true }
            }
            return false
        }
        return scores.sorted { $0.key < $1.key }.first { entry in
            seen = []
            let rules = ScoreDefinition.readable(entry.value.definition)?.rules ?? []
            return rules.contains { $0.kind.criteria.map { asks($0.root) } ?? false }
        }?.key
    }

    /// Everything that is kept, ascending.
    var kept: [Int64] {
        (segments.filter { $0.value.criteria != nil }.map(\.key) + tags.nodes.keys.filter { !tags.isManual($0) })
            .sorted()
    }
}

extension Criteria {
    /// Everything that does not fit the workspace. `id`: the segment or tag that the definition is of, to find circles.
    package func issues(_ world: CriteriaWorld, segment id: Int64? = nil) -> [CriteriaIssue] {
        var issues: [CriteriaIssue] = []
        root.visit { condition, path in
            condition.check(world) { field, reason in
                guard issues.count < CriteriaLimits.issues else { return }
                issues.append(CriteriaIssue(field.isEmpty ? path : "\(path).\(field)", reason))
            }
            let field = condition is TagCondition ? "ids" : "id"
            for other in world.references(.condition(condition)).sorted() {
                guard let circle = world.circle(from: other, to: id) else { continue }
                issues.append(CriteriaIssue("\(path).\(field)", .cycle(circle)))
                break
            }
        }
        let (expanded, isCut) = expandedWithin(world)
        if isCut { issues.append(CriteriaIssue("where", .tooDeep(limit: Self.maximumChain))) }
        if let id, !expanded.scores.isEmpty, let model = world.model(asking: id) {
            issues.append(CriteriaIssue("where", .cycle([id, model, id])))
        }
        let whole = expanded.cost
        if whole > CriteriaLimits.cost {
            issues.append(CriteriaIssue("where", .tooExpensive(cost: whole, limit: CriteriaLimits.cost)))
        }
        return issues
    }

    static let maximumChain = 20

    /// A stored definition; nil when this version cannot read it.
    static func readable(_ text: String) -> Criteria? {
        do { return try Criteria(parsing: text) } catch { return nil }
    }

    /// With the definitions of other segments and tags in place of their names. What is gone holds for nobody, in both
    /// stores: the mirror may still have it of those who once were in it.
    package func expanded(_ world: CriteriaWorld) -> Criteria { expandedWithin(world).criteria }

    /// The same, and whether definitions refer to each other so often that some of it was left out.
    private func expandedWithin(_ world: CriteriaWorld) -> (criteria: Criteria, isCut: Bool) {
        var expansion = CriteriaExpansion(world: world)
        return (Criteria(expansion.expand(root, depth: 0)), expansion.isCut)
    }
}

/// Puts definitions in the place of names.
private struct CriteriaExpansion {
    let world: CriteriaWorld
    /// Nodes of a definition with those inside; beyond, nothing more is put in.
    private var budget = 5_000
    private(set) var isCut = false
    private static let nobody = CriteriaNode.any([])

    init(world: CriteriaWorld) {
        self.world = world
    }

    mutating func expand(_ node: CriteriaNode, depth: Int) -> CriteriaNode {
        budget -= 1
        switch node {
        case .all(let nodes):
            var inner: [CriteriaNode] = []
            for node in nodes { inner.append(expand(node, depth: depth)) }
            return .all(inner)
        case .any(let nodes):
            var inner: [CriteriaNode] = []
            for node in nodes { inner.append(expand(node, depth: depth)) }
            return .any(inner)
        case .not(let node): return .not(expand(node, depth: depth))
        case .condition(let condition):
            guard depth < Criteria.maximumChain, budget > 0 else { return cut(condition, node) }
            if let segment = condition as? SegmentCondition {
                guard world.segments[segment.segmentID] != nil else { return Self.nobody }
                guard let inner = world.definition(segment.segmentID) else { return node }
                return expand(inner, depth: depth + 1)
            }
            if let tag = condition as? TagCondition { return expand(tag, depth: depth) }
            let model = (condition as? ScoreCondition)?.modelID ?? (condition as? ScoreGradeCondition)?.modelID
            return model.map { world.scores[$0] == nil } ?? false ? Self.nobody : node
        }
    }

    /// At the end of what is put in: whatever would have to be put in holds for nobody.
    private mutating func cut(_ condition: any CriteriaCondition, _ node: CriteriaNode) -> CriteriaNode {
        let others = world.references(.condition(condition))
        guard others.contains(where: { world.definition($0) != nil }) else { return node }
        isCut = true
        return Self.nobody
    }

    /// Manual tags are asked together, with those that were merged into them; each rule stands beside.
    private mutating func expand(_ condition: TagCondition, depth: Int) -> CriteriaNode {
        var manual: [Int64] = []
        var rules: [CriteriaNode] = []
        for id in condition.meant(world.tags) {
            if world.tags.isManual(id) {
                manual += [id] + world.tags.formerly(id)
            } else if let inner = world.definition(id) {
                rules.append(expand(inner, depth: depth + 1))
            }
        }
        let asked = CriteriaNode.condition(TagCondition(ids: manual, includesBelow: false))
        if rules.isEmpty { return manual.isEmpty ? .any([]) : asked }
        return rules.count == 1 && manual.isEmpty ? rules[0] : .any((manual.isEmpty ? [] : [asked]) + rules)
    }
}
