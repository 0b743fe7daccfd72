import Storage

extension JourneyWorker {
    /// Brings back whoever waits for a moment that a clock which has gone back since gave them, in parts.
    /// Throws: `StorageError`, `JSONError`, `CancellationError`.
    func bringBack(at now: Timestamp) async throws {
        try await recount(at: now)
        try await lookAgain(at: now)
    }

    /// Looks at once at whoever waits for no timer, but for a moment that the clock gave them. One whose timer is over before
    /// waits for a turn that is not the clock's: after a pause, or an attempt that failed.
    private func lookAgain(at now: Timestamp) async throws {
        // Later than any that is tried again.
        let ahead = ClockWatch.beyond(now) + JourneyLimits.retryMilliseconds
        let found: SQL = """
            SELECT id FROM journey_runs WHERE due_ms > \(ahead) AND status = 'active'
                AND (timer_ms IS NULL OR due_ms < timer_ms) LIMIT \(JourneyLimits.runsPerStep)
            """
        while try await platform.store.read({ try $0.first(found) != nil }) {
            let count = try await platform.store.write { connection in
                let ids = try connection.query("\(found)\(raw: connection.dialect.forUpdateSkipLocked)").map {
                    try $0.int(0)
                }
                return try connection.execute(
                    "UPDATE journey_runs SET due_ms = \(now.milliseconds) WHERE id IN (\(list: ids))")
            }
            // Another transaction has what is left.
            guard count > 0 else { return }
        }
    }

    /// Counts waits anew, from now, that began at a moment which has yet to come: of people on their way, and of those whom a
    /// paused journey holds.
    private func recount(at now: Timestamp) async throws {
        let ahead = ClockWatch.beyond(now)
        let held: SQL = "journey_id IN (SELECT id FROM journeys WHERE status = 'paused') AND held_ms > \(ahead)"
        let places: [SQL] = ["due_ms > \(ahead)", held]
        for place in places {
            let found: SQL = """
                FROM journey_runs WHERE \(place) AND status = 'active' AND is_waiting = 1 AND arrived_ms > \(ahead)
                """
            while try await platform.store.read({ try $0.first("SELECT 1 \(found) LIMIT 1") != nil }) {
                guard try await platform.store.write({ try recount(found, at: now, $0) }) > 0 else { break }
                try Task.checkCancellation()
            }
        }
    }

    private func recount(_ found: SQL, at now: Timestamp, _ connection: any SQLConnection) throws -> Int {
        var runs = try connection.query(
            """
            SELECT \(raw: JourneyRows.columns) \(found)
            LIMIT \(JourneyLimits.runsPerStep)\(raw: connection.dialect.forUpdateSkipLocked)
            """
        ).map(JourneyRows.run)
        guard !runs.isEmpty else { return 0 }
        let content = try cache.load(connection)
        try JourneyPeople.settle(&runs, connection)
        let timers = try timers(runs, content, now, connection)
        let changed = try connection.executeMany(
            """
            UPDATE journey_runs SET arrived_ms = ?, timer_ms = ?, due_ms = ?, held_ms = ?, fence = fence + 1
            WHERE id = ? AND fence = ?
            """,
            zip(runs, timers).map { run, timer in
                // Never later than it was to be looked at.
                let sooner = { (moment: Timestamp?) in
                    moment.map { min($0, timer ?? $0).milliseconds }.sqlValue
                }
                return [
                    .integer(now.milliseconds), (timer?.milliseconds).sqlValue, sooner(run.due), sooner(run.held),
                    .integer(run.id), .integer(run.fence),
                ]
            })
        return changed.reduce(0, +)
    }

    /// When each wait ends by time alone, had it begun now.
    private func timers(
        _ runs: [JourneyRun], _ content: JourneyCache.Content, _ now: Timestamp, _ connection: any SQLConnection
    ) throws -> [Timestamp?] {
        let clock = content.published.clock(now)
        let subjects = try subjects(of: runs, content, connection)
        return runs.map { run -> Timestamp? in
            guard let journey = content.journeys[run.journeyID], let map = content.maps[run.versionID] else {
                // Of a version that cannot be read only the length of the wait is known.
                return run.timer.map {
                    now.adding(milliseconds: max(0, $0.milliseconds - run.arrivedAt.milliseconds))
                }
            }
            var facts = JourneyFacts(now: now, clock: clock, salt: journey.salt)
            facts.subject = subjects[run.profileID]
            return JourneyMachine(map: map).timer(of: run, facts)
        }
    }
}
