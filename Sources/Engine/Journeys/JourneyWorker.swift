import Storage

/// Takes people on who are due: one transaction reads their runs, thinks the step out, does what it decides and writes
/// the new state.
///
/// A run is claimed by its locked row for as long as the transaction lasts, so that a process killed at any instruction
/// leaves no lease behind to wait for, and two processes never hold the same one; the fence refuses a step that was
/// thought out for another state.
struct JourneyWorker: Sendable {
    let platform: Platform
    let cache: JourneyCache
    var messages = JourneyMessages.current

    /// One batch. Returns how many runs were taken on. Those of a batch that fails are taken on one by one, so that the
    /// fault of one person stops nobody else.
    func step(limit: Int = JourneyLimits.runsPerStep) async throws -> Int {
        let now = platform.effects.now()
        var refusals: [String: String] = [:]
        for _ in 0..<Self.batchTries {
            do {
                let known = refusals
                return try await platform.store.writeAlone { try take(dueBy: now, only: nil, limit: limit, known, $0) }
            } catch let refusal as JourneyRefusal {
                refusals.merge(refusal.reasons) { first, _ in first }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                platform.logger.debug("a batch of journey steps failed", metadata: ["error": "\(error)"])
                break
            }
        }
        let ids = try await platform.store.read { try Self.due(now, limit: limit, lock: "", $0) }
        for id in ids { try await alone(id, now) }
        return ids.count
    }

    /// A batch is tried again without what was refused so often; then its runs one by one.
    private static let batchTries = 4

    /// One run by itself, again without what the store refuses; set aside when it keeps failing.
    private func alone(_ id: Int64, _ now: Timestamp) async throws {
        var refusals: [String: String] = [:]
        for _ in 0...JourneyLimits.nodesPerStep {
            do {
                let known = refusals
                _ = try await platform.store.write { try take(dueBy: now, only: id, limit: 1, known, $0) }
                return
            } catch let refusal as JourneyRefusal {
                refusals.merge(refusal.reasons) { first, _ in first }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                if let storage = error as? StorageError {
                    switch storage {
                    case .unavailable, .timedOut, .cannotWrite: throw error
                    default: break
                    }
                }
                return try await note(error, of: id, now)
            }
        }
    }

    private func note(_ error: any Error, of id: Int64, _ now: Timestamp) async throws {
        platform.logger.warning(
            "a journey's step failed for one person", metadata: ["run": "\(id)", "error": "\(error)"])
        let text = String("\(error)".prefix(500))
        _ = try await platform.store.write { connection in
            try connection.execute(
                """
                UPDATE journey_runs SET attempts = attempts + 1, error = \(text),
                    status = CASE WHEN attempts + 1 >= \(JourneyLimits.attempts) THEN 'failed' ELSE status END,
                    due_ms = CASE WHEN attempts + 1 >= \(JourneyLimits.attempts) THEN NULL
                        ELSE CAST(\(now.milliseconds + JourneyLimits.retryMilliseconds) AS BIGINT) END
                WHERE id = \(id) AND status = 'active'
                """)
        }
    }

    private static func due(
        _ now: Timestamp, limit: Int, lock: String, _ connection: any SQLConnection
    ) throws -> [Int64] {
        try connection.query(
            """
            SELECT id FROM journey_runs WHERE due_ms <= \(now.milliseconds) AND status = 'active'
            ORDER BY due_ms LIMIT \(limit)\(raw: lock)
            """
        ).map { try $0.int(0) }
    }

