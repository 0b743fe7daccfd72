import Storage

/// Walks a draft as one person would, and tells each decision; writes nothing.
///
/// Waits pass at once, on a clock of its own. Where somebody waits for an event the trial takes the way that is asked
/// for, or else what happens when nothing does.
package struct JourneyTrial: Sendable, Equatable {
    package struct Line: Sendable, Equatable {
        package var node: String
        package var kind: String
        package var words: String
        /// The way taken.
        package var path: String
        package var note: String
        package var at: Timestamp
    }

    package var lines: [Line]
    package var ending: JourneyRun.Ending?
    /// Whether the conditions of the entry hold for the person; nil where there are none.
    package var isMeant: Bool?
    package var goalAt: Timestamp?

    /// - Parameter choices: by node, the name of the way that an event or an outcome is to open.
    /// Throws: `JourneyError`, `ProfileError.notFound`, `StorageError`.
    package static func run(
        _ journeyID: Int64, as profileID: Int64, choices: [String: String], _ language: CriteriaLanguage,
        _ platform: Platform
    ) async throws -> JourneyTrial {
        try await platform.store.read { connection in
            let journey = try Journeys.get(journeyID, connection)
            guard let version = try Journeys.current(journeyID, connection) else { throw JourneyError.noDraft }
            let world = try JourneyWorld.load(connection, .current)
            let definition = try JourneyDefinition(parsing: version.definition).expanded(world.criteria)
            let person = try ProfileDetail.resolve(profileID, connection)
            let stamp = try SegmentCache.version(connection)
            let workspace = try Workspace.load(connection)
            let published = try PublishedSegments.load(version: stamp, workspace, connection)
            let subject = try JourneyPeople.subjects([person], published, connection)[person]
            guard subject != nil else { throw ProfileError.notFound(profileID) }
            let now = platform.effects.now()
            var facts = JourneyFacts(now: now, clock: published.clock(now), salt: journey.salt)
            facts.subject = subject
            for experiment in JourneyMap(definition).experiments {
                facts.experiments[experiment] = try Exposures.foreseen(experiment, for: [person], connection)[person]
            }
            var run = JourneyRun(
                id: 0, journeyID: journeyID, versionID: version.id, profileID: person, entryKey: "trial",
                node: definition.steps.first?.id ?? "", arrivedAt: now, seen: 0, enteredAt: now, values: "{}")
            run.due = now
            var walk = JourneyWalk(
                map: JourneyMap(definition), phrases: JourneyPhrases(language, world), choices: choices, facts: facts,
                published: published)
            var trial = walk.whole(run)
            if let criteria = definition.criteria, let subject {
                trial.isMeant = criteria.holds(for: subject, published.clock(now))
            }
            return trial
        }
    }
}

/// The trial's own walk over the machine.
private struct JourneyWalk {
    let map: JourneyMap
    let phrases: JourneyPhrases
    let choices: [String: String]
    var facts: JourneyFacts
    let published: PublishedSegments

    mutating func whole(_ start: JourneyRun) -> JourneyTrial {
        var trial = JourneyTrial(lines: [])
        var run = start
        for turn in 0..<JourneyLimits.trialNodes {
            open(run, turn)
            let stride = JourneyMachine(map: map).step(run, facts)
            for visit in stride.visits { trial.lines.append(line(visit)) }
            run = stride.run
            guard run.status == .active, let due = run.due else { break }
            facts.now = max(due, facts.now)
            facts.clock = published.clock(facts.now)
        }
        trial.ending = run.ending
        trial.goalAt = run.goalAt
        return trial
    }

    private func line(_ visit: JourneyVisitRecord) -> JourneyTrial.Line {
        let step = map.steps[visit.node]
        return JourneyTrial.Line(
            node: visit.node, kind: step?.kind ?? "", words: step?.node.words(phrases) ?? visit.node, path: visit.path,
            note: visit.note, at: visit.leftAt)
    }

    /// Makes what the chosen way waits for happen.
    private mutating func open(_ run: JourneyRun, _ turn: Int) {
        facts.inputs = []
        guard run.isWaiting, let step = map.steps[run.node], let name = choices[step.id],
            let path = step.paths.first(where: { $0.name == name })
        else { return }
        let event =
            path.event?.names.first ?? path.outcome?.events.sorted().first ?? path.answer.map { _ in StaffTasks.closed }
        guard let event else { return }
        let properties = JSONValue.object([
            "run_id": JSONValue(id: run.id), "visit": .integer(run.visit), "answer": JSONValue(path.answer?.word),
        ]).text()
        facts.inputs = [
            CriteriaEvent(
                position: run.seen + Int64(turn) + 1, name: event, time: facts.now,
                properties: FlatValues(parsing: properties, nil))
        ]
    }
}
