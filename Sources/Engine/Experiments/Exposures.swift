import Storage

/// Who met which variant, and when first.
package enum Exposures {
    package static let event = "Experiment Exposed"

    /// What a person was given, or why nothing.
    package struct Answer: Sendable, Equatable {
        package enum Outcome: String, Sendable, CaseIterable {
            /// Met it now for the first time.
            case exposed
            /// Had met it before.
            case repeated
            /// Would have this variant; nothing was recorded.
            case assigned
            case heldOut = "held_out"
            case notInAudience = "not_in_audience"
            case unknown
        }

        package var profileID: Int64
        package var outcome: Outcome
        /// Nil of who takes no part.
        package var variant: String?
    }

    /// Gives people their variant and records that they meet it, or only tells it. Ids that were merged lead to the person that
    /// stayed. Throws: `ExperimentError`, `StorageError`.
    package static func assign(
        _ id: Int64, to profileIDs: [Int64], records: Bool = true, _ platform: Platform
    ) async throws -> [Answer] {
        guard profileIDs.count <= ExperimentLimits.peopleMax else {
            throw ExperimentError.tooManyPeople(limit: ExperimentLimits.peopleMax)
        }
        let experiment = try await platform.store.read { try Experiments.get(id, $0) }
        guard experiment.state == .running || !records else { throw ExperimentError.notRunning(experiment.state) }
        let inside = try await ExperimentAudience.members(of: experiment, among: profileIDs, platform)
        if records {
            return try await platform.store.write { connection in
                try answer(id, profileIDs, inside, records: true, platform.effects, connection)
            }
        }
        return try await platform.store.read { connection in
            try answer(id, profileIDs, inside, records: false, platform.effects, connection)
        }
    }

    /// The same in an open transaction, for journeys and campaigns that choose their people themselves. `moment`: when they
    /// met it; nil: now. Throws: as `assign`.
    package static func expose(
        _ id: Int64, _ profileIDs: [Int64], at moment: Timestamp? = nil, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> [Answer] {
        try answer(id, profileIDs, Set(profileIDs), records: true, at: moment, effects, connection)
    }

    /// What an experiment has for people as they come, without recording it: for journeys, which record what they then do.
    /// Whoever met a variant keeps it; once it is decided everybody has what was decided for, and when it was only stopped
    /// who comes later has the control. Empty when there is no such experiment. Throws: `StorageError`.
    static func foreseen(
        _ id: Int64, for people: Set<Int64>, _ connection: any SQLConnection
    ) throws -> [Int64: JourneyVariant] {
        let experiment: Experiment
        do { experiment = try Experiments.get(id, connection) } catch ExperimentError.notFound { return [:] }
        let division = try ExperimentDivision.current(experiment, connection)
        let holdout = try Holdout.load(connection)
        var found: [Int64: JourneyVariant] = [:]
        for person in people {
            if experiment.state == .decided {
                found[person] = .variant(
                    experiment.decision?.variant ?? experiment.definition.control.key, records: false)
            } else if let met = try variantMet(id, person, connection) {
                found[person] = .variant(met, records: false)
            } else if experiment.state == .draft {
                found[person] = .nobody("not_running")
            } else if holdout.holds(person) {
                found[person] = .nobody("held_out")
            } else if experiment.state == .stopped {
                found[person] = .variant(experiment.definition.control.key, records: false)
            } else {
                found[person] = .variant(experiment.variant(of: person, under: division).key, records: true)
            }
        }
        return found
    }

    /// Records that people meet the variants that were foreseen for them, in the open transaction. Throws: as `assign`.
    static func record(
        _ id: Int64, _ variants: [Int64: String], _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let people = variants.keys.sorted()
        _ = try answer(id, people, Set(people), records: true, chosen: variants, effects, connection)
    }

    private static func answer(
        _ id: Int64, _ profileIDs: [Int64], _ inside: Set<Int64>, records: Bool, at moment: Timestamp? = nil,
        chosen: [Int64: String] = [:], _ effects: Effects, _ connection: any SQLConnection
    ) throws -> [Answer] {
        let experiment = try Experiments.get(id, connection)
        guard experiment.state == .running || !records else { throw ExperimentError.notRunning(experiment.state) }
        let division = try ExperimentDivision.current(experiment, connection)
        let (holdout, now) = (try Holdout.load(connection), effects.now())
        let met = moment ?? now
        var said: [SystemEvent] = []
        let answers = try profileIDs.map { asked -> Answer in
            guard let person = try living(asked, connection) else {
                return Answer(profileID: asked, outcome: .unknown, variant: nil)
            }
            func answer(_ outcome: Answer.Outcome, _ variant: String?) -> Answer {
                Answer(profileID: person.id, outcome: outcome, variant: variant)
            }
            if let before = try variantMet(id, person.id, connection) { return answer(.repeated, before) }
            if holdout.holds(person.id) { return answer(.heldOut, nil) }
            guard inside.contains(asked) else { return answer(.notInAudience, nil) }
            let variant = chosen[asked] ?? experiment.variant(of: person.id, under: division).key
            guard records else { return answer(.assigned, variant) }
            let added = try connection.execute(
                """
                INSERT INTO experiment_exposures (experiment_id, profile_id, variant, exposed_ms, allocation)
                VALUES (\(id), \(person.id), \(variant), \(met.milliseconds), \(division.version))
                ON CONFLICT (experiment_id, profile_id) DO NOTHING
                """)
            guard added == 1 else { return answer(.repeated, variant) }
            said.append(event(experiment, person, variant, under: division, at: met))
            return answer(.exposed, variant)
        }
        try SystemEventLog.append(said, now: now, effects: effects, to: connection)
        return answers
    }

    private static func living(_ id: Int64, _ connection: any SQLConnection) throws -> Profile? {
        do {
            let living = try ProfileDetail.resolve(id, connection)
            let row = try connection.first("SELECT \(raw: Profile.columns) FROM profiles WHERE id = \(living)")
            return try row.map(Profile.init).flatMap { $0.isLiving ? $0 : nil }
        } catch ProfileError.notFound {
            return nil
        }
    }

    /// What the person, or somebody merged into them, met first.
    private static func variantMet(_ id: Int64, _ profileID: Int64, _ connection: any SQLConnection) throws -> String? {
        let ids = [profileID] + (try ProfileDetail.mergedIDs(into: profileID, connection))
        return try connection.first(
            """
            SELECT variant FROM experiment_exposures WHERE experiment_id = \(id) AND profile_id IN (\(list: ids))
            ORDER BY exposed_ms, profile_id LIMIT 1
            """)?.text(0)
    }

    /// With what the person was at that moment: what they become may be the experiment's doing.
    private static func event(
        _ experiment: Experiment, _ person: Profile, _ variant: String, under division: ExperimentDivision,
        at now: Timestamp
    ) -> SystemEvent {
        SystemEvent(
            name: event, profileID: person.id, time: now,
            properties: JSONValue.object([
                "experiment": JSONValue(id: experiment.id), "name": .string(experiment.definition.name),
                "variant": .string(variant), "stage": .string(person.stage ?? "none"),
                "rfm_class": .string(person.rfmClass ?? "none"), "tier": .string(person.tier ?? "none"),
                "known": .string(person.isIdentified ? "yes" : "no"), "allocation": .integer(division.version),
            ]).text())
    }

    /// How many met each variant. Throws: `StorageError`.
    package static func counts(_ id: Int64, _ connection: any SQLConnection) throws -> [String: Int64] {
        let rows = try connection.query(
            "SELECT variant, count(*) FROM experiment_exposures WHERE experiment_id = \(id) GROUP BY variant")
        return Dictionary(try rows.map { (try $0.text(0), try $0.int(1)) }, uniquingKeysWith: +)
    }

    /// How many take part in each experiment. Throws: `StorageError`.
    package static func totals(_ connection: any SQLConnection) throws -> [Int64: Int64] {
        let rows = try connection.query(
            "SELECT experiment_id, count(*) FROM experiment_exposures GROUP BY experiment_id")
        return Dictionary(try rows.map { (try $0.int(0), try $0.int(1)) }, uniquingKeysWith: +)
    }

    /// What one person met, the newest first. Throws: `StorageError`.
    package static func of(
        _ profileID: Int64, _ connection: any SQLConnection
    ) throws -> [(experiment: Experiment, variant: String, at: Timestamp)] {
        let ids = [profileID] + (try ProfileDetail.mergedIDs(into: profileID, connection))
        let rows = try connection.query(
            """
            SELECT experiment_id, variant, exposed_ms FROM experiment_exposures WHERE profile_id IN (\(list: ids))
            ORDER BY exposed_ms DESC, experiment_id LIMIT \(ExperimentLimits.experiments)
            """)
        return try rows.map { row in
            (try Experiments.get(row.int(0), connection), try row.text(1), Timestamp(milliseconds: try row.int(2)))
        }
    }

    /// Forgets these people. Throws: `StorageError`.
    static func forget(_ profileIDs: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM experiment_exposures WHERE profile_id IN (\(list: profileIDs))")
    }
}