    func take(
        dueBy now: Timestamp, only id: Int64?, limit: Int, _ refusals: [String: String],
        _ connection: any SQLConnection
    ) throws -> Int {
        let ids =
            try id.map { [$0] }
            ?? Self.due(now, limit: limit, lock: connection.dialect.forUpdateSkipLocked, connection)
        guard !ids.isEmpty else { return 0 }
        var runs = try connection.query(
            """
            SELECT \(raw: JourneyRows.columns) FROM journey_runs WHERE id IN (\(list: ids)) AND status = 'active'
                AND due_ms <= \(now.milliseconds) ORDER BY id\(raw: connection.dialect.forUpdateSkipLocked)
            """
        ).map(JourneyRows.run)
        guard !runs.isEmpty else { return 0 }
        let content = try cache.load(connection)
        try JourneyPeople.settle(&runs, connection)
        let strides = try stride(runs, content, now, refusals, connection)
        let names = content.journeys.mapValues(\.name)
        let doing = JourneyDoing(effects: platform.effects, messages: messages, now: now, names: names)
        var said = try doing.perform(strides.flatMap(\.effects), connection)
        try JourneyRows.write(
            strides.flatMap { stride in stride.visits.map { (run: stride.run.id, record: $0) } }, connection)
        try JourneyRows.save(strides.map(\.run), connection)
        try withdraw(strides, content, now, connection)
        var tally = JourneyTally()
        for (run, nodes) in try JourneyRows.nodes(of: strides.filter(\.reachedGoal).map(\.run.id), connection) {
            guard let journey = strides.first(where: { $0.run.id == run })?.run.journeyID else { continue }
            for node in nodes { tally.add("converted", node: node, of: journey) }
        }
        for stride in strides {
            tally.add(stride)
            said += JourneyEvents.said(by: stride, names[stride.run.journeyID] ?? "", at: now)
        }
        try tally.save(day: content.published.calendar.day(of: now), connection)
        try SystemEventLog.append(said, now: now, effects: platform.effects, to: connection)
        return ids.count
    }

    /// Tasks of people who have left are nobody's any more.
    private func withdraw(
        _ strides: [JourneyMachine.Stride], _ content: JourneyCache.Content, _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        let over = strides.map(\.run).filter { run in
            run.status == .ended && content.maps[run.versionID]?.asksTeam ?? false
        }.map(\.id)
        guard !over.isEmpty else { return }
        try StaffTasks.withdraw("id IN (\(list: over))", at: now, connection)
    }

    /// What experiments have for people who may come to one of them in this step.
    private func foresee(
        _ runs: [JourneyRun], _ content: JourneyCache.Content, _ connection: any SQLConnection
    ) throws -> [Int64: [Int64: JourneyVariant]] {
        var asked: [Int64: Set<Int64>] = [:]
        for run in runs where run.profileID != 0 {
            for experiment in content.maps[run.versionID]?.experiments ?? [] {
                asked[experiment, default: []].insert(run.profileID)
            }
        }
        var found: [Int64: [Int64: JourneyVariant]] = [:]
        for (experiment, people) in asked.sorted(by: { $0.key < $1.key }) {
            for (person, variant) in try Exposures.foreseen(experiment, for: people, connection) {
                found[person, default: [:]][experiment] = variant
            }
        }
        return found
    }

    /// The people whose journeys ask for facts.
    func subjects(
        of runs: [JourneyRun], _ content: JourneyCache.Content, _ connection: any SQLConnection
    ) throws -> [Int64: CriteriaSubject] {
        let asking = runs.filter { content.maps[$0.versionID]?.definition.asksFacts ?? false }
        return try JourneyPeople.subjects(Set(asking.map(\.profileID)), content.published, connection)
    }

