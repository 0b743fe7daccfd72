import Storage

/// Figures of journeys, and lists of people on their way.
package struct JourneyFigures: Sendable, Equatable {
    /// By node: passed, refused, `path:NAME`.
    package var nodes: [String: [String: Int64]] = [:]
    package var entered: Int64 = 0
    package var goals: Int64 = 0
    package var endings: [String: Int64] = [:]
    /// Entered by day, oldest first.
    package var days: [(day: Int64, entered: Int64)] = []

    package static func == (left: JourneyFigures, right: JourneyFigures) -> Bool {
        left.nodes == right.nodes && left.entered == right.entered && left.goals == right.goals
            && left.endings == right.endings
    }

    /// Throws: `StorageError`.
    package static func load(_ id: Int64, _ connection: any SQLConnection) throws -> JourneyFigures {
        var figures = JourneyFigures()
        for row in try connection.query(
            """
            SELECT node, figure, CAST(sum(people) AS BIGINT) FROM journey_figures WHERE journey_id = \(id)
            GROUP BY node, figure
            """)
        {
            let (node, figure, people) = (try row.text(0), try row.text(1), try row.int(2))
            switch figure {
            case "entered": figures.entered = people
            case "goal": figures.goals = people
            default:
                if figure.hasPrefix("ended:") {
                    figures.endings[String(figure.dropFirst(6))] = people
                } else {
                    figures.nodes[node, default: [:]][figure] = people
                }
            }
        }
        figures.days = try connection.query(
            """
            SELECT day, people FROM journey_figures WHERE journey_id = \(id) AND node = '' AND figure = 'entered'
            ORDER BY day DESC LIMIT 90
            """
        ).map { (day: try $0.int(0), entered: try $0.int(1)) }.reversed()
        return figures
    }

    /// How many came in and reached the goal, and how many are on their way, of all journeys.
    /// Throws: `StorageError`.
    package static func totals(
        _ connection: any SQLConnection
    ) throws -> [Int64: (entered: Int64, goals: Int64, active: Int64)] {
        var totals: [Int64: (entered: Int64, goals: Int64, active: Int64)] = [:]
        for row in try connection.query(
            """
            SELECT journey_id, figure, CAST(sum(people) AS BIGINT) FROM journey_figures
            WHERE node = '' AND figure IN ('entered', 'goal') GROUP BY journey_id, figure
            """)
        {
            let (id, people) = (try row.int(0), try row.int(2))
            var own = totals[id] ?? (0, 0, 0)
            if try row.text(1) == "goal" { own.goals = people } else { own.entered = people }
            totals[id] = own
        }
        for row in try connection.query(
            "SELECT journey_id, count(*) FROM journey_runs WHERE status IN ('active', 'failed') GROUP BY journey_id")
        {
            let (id, people) = (try row.int(0), try row.int(1))
            totals[id, default: (0, 0, 0)].active = people
        }
        return totals
    }
}

/// Which runs are asked for.
package struct JourneyRunFilter: Sendable, Equatable {
    package var journey: Int64?
    package var profile: Int64?
    package var node: String?
    package var status: JourneyRun.Status?
    /// Older than this run.
    package var before: Int64?
    /// Who has left this node, whatever became of them.
    package var passed: String?
    /// With `passed`: by this way; with a note that begins like this.
    package var way: String?
    package var note: String?
    package var reachedGoal = false
    package var ending: JourneyRun.Ending?

    package init(
        journey: Int64? = nil, profile: Int64? = nil, node: String? = nil, status: JourneyRun.Status? = nil,
        before: Int64? = nil
    ) {
        self.journey = journey
        self.profile = profile
        self.node = node
        self.status = status
        self.before = before
    }
}

