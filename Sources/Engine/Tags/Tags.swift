import Storage

/// Labels of people: given by hand, in bulk and by imports, or kept by a rule; in a tree, with exclusive groups.
///
/// Invariants: a person has at most one child of an exclusive tag. What a rule keeps nobody gives or takes by hand. Every
/// change of a person's tags stands in the history with its cause, in the transaction of what caused it. A rule is valid,
/// leads nowhere back to itself, and nothing that is used can be deleted.
package enum Tags {
    package static let limit = 1_000
    /// Levels of the tree.
    package static let depth = 5
    package static let nameCharacters = 60
    static let descriptionCharacters = 500
    /// Tags that one event may name.
    static let namesOfEvent = 50

    /// Throws: `TagError`, `StorageError`.
    package static func create(_ draft: TagDraft, effects: Effects, _ connection: any SQLConnection) throws -> Tag {
        let now = effects.now()
        try connection.lock("tags")
        let tree = try TagTree.load(connection)
        guard tree.nodes.count < limit else { throw TagError.tooMany(limit: limit) }
        let id = effects.newID()
        let (name, description) = try checkedName(draft, except: id, tree)
        try checkPlace(draft, of: id, tree)
        let criteria = try checkedCriteria(draft, id: id, connection)
        let last = (tree.children[draft.parentID] ?? []).compactMap { tree.nodes[$0]?.rank }.max() ?? 0
        try connection.execute(
            """
            INSERT INTO tags (id, parent_id, name, description, colour, kind, criteria, exclusive, tag_rank, version,
                status, created_ms, updated_ms)
            VALUES (\(id), \(draft.parentID), \(name), \(description), \(draft.colour.rawValue),
                \(draft.kind.rawValue), \(criteria), \(draft.isExclusive ? 1 : 0), \(draft.rank ?? last + 1), 1,
                \(draft.kind == .rule ? "building" : "live"), \(now.milliseconds), \(now.milliseconds))
            """)
        try publish(id, before: tree, effects: effects, connection)
        return try get(id, connection)
    }

    /// Renames, moves, colours, and of a rule changes the definition. Throws: `TagError`, `StorageError`.
    package static func update(
        _ id: Int64, _ draft: TagDraft, effects: Effects, _ connection: any SQLConnection
    ) throws -> Tag {
        let now = effects.now()
        try connection.lock("tags")
        let before = try get(id, connection)
        guard before.kind == draft.kind else { throw TagError.wrongKind(before.kind) }
        let tree = try TagTree.load(connection)
        let (name, description) = try checkedName(draft, except: id, tree)
        try checkPlace(draft, of: id, tree)
        if draft.isExclusive, !before.isExclusive { try checkUniform(tree.children[id] ?? [], tree) }
        let criteria = try checkedCriteria(draft, id: id, connection)
        try connection.execute(
            """
            UPDATE tags SET parent_id = \(draft.parentID), name = \(name), description = \(description),
                colour = \(draft.colour.rawValue), criteria = \(criteria), exclusive = \(draft.isExclusive ? 1 : 0),
                tag_rank = \(draft.rank ?? before.rank), updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        try publish(id, before: tree, effects: effects, connection)
        return try get(id, connection)
    }

    /// Throws: `TagError.usedBy` while a definition asks for it, `.hasChildren`, `.notFound`, `StorageError`.
    package static func delete(_ id: Int64, effects: Effects, _ connection: any SQLConnection) throws {
        try connection.lock("tags")
        _ = try get(id, connection)
        let tree = try TagTree.load(connection)
        let uses = try usedBy(id, connection)
        guard uses.isEmpty else { throw TagError.usedBy(uses) }
        guard (tree.children[id] ?? []).isEmpty else { throw TagError.hasChildren }
        let now = effects.now()
        try connection.execute("UPDATE tags SET deleted_ms = \(now.milliseconds) WHERE id = \(id)")
        try connection.execute("DELETE FROM profile_tags WHERE tag_id = \(id)")
        try publish(id, before: tree, effects: effects, connection)
    }

    /// Gives everybody who has one tag another instead; the first goes, and definitions that ask for it mean the other
    /// from now on. People follow in the background. Throws: `TagError`, `StorageError`.
    package static func merge(
        _ id: Int64, into other: Int64, effects: Effects, _ connection: any SQLConnection
    ) throws -> Tag {
        try connection.lock("tags")
        guard id != other else { throw TagError.mergeIntoItself }
        let (lost, stays) = (try get(id, connection), try get(other, connection))
        guard stays.kind == .manual else { throw TagError.wrongKind(stays.kind) }
        guard lost.kind == .manual else { throw TagError.wrongKind(lost.kind) }
        let tree = try TagTree.load(connection)
        guard (tree.children[id] ?? []).isEmpty else { throw TagError.hasChildren }
        let now = effects.now()
        try connection.execute(
            "UPDATE tags SET merged_into = \(other), deleted_ms = \(now.milliseconds) WHERE id = \(id)")
        try publish(id, before: tree, effects: effects, connection)
        try TagMerge.enqueue(id, into: other, effects: effects, connection)
        return stays
    }

    /// Lets everybody know of a change: features, the processor's memory, and the rules whose meaning it moved.
    private static func publish(
        _ id: Int64, before: TagTree, effects: Effects, _ connection: any SQLConnection
    ) throws {
        let now = effects.now()
        let world = try CriteriaWorld.load(connection)
        for kept in world.kept {
            if let circle = world.circle(from: kept, to: nil) { throw TagError.circle(circle) }
        }
        for (model, facts) in world.scores {
            let issues = ScoreDefinition.readable(facts.definition)?.issues(world, model: model) ?? []
            if issues.contains(where: { $0.reason == .scoreInScore }) { throw TagError.circle([model, id]) }
        }
        try KeptFeatures.settle(at: now, connection)
        try SegmentCache.invalidate(connection, at: now)
        var old = world
        old.tags = before
        for rule in world.tags.nodes.keys.sorted() where !world.tags.isManual(rule) {
            let (was, now) = (old.definition(rule)?.json, world.definition(rule)?.json)
            guard was != now else { continue }
            try connection.execute("UPDATE tags SET status = 'building', version = version + 1 WHERE id = \(rule)")
            try TagBuild.enqueue(rule, effects: effects, connection)
        }
        // What asks for them is compared with everybody soon.
        let segments = world.kept.filter { kept in
            guard let node = world.definition(kept), world.segments[kept] != nil else { return false }
            let refers = world.references(node)
            return refers.contains(id) || refers.contains { world.tags.ancestry($0).contains(id) }
        }
        try SegmentSweep.hasten(segments, connection)
    }

    private static func checkedName(
        _ draft: TagDraft, except id: Int64, _ tree: TagTree
    ) throws -> (String, String) {
        let name = Whitespace.trim(draft.name)
        guard !name.isEmpty else { throw TagError.nameMissing }
        guard !name.contains("/") else { throw TagError.nameHasStroke }
        guard name.count <= nameCharacters, draft.description.count <= descriptionCharacters else {
            throw TagError.nameTooLong(limit: name.count > nameCharacters ? nameCharacters : descriptionCharacters)
        }
        let isTaken = (tree.children[draft.parentID] ?? []).contains { $0 != id && tree.nodes[$0]?.name == name }
        guard !isTaken else { throw TagError.nameTaken(name) }
        return (name, Whitespace.trim(draft.description))
    }

    private static func checkPlace(_ draft: TagDraft, of id: Int64, _ tree: TagTree) throws {
        let parent = draft.parentID
        guard parent == 0 || tree.nodes[parent] != nil else { throw TagError.parentNotFound(parent) }
        let own = tree.below(id)
        guard !own.contains(parent) else { throw TagError.parentIsBelow }
        let above = parent == 0 ? 0 : tree.ancestry(parent).count
        let levels = own.map { tree.ancestry($0).count }
        let height = (levels.max() ?? 0) - (levels.min() ?? 0) + 1
        guard above + height <= depth else { throw TagError.tooDeep(limit: depth) }
        guard tree.nodes[parent]?.isExclusive == true else { return }
        for sibling in tree.children[parent] ?? [] where sibling != id {
            guard tree.isManual(sibling) == (draft.kind == .manual) else { throw TagError.mixedGroup }
        }
    }

    private static func checkUniform(_ ids: [Int64], _ tree: TagTree) throws {
        guard Set(ids.map(tree.isManual)).count <= 1 else { throw TagError.mixedGroup }
    }

    private static func checkedCriteria(
        _ draft: TagDraft, id: Int64, _ connection: any SQLConnection
    ) throws -> String {
        guard draft.kind == .rule else { return "" }
        do {
            let criteria = try Criteria(parsing: draft.criteria)
            let issues = criteria.issues(try CriteriaWorld.load(connection), segment: id)
            guard issues.isEmpty else { throw CriteriaError(issues: issues) }
            return criteria.text
        } catch let error as CriteriaError {
            throw TagError.invalid(error)
        }
    }
}