    private func stride(
        _ runs: [JourneyRun], _ content: JourneyCache.Content, _ now: Timestamp, _ refusals: [String: String],
        _ connection: any SQLConnection
    ) throws -> [JourneyMachine.Stride] {
        let clock = content.published.clock(now)
        let subjects = try subjects(of: runs, content, connection)
        let inputs = try JourneyRows.inputs(of: runs.map(\.id), connection)
        let foreseen = try foresee(runs, content, connection)
        return runs.map { run in
            var run = run
            if run.profileID == 0 { return Self.gone(run, .erased, now) }
            guard let journey = content.journeys[run.journeyID] else { return Self.gone(run, .removed, now) }
            guard let map = content.maps[run.versionID] else {
                run.status = .failed
                run.due = nil
                run.error = "this version of the journey cannot be read"
                return JourneyMachine.Stride(run: run)
            }
            var facts = JourneyFacts(now: now, clock: clock, salt: journey.salt)
            if case .perKey = map.definition.reentry { facts.drawsPerRun = true }
            facts.subject = subjects[run.profileID]
            facts.inputs = inputs[run.id] ?? []
            facts.refusals = refusals
            facts.experiments = foreseen[run.profileID] ?? [:]
            run.error = ""
            run.attempts = 0
            return JourneyMachine(map: map).step(run, facts)
        }
    }

    private static func gone(
        _ run: JourneyRun, _ ending: JourneyRun.Ending, _ now: Timestamp
    ) -> JourneyMachine.Stride {
        var run = run
        run.status = .ended
        run.ending = ending
        run.endedAt = now
        run.due = nil
        run.timer = nil
        return JourneyMachine.Stride(run: run)
    }
}

/// People as journeys read them: without locking, since steps change nothing of a person but through the rooms that do.
enum JourneyPeople {
    /// Runs of merged people go to the winner, those of erased people to nobody.
    static func settle(_ runs: inout [JourneyRun], _ connection: any SQLConnection) throws {
        let owners = try owners(Set(runs.map(\.profileID)), connection)
        for index in runs.indices { runs[index].profileID = owners[runs[index].profileID] ?? 0 }
    }

    /// Whose each id is now. Erased people are left out.
    static func owners(_ ids: Set<Int64>, _ connection: any SQLConnection) throws -> [Int64: Int64] {
        var next: [Int64: Int64] = [:]
        var living: Set<Int64> = []
        var wanted = ids.subtracting([0])
        while !wanted.isEmpty {
            let sorted = wanted.sorted()
            let rows = try connection.queryMany(
                "SELECT merged_into, deleted_ms FROM profiles WHERE id = ?", sorted.map { [.integer($0)] })
            var further: Set<Int64> = []
            for (id, found) in zip(sorted, rows) {
                guard let row = found.first, try row.intOrNil(1) == nil else { continue }
                if let winner = try row.intOrNil(0) {
                    next[id] = winner
                    further.insert(winner)
                } else {
                    living.insert(id)
                }
            }
            wanted = further.subtracting(living).subtracting(next.keys)
        }
        var owners: [Int64: Int64] = [:]
        for id in ids {
            var current = id
            while let winner = next[current] { current = winner }
            if living.contains(current) { owners[id] = current }
        }
        return owners
    }

    /// Everything that conditions may ask of these people.
    static func subjects(
        _ ids: Set<Int64>, _ published: PublishedSegments, _ connection: any SQLConnection
    ) throws -> [Int64: CriteriaSubject] {
        guard !ids.isEmpty else { return [:] }
        let sorted = ids.sorted()
        let rows = try connection.queryMany(
            "SELECT \(Profile.columns) FROM profiles WHERE id = ?", sorted.map { [.integer($0)] }
        ).compactMap { try $0.first.map(Profile.init) }.filter(\.isLiving)
        let lists = try SegmentMembers.segments(of: sorted, connection)
        let tags = try TagHolders.tags(of: sorted, connection)
        let scores = try ScoreRows.scores(of: sorted, connection)
        let subjects = try SegmentReview.subjects(rows, published, withOrders: true, connection)
        return Dictionary(
            uniqueKeysWithValues: subjects.map { subject in
                var subject = subject
                let id = subject.profile.id
                subject.lists = Set(lists[id] ?? []).intersection(published.lists)
                subject.tags = Set(tags[id] ?? []).filter { published.tags.isManual($0) }
                for score in scores[id] ?? [] { subject.scores[score.modelID] = score }
                return (id, subject)
            })
    }
}
