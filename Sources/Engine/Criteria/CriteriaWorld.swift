import Storage

/// What the workspace has, for checking definitions against it and for telling them in words.
package struct CriteriaWorld: Sendable {
    /// Traits of the catalogue with their declared type, or the one seen last.
    package var traits: [String: FieldType] = [:]
    package var declaredTraits: Set<String> = []
    package var events: Set<String> = []
    package var sources: [Int64: String] = [:]
    package var segments: [Int64: SegmentFacts] = [:]

    package struct SegmentFacts: Sendable, Equatable {
        package var name: String
        /// Nil: a list of people.
        package var criteria: String?

        package init(name: String, criteria: String?) {
            self.name = name
            self.criteria = criteria
        }
    }

    package init() {}

    /// Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> CriteriaWorld {
        var world = CriteriaWorld()
        let fields = try connection.query(
            "SELECT name, seen_type, declared_type FROM catalogue_fields WHERE owner = 'trait'")
        for row in fields {
            let name = try row.text(0)
            let declared = try row.textOrNil(2)
            world.traits[name] = FieldType(rawValue: try declared ?? row.text(1))
            if declared != nil { world.declaredTraits.insert(name) }
        }
        for row in try connection.query("SELECT name FROM catalogue_events") {
            world.events.insert(try row.text(0))
        }
        for row in try connection.query("SELECT id, name FROM sources") {
            world.sources[try row.int(0)] = try row.text(1)
        }
        for row in try connection.query("SELECT id, name, kind, criteria FROM segments WHERE deleted_ms IS NULL") {
            let isDynamic = try row.text(2) == "dynamic"
            world.segments[try row.int(0)] = SegmentFacts(
                name: try row.text(1), criteria: isDynamic ? try row.text(3) : nil)
        }
        return world
    }
}

extension Criteria {
    /// Everything that does not fit the workspace. `id`: the segment that the definition is of, to find circles.
    package func issues(_ world: CriteriaWorld, segment id: Int64? = nil) -> [CriteriaIssue] {
        var issues: [CriteriaIssue] = []
        root.visit { condition, path in
            condition.check(world) { field, reason in
                guard issues.count < CriteriaLimits.issues else { return }
                issues.append(CriteriaIssue(field.isEmpty ? path : "\(path).\(field)", reason))
            }
            guard let segment = condition as? SegmentCondition else { return }
            if let circle = Self.circle(from: segment.segmentID, to: id, world) {
                issues.append(CriteriaIssue(path + ".id", .cycle(circle)))
            }
        }
        let whole = cost(world)
        if whole > CriteriaLimits.cost {
            issues.append(CriteriaIssue("where", .tooExpensive(cost: whole, limit: CriteriaLimits.cost)))
        }
        return issues
    }

    /// The way by which a segment leads back to `target`, or to itself.
    private static func circle(from start: Int64, to target: Int64?, _ world: CriteriaWorld) -> [Int64]? {
        func walk(_ id: Int64, _ way: [Int64]) -> [Int64]? {
            if id == target || way.contains(id) { return way + [id] }
            guard way.count < maximumChain, let text = world.segments[id]?.criteria,
                let inner = Criteria.readable(text)
            else { return nil }
            for next in inner.segments.sorted() {
                if let found = walk(next, way + [id]) { return found }
            }
            return nil
        }
        return walk(start, target.map { [$0] } ?? []).map { $0 }
    }

    static let maximumChain = 20

    /// A stored definition; nil when this version cannot read it.
    static func readable(_ text: String) -> Criteria? {
        do { return try Criteria(parsing: text) } catch { return nil }
    }

    /// With the definitions of other segments in place of their names. Those that are gone stay as they are and hold
    /// for nobody.
    package func expanded(_ world: CriteriaWorld) -> Criteria {
        var budget = Self.expandedNodes
        return Criteria(Self.expand(root, world, depth: 0, &budget))
    }

    /// Nodes of a definition with those of the segments inside; beyond, nothing more is put in.
    static let expandedNodes = 5_000

    private static func expand(
        _ node: CriteriaNode, _ world: CriteriaWorld, depth: Int, _ budget: inout Int
    ) -> CriteriaNode {
        budget -= 1
        switch node {
        case .all(let nodes):
            var inner: [CriteriaNode] = []
            for node in nodes { inner.append(expand(node, world, depth: depth, &budget)) }
            return .all(inner)
        case .any(let nodes):
            var inner: [CriteriaNode] = []
            for node in nodes { inner.append(expand(node, world, depth: depth, &budget)) }
            return .any(inner)
        case .not(let node): return .not(expand(node, world, depth: depth, &budget))
        case .condition(let condition):
            guard let segment = condition as? SegmentCondition, depth < maximumChain, budget > 0,
                let text = world.segments[segment.segmentID]?.criteria, let inner = readable(text)
            else { return node }
            return expand(inner.root, world, depth: depth + 1, &budget)
        }
    }

    private func cost(_ world: CriteriaWorld) -> Int { expanded(world).cost }
}
