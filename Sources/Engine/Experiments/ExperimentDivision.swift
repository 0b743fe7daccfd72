import Science
import Storage

/// How an experiment divides people, as a numbered version: version and salt say which variant somebody fell to, for ever.
package struct ExperimentDivision: Sendable, Equatable {
    /// 0: by the weights of the definition.
    package var version: Int64
    package var weights: [Int64]
    /// Nil of version 0.
    package var madeAt: Timestamp?

    /// What holds now. Throws: `StorageError`.
    package static func current(
        _ experiment: Experiment, _ connection: any SQLConnection
    ) throws -> ExperimentDivision {
        try list(experiment, limit: 1, connection)[0]
    }

    /// The newest first, version 0 last. Throws: `StorageError`.
    package static func list(
        _ experiment: Experiment, limit: Int, _ connection: any SQLConnection
    ) throws -> [ExperimentDivision] {
        let first = ExperimentDivision(version: 0, weights: experiment.definition.weights)
        guard experiment.definition.allocation == .bandit else { return [first] }
        let rows = try connection.query(
            """
            SELECT version, weights, made_ms FROM experiment_allocations WHERE experiment_id = \(experiment.id)
            ORDER BY version DESC LIMIT \(limit)
            """)
        let found = try rows.map { row in
            ExperimentDivision(
                version: try row.int(0), weights: try StoredDocument.value([Int64].self, from: row.text(1)),
                madeAt: Timestamp(milliseconds: try row.int(2)))
        }
        return found.count < limit ? found + [first] : found
    }

    /// A new version, unless nothing changes. Returns what holds. Throws: `StorageError`.
    static func add(
        _ weights: [Int64], to experiment: Experiment, evidence: JSONValue, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> ExperimentDivision {
        let before = try current(experiment, connection)
        guard before.version == 0 || before.weights != weights else { return before }
        try connection.execute(
            """
            INSERT INTO experiment_allocations (experiment_id, version, weights, evidence, made_ms)
            VALUES (\(experiment.id), \(before.version + 1), \(try StoredDocument.text(weights)), \(evidence.text()),
                \(now.milliseconds))
            """)
        return ExperimentDivision(version: before.version + 1, weights: weights, madeAt: now)
    }

    /// How many met each variant under each version, for what was to be expected. Throws: `StorageError`.
    static func met(_ id: Int64, _ connection: any SQLConnection) throws -> [Int64: Int64] {
        let rows = try connection.query(
            "SELECT allocation, count(*) FROM experiment_exposures WHERE experiment_id = \(id) GROUP BY allocation")
        return Dictionary(try rows.map { (try $0.int(0), try $0.int(1)) }, uniquingKeysWith: +)
    }

    /// How many people each variant was to get: the sum over all versions of people times share. Throws: `StorageError`.
    static func expected(_ experiment: Experiment, _ connection: any SQLConnection) throws -> [Double] {
        guard experiment.definition.allocation == .bandit else { return experiment.definition.weights.map(Double.init) }
        let met = try met(experiment.id, connection)
        let all = try list(experiment, limit: Int(Int32.max), connection)
        var expected = experiment.definition.variants.map { _ in 0.0 }
        for division in all {
            let whole = Double(division.weights.reduce(0, +))
            guard let people = met[division.version], whole > 0 else { continue }
            for (index, weight) in division.weights.enumerated() {
                expected[index] += Double(people) * Double(weight) / whole
            }
        }
        return expected.allSatisfy { $0 == 0 } ? experiment.definition.weights.map(Double.init) : expected
    }
}

/// Works out how bandits divide people, from those whose window is over: shares of Thompson sampling, none below the least
/// share. Whoever met a variant keeps it.
package enum ExperimentBandit {
    package static let handler = JobHandler(kind: "experiment_bandit", schedule: .every(seconds: 3_600)) { context in
        let platform = context.platform
        let running = try await platform.store.read { connection in
            try Experiments.list(connection).filter { $0.state == .running && $0.definition.allocation == .bandit }
        }
        var learnt: Int64 = 0
        for experiment in running {
            guard let found = try await learn(experiment, platform) else { continue }
            let now = platform.effects.now()
            let division = try await context.write { connection -> ExperimentDivision? in
                try connection.lock("experiments")
                let again = try Experiments.get(experiment.id, connection)
                guard again.state == .running else { return nil }
                return try ExperimentDivision.add(
                    found.weights, to: again, evidence: found.evidence, at: now, connection)
            }
            if division?.madeAt == now { learnt += 1 }
        }
        return try StoredDocument.text(["learnt": learnt])
    }

    /// Nil while too few are through. Throws: `StorageError`.
    static func learn(
        _ experiment: Experiment, _ platform: Platform
    ) async throws -> (weights: [Int64], evidence: JSONValue)? {
        let definition = experiment.definition
        let workspace = try await platform.store.read { try Workspace.load($0) }
        let query = ExperimentQuery(
            cohort: try ExperimentCohort(experiment), metric: definition.primary,
            clock: PublishedSegments(version: 0, workspace: workspace).clock(platform.effects.now()), preDays: 0,
            onlyClosed: true)
        let sums = try await query.rows(platform.analytics)
        let rows = VariantComparison.rows(
            sums, definition.primary, definition.variants.map(\.key), alpha: definition.alpha, isAdjusted: false)
        guard rows.allSatisfy({ $0.people >= ExperimentLimits.peopleToLearn }) else { return nil }
        let shares = rows.compactMap(\.best)
        guard shares.count == rows.count else { return nil }
        let evidence = JSONValue.array(
            rows.map { ["variant": .string($0.variant), "people": .integer($0.people), "value": .number($0.value)] })
        return (Self.weights(shares, least: definition.leastShare * 100), evidence)
    }

    /// Shares as ten-thousandths that add up to a whole, none below `least`. Pure.
    static func weights(_ shares: [Double], least: Int64) -> [Int64] {
        let whole = Assignment.whole
        let free = max(whole - least * Int64(shares.count), 0)
        let sum = shares.reduce(0, +)
        var weights = shares.map { least + Int64((Double(free) * (sum > 0 ? $0 / sum : 0)).rounded(.down)) }
        let best = shares.indices.max { shares[$0] < shares[$1] } ?? 0
        weights[best] += whole - weights.reduce(0, +)
        return weights
    }
}
