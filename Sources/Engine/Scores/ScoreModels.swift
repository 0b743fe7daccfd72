import Storage

/// How people are weighed: several models, each of rules (docs/scores.md).
///
/// Invariants: a person's points are a pure function of what is known of them, and the sum of the receipts that it
/// returns; nothing is ever added up in place, so nothing can be counted twice. Crossing a threshold and changing the
/// grade are told once, in the transaction of what caused it. A model does not ask for scores, nor for definitions
/// that do.
package enum ScoreModels {
    static let nameCharacters = 80
    static let descriptionCharacters = 500

    /// Throws: `ScoreError`, `SegmentError.tooManyFeatures`, `StorageError`.
    package static func create(
        _ draft: ScoreDraft, effects: Effects, _ connection: any SQLConnection
    ) throws -> ScoreModel {
        let now = effects.now()
        try connection.lock("score_models")
        let count = try connection.first("SELECT count(*) FROM score_models WHERE deleted_ms IS NULL")?.int(0) ?? 0
        guard count < ScoreLimits.models else { throw ScoreError.tooMany(limit: ScoreLimits.models) }
        let id = effects.newID()
        let (name, description) = try checkedName(draft, except: id, connection)
        let definition = try checked(draft.definition, id: id, connection)
        try connection.execute(
            """
            INSERT INTO score_models (id, name, description, definition, version, status, created_ms, updated_ms)
            VALUES (\(id), \(name), \(description), \(definition), 1, 'building', \(now.milliseconds),
                \(now.milliseconds))
            """)
        try publish(id, effects: effects, connection)
        return try get(id, connection)
    }

    /// Throws: `ScoreError`, `SegmentError.tooManyFeatures`, `StorageError`.
    package static func update(
        _ id: Int64, _ draft: ScoreDraft, effects: Effects, _ connection: any SQLConnection
    ) throws -> ScoreModel {
        let now = effects.now()
        try connection.lock("score_models")
        let before = try get(id, connection)
        let (name, description) = try checkedName(draft, except: id, connection)
        let definition = try checked(draft.definition, id: id, connection)
        let isNew = definition != before.definition
        try connection.execute(
            """
            UPDATE score_models SET name = \(name), description = \(description), definition = \(definition),
                version = \(before.version + (isNew ? 1 : 0)),
                status = \(isNew || before.isBuilding ? "building" : "live"), updated_ms = \(now.milliseconds)
            WHERE id = \(id)
            """)
        if isNew {
            try publish(id, effects: effects, connection)
        } else {
            try SegmentCache.invalidate(connection, at: now)
        }
        return try get(id, connection)
    }

    /// Throws: `ScoreError.usedBy` while a definition asks for it, `.notFound`, `StorageError`.
    package static func delete(_ id: Int64, effects: Effects, _ connection: any SQLConnection) throws {
        try connection.lock("score_models")
        _ = try get(id, connection)
        let uses = try usedBy(id, connection)
        guard uses.isEmpty else { throw ScoreError.usedBy(uses) }
        let now = effects.now()
        try connection.execute("UPDATE score_models SET deleted_ms = \(now.milliseconds) WHERE id = \(id)")
        try connection.execute("DELETE FROM profile_scores WHERE model_id = \(id)")
        try connection.execute("DELETE FROM score_days WHERE model_id = \(id)")
        try KeptFeatures.settle(at: now, connection)
        try SegmentCache.invalidate(connection, at: now)
    }

    private static func publish(_ id: Int64, effects: Effects, _ connection: any SQLConnection) throws {
        try KeptFeatures.settle(at: effects.now(), connection)
        try SegmentCache.invalidate(connection, at: effects.now())
        try ScoreBuild.enqueue(id, effects: effects, connection)
    }

    private static func checkedName(
        _ draft: ScoreDraft, except id: Int64, _ connection: any SQLConnection
    ) throws -> (String, String) {
        let name = Whitespace.trim(draft.name)
        guard !name.isEmpty else { throw ScoreError.nameMissing }
        guard name.count <= nameCharacters, draft.description.count <= descriptionCharacters else {
            throw ScoreError.nameTooLong(limit: name.count > nameCharacters ? nameCharacters : descriptionCharacters)
        }
        let other = try connection.first(
            "SELECT id FROM score_models WHERE deleted_ms IS NULL AND name = \(name) AND id <> \(id)")
        guard other == nil else { throw ScoreError.nameTaken(name) }
        return (name, Whitespace.trim(draft.description))
    }

    /// Reads a definition and holds it against the workspace. Throws: `ScoreError.invalid`, `StorageError`.
    package static func checked(
        _ text: String, id: Int64, _ connection: any SQLConnection
    ) throws -> String {
        do {
            let definition = try ScoreDefinition(parsing: text)
            let issues = definition.issues(try CriteriaWorld.load(connection), model: id)
            guard issues.isEmpty else { throw CriteriaError(issues: issues) }
            return definition.text
        } catch let error as CriteriaError {
            throw ScoreError.invalid(error)
        }
    }

    /// Throws: `ScoreError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> ScoreModel {
        guard let model = try stored(id, connection) else { throw ScoreError.notFound(id) }
        return model
    }

    static func stored(_ id: Int64, _ connection: any SQLConnection) throws -> ScoreModel? {
        try connection.first(
            "SELECT \(raw: ScoreModel.columns) FROM score_models WHERE id = \(id) AND deleted_ms IS NULL"
        ).map(ScoreModel.init)
    }

    /// All of them, by name. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [ScoreModel] {
        try connection.query(
            "SELECT \(raw: ScoreModel.columns) FROM score_models WHERE deleted_ms IS NULL ORDER BY name, id"
        ).map(ScoreModel.init)
    }

    /// Definitions that ask for it. Throws: `StorageError`.
    package static func usedBy(_ id: Int64, _ connection: any SQLConnection) throws -> [SegmentUse] {
        try DefinitionUses.find(connection) { $0.scores.contains(id) } + Journeys.uses(of: .score(id), connection)
    }
}

extension ScoreDefinition {
    /// Everything that does not fit the workspace.
    package func issues(_ world: CriteriaWorld, model id: Int64) -> [CriteriaIssue] {
        var issues: [CriteriaIssue] = []
        for (index, rule) in rules.enumerated() {
            guard let criteria = rule.kind.criteria else { continue }
            let place = "model.rules[\(index)]."
            issues += criteria.issues(world).map { CriteriaIssue(place + $0.path, $0.reason) }
            if !criteria.expanded(world).scores.isEmpty {
                issues.append(CriteriaIssue(place + "where", .scoreInScore))
            }
        }
        return Array(issues.prefix(CriteriaLimits.issues))
    }

    /// With the definitions of segments and tags in place of their names.
    func expanded(_ world: CriteriaWorld) -> ScoreDefinition {
        var definition = self
        for index in definition.rules.indices {
            guard let rule = definition.rules[index].kind as? ConditionScoreRule else { continue }
            definition.rules[index].kind = rule.expanded(world)
        }
        return definition
    }
}
