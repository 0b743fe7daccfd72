import Storage

/// Which definitions refer to something, so that it is not taken away from under them.
enum DefinitionUses {
    /// Segments, tags, scores, programs and journeys whose definition passes `refers`, by name. Throws: `StorageError`.
    static func find(
        _ connection: any SQLConnection, _ refers: (Criteria) -> Bool
    ) throws -> [SegmentUse] {
        let world = try CriteriaWorld.load(connection)
        var uses: [SegmentUse] = []
        for (id, facts) in world.segments {
            guard let text = facts.criteria, let criteria = Criteria.readable(text), refers(criteria) else { continue }
            uses.append(SegmentUse(kind: "segment", id: String(id), name: facts.name))
        }
        for (id, node) in world.tags.nodes {
            guard let text = node.criteria, let criteria = Criteria.readable(text), refers(criteria) else { continue }
            uses.append(SegmentUse(kind: "tag", id: String(id), name: world.tags.path(of: id)))
        }
        for (id, facts) in world.scores {
            let rules = ScoreDefinition.readable(facts.definition)?.rules ?? []
            guard rules.contains(where: { $0.kind.criteria.map(refers) ?? false }) else { continue }
            uses.append(SegmentUse(kind: "score", id: String(id), name: facts.name))
        }
        if let version = try ProgramVersions.published(connection),
            version.program?.rules.criteria.contains(where: refers) ?? false
        {
            uses.append(SegmentUse(kind: "program", id: String(version.id), name: version.title))
        }
        for experiment in try Experiments.list(connection) where [.draft, .running].contains(experiment.state) {
            guard let criteria = experiment.definition.criteria, refers(criteria) else { continue }
            uses.append(SegmentUse(kind: "experiment", id: String(experiment.id), name: experiment.definition.name))
        }
        uses += try Journeys.uses(connection) { $0.conditions.contains { refers($0.criteria) } }
        return uses.sorted { ($0.kind, $0.name, $0.id) < ($1.kind, $1.name, $1.id) }
    }
}