package enum JourneyRuns {
    /// The newest first. Throws: `StorageError`.
    package static func list(
        _ filter: JourneyRunFilter, limit: Int, _ connection: any SQLConnection
    ) throws -> [JourneyRun] {
        var sql: SQL = "SELECT \(raw: JourneyRows.columns) FROM journey_runs WHERE id < \(filter.before ?? .max)"
        if let journey = filter.journey { sql += " AND journey_id = \(journey)" }
        if let profile = filter.profile {
            let ids = [profile] + (try ProfileDetail.mergedIDs(into: profile, connection))
            sql += " AND profile_id IN (\(list: ids))"
        }
        if let node = filter.node { sql += " AND node = \(node) AND status IN ('active', 'failed')" }
        if let status = filter.status { sql += " AND status = \(status.rawValue)" }
        if let ending = filter.ending { sql += " AND ending = \(ending.rawValue)" }
        if filter.reachedGoal { sql += " AND goal_ms IS NOT NULL" }
        if let passed = filter.passed {
            var visit: SQL = "SELECT 1 FROM journey_visits v WHERE v.run_id = journey_runs.id AND v.node = \(passed)"
            if let way = filter.way { visit += " AND v.path = \(way)" }
            if let note = filter.note { visit += " AND v.note = \(note)" }
            sql += " AND EXISTS (\(visit))"
        }
        sql += " ORDER BY id DESC LIMIT \(min(limit, JourneyLimits.pageRows + 1))"
        return try connection.query(sql).map(JourneyRows.run)
    }

    /// Throws: `JourneyError.runNotFound`, `StorageError`.
    package static func get(
        _ id: Int64, of journey: Int64, _ connection: any SQLConnection
    ) throws -> (run: JourneyRun, visits: [JourneyVisitRecord]) {
        let row = try connection.first(
            "SELECT \(raw: JourneyRows.columns) FROM journey_runs WHERE id = \(id) AND journey_id = \(journey)")
        guard let row else { throw JourneyError.runNotFound(id) }
        let visits = try connection.query(
            """
            SELECT visit, node, arrived_ms, left_ms, path, note FROM journey_visits WHERE run_id = \(id)
            ORDER BY visit LIMIT 500
            """
        ).map { row in
            JourneyVisitRecord(
                visit: try row.int(0), node: try row.text(1), arrivedAt: Timestamp(milliseconds: try row.int(2)),
                leftAt: Timestamp(milliseconds: try row.int(3)), path: try row.text(4), note: try row.text(5))
        }
        return (try JourneyRows.run(row), visits)
    }

    /// Tries a run again that was set aside. Throws: `JourneyError`, `StorageError`.
    package static func retry(
        _ id: Int64, of journey: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> JourneyRun {
        let changed = try connection.execute(
            """
            UPDATE journey_runs SET status = 'active', attempts = 0, due_ms = \(now.milliseconds), fence = fence + 1
            WHERE id = \(id) AND journey_id = \(journey) AND status = 'failed'
            """)
        let found = try get(id, of: journey, connection).run
        guard changed == 1 else { throw JourneyError.notRetryable }
        try Journeys.note("retry", journey, "run:\(id)", actor, now, connection)
        return found
    }

    /// Takes one person out. Throws: `JourneyError`, `StorageError`.
    package static func remove(
        _ id: Int64, of journey: Int64, by actor: String, effects: Effects, _ connection: any SQLConnection
    ) throws -> JourneyRun {
        let now = effects.now()
        try StaffTasks.withdraw("id = \(id) AND journey_id = \(journey)", at: now, connection)
        let changed = try connection.execute(
            """
            UPDATE journey_runs SET status = 'ended', ending = 'removed', ended_ms = \(now.milliseconds),
                due_ms = NULL, held_ms = NULL, timer_ms = NULL, is_waiting = 0, fence = fence + 1
            WHERE id = \(id) AND journey_id = \(journey) AND status IN ('active', 'failed')
            """)
        let found = try get(id, of: journey, connection).run
        guard changed == 1 else { return found }
        try connection.execute("DELETE FROM journey_inputs WHERE run_id = \(id)")
        try Journeys.note("remove", journey, "run:\(id)", actor, now, connection)
        let name = try Journeys.get(journey, connection).name
        try SystemEventLog.append(
            [JourneyEvents.said(JourneyEvents.left, found, name, at: now)], now: now, effects: effects, to: connection)
        return found
    }
}
