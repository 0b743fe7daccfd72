import Storage

/// What becomes of people who are on their way when a new version is published.
package enum JourneyTransfer: Sendable, Equatable {
    /// They finish the version that they are on.
    case stay
    /// They go on in the new one, at the node of the same id, or where `nodes` says; to "" they leave.
    case move(nodes: [String: String])
    case exit
}

/// What becomes of what fell due while a journey was paused.
package enum JourneyCatchUp: Sendable, Equatable {
    /// Everything that is due happens as soon as it can.
    case keep
    /// It is spread evenly over so many hours.
    case spread(hours: Int64)
    /// Those whom something was due for leave.
    case expire
}

/// How many people stand at a node.
package struct JourneyStanding: Sendable, Equatable {
    package var versionID: Int64
    package var node: String
    package var people: Int64
    package var failed: Int64
}

extension Journeys {
    /// Throws: `StorageError`.
    package static func standing(_ id: Int64, _ connection: any SQLConnection) throws -> [JourneyStanding] {
        try connection.query(
            """
            SELECT version_id, node, count(*), count(CASE WHEN status = 'failed' THEN 1 END) FROM journey_runs
            WHERE journey_id = \(id) AND status IN ('active', 'failed') GROUP BY version_id, node
            ORDER BY version_id, node
            """
        ).map {
            JourneyStanding(
                versionID: try $0.int(0), node: try $0.text(1), people: try $0.int(2), failed: try $0.int(3))
        }
    }

    /// Makes the draft the version that lets people in, and carries on those who are on their way.
    /// Throws: `JourneyError`, `SegmentError.tooManyFeatures`, `StorageError`.
    package static func publish(
        _ id: Int64, _ transfer: JourneyTransfer = .stay, seen: String? = nil,
        messages: JourneyMessages = .current, by actor: String, effects: Effects, _ connection: any SQLConnection
    ) throws -> Journey {
        try connection.lock("journeys")
        let (journey, now) = (try get(id, connection), effects.now())
        if let seen, try seen != revision(of: journey, connection) { throw JourneyError.editedMeanwhile }
        guard let draft = try Journeys.draft(id, connection) else { throw JourneyError.noDraft }
        let definition = try JourneyDefinition(parsing: draft.definition)
        let issues = definition.issues(try JourneyWorld.load(connection, messages))
        guard issues.isEmpty else { throw JourneyError.invalid(issues) }
        try connection.execute(
            "UPDATE journey_versions SET status = 'retired' WHERE journey_id = \(id) AND status = 'published'")
        try connection.execute(
            """
            UPDATE journey_versions SET status = 'published', published_ms = \(now.milliseconds),
                published_by = \(actor) WHERE id = \(draft.id)
            """)
        let isFirst = journey.status == .draft || journey.status == .ended
        try connection.execute(
            """
            UPDATE journeys SET published_version = \(draft.id), updated_ms = \(now.milliseconds),
                status = CASE WHEN status = 'paused' THEN 'paused' ELSE 'live' END,
                from_position = CASE WHEN \(isFirst ? 1 : 0) = 1 THEN \(try EventLog.end(connection))
                    ELSE from_position END
            WHERE id = \(id)
            """)
        if isFirst { try JourneySweep.begin(id, at: now, connection) }
        let publication = try JourneyPublication.begin(
            journey, to: draft.id, transfer, by: actor, effects, connection)
        try carry(id, draft.id, JourneyMap(definition), transfer, now, connection)
        try JourneyPublication.end(publication, connection)
        try changed(connection, at: now)
        try KeptFeatures.settle(at: now, connection)
        try SegmentCache.invalidate(connection, at: now)
        try JourneyFill.wait(for: definition, of: id, effects, connection)
        try note("publish", id, "\(journey.name) v\(draft.number)", actor, now, connection)
        return try get(id, connection)
    }

    private static func carry(
        _ id: Int64, _ version: Int64, _ map: JourneyMap, _ transfer: JourneyTransfer, _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        switch transfer {
        case .stay: return
        case .exit: try leave("journey_id = \(id) AND version_id <> \(version)", .republished, now, connection)
        case .move(let nodes):
            for target in nodes.values where !target.isEmpty && map.steps[target] == nil {
                throw JourneyError.unknownNode(target)
            }
            for place in try standing(id, connection) where place.versionID != version {
                let target = nodes[place.node] ?? (map.steps[place.node] == nil ? "" : place.node)
                let here: SQL = "journey_id = \(id) AND version_id = \(place.versionID) AND node = \(place.node)"
                guard !target.isEmpty else {
                    try leave(here, .republished, now, connection)
                    continue
                }
                // At the same node the wait goes on; at another one they arrive anew.
                let stays = target == place.node
                try connection.execute(
                    """
                    UPDATE journey_runs SET version_id = \(version), node = \(target), fence = fence + 1,
                        is_waiting = CASE WHEN \(stays ? 1 : 0) = 1 THEN is_waiting ELSE 0 END,
                        due_ms = CASE WHEN \(stays ? 1 : 0) = 1 OR held_ms IS NOT NULL THEN due_ms
                            ELSE \(now.milliseconds) END,
                        held_ms = CASE WHEN \(stays ? 1 : 0) = 1 OR held_ms IS NULL THEN held_ms
                            ELSE \(now.milliseconds) END
                    WHERE \(here) AND status IN ('active', 'failed')
                    """)
            }
        }
    }

    private static func leave(
        _ condition: SQL, _ ending: JourneyRun.Ending, _ now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let leaving: SQL = "\(condition) AND status IN ('active', 'failed')"
        try StaffTasks.withdraw(leaving, at: now, connection)
        // What happened to them is still needed when the version is taken back.
        if ending != .republished {
            try connection.execute(
                "DELETE FROM journey_inputs WHERE run_id IN (SELECT id FROM journey_runs WHERE \(leaving))")
        }
        try connection.execute(
            """
            UPDATE journey_runs SET status = 'ended', ending = \(ending.rawValue), ended_ms = \(now.milliseconds),
                due_ms = NULL, held_ms = NULL, timer_ms = NULL, is_waiting = 0, fence = fence + 1
            WHERE \(leaving)
            """)
    }

    /// Nobody comes in and nobody goes on until it is resumed. Throws: `JourneyError`, `StorageError`.
    package static func pause(
        _ id: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> Journey {
        try connection.lock("journeys")
        let journey = try get(id, connection)
        guard journey.status == .live else { throw JourneyError.notLive }
        try connection.execute(
            """
            UPDATE journeys SET status = 'paused', paused_ms = \(now.milliseconds), updated_ms = \(now.milliseconds)
            WHERE id = \(id)
            """)
        try connection.execute(
            """
            UPDATE journey_runs SET held_ms = due_ms, due_ms = NULL, fence = fence + 1
            WHERE journey_id = \(id) AND status = 'active' AND due_ms IS NOT NULL
            """)
        try changed(connection, at: now)
        try note("pause", id, journey.name, actor, now, connection)
        return try get(id, connection)
    }

    /// Throws: `JourneyError`, `StorageError`.
    package static func resume(
        _ id: Int64, _ catchUp: JourneyCatchUp, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> Journey {
        try connection.lock("journeys")
        let journey = try get(id, connection)
        guard journey.status == .paused else { throw JourneyError.notPaused }
        let overdue: SQL = "journey_id = \(id) AND status = 'active' AND held_ms <= \(now.milliseconds)"
        switch catchUp {
        case .keep: break
        case .expire: try leave(overdue, .expired, now, connection)
        case .spread(let hours):
            let rows = try connection.query("SELECT id FROM journey_runs WHERE \(overdue) ORDER BY held_ms, id")
            let step = max(hours, 1) * 3_600_000 / Int64(max(rows.count, 1))
            try connection.executeMany(
                "UPDATE journey_runs SET held_ms = ? WHERE id = ?",
                try rows.enumerated().map { place, row in
                    [.integer(now.milliseconds + Int64(place) * step), .integer(try row.int(0))]
                })
        }
        try connection.execute(
            """
            UPDATE journey_runs SET due_ms = held_ms, held_ms = NULL, fence = fence + 1
            WHERE journey_id = \(id) AND status = 'active' AND held_ms IS NOT NULL
            """)
        try connection.execute(
            "UPDATE journeys SET status = 'live', paused_ms = NULL, updated_ms = \(now.milliseconds) WHERE id = \(id)")
        try JourneySweep.begin(id, at: now, connection)
        try changed(connection, at: now)
        try note("resume", id, journey.name, actor, now, connection)
        return try get(id, connection)
    }

    /// Nobody comes in any more; those on their way finish, or leave. Throws: `JourneyError`, `StorageError`.
    package static func end(
        _ id: Int64, letsFinish: Bool, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> Journey {
        try connection.lock("journeys")
        let journey = try get(id, connection)
        guard journey.status == .live || journey.status == .paused else { throw JourneyError.notLive }
        if !letsFinish { try leave("journey_id = \(id)", .removed, now, connection) }
        try connection.execute(
            """
            UPDATE journey_runs SET due_ms = held_ms, held_ms = NULL
            WHERE journey_id = \(id) AND status = 'active' AND held_ms IS NOT NULL
            """)
        try connection.execute(
            "UPDATE journeys SET status = 'ended', paused_ms = NULL, updated_ms = \(now.milliseconds) WHERE id = \(id)")
        try changed(connection, at: now)
        try note("end", id, journey.name, actor, now, connection)
        return try get(id, connection)
    }
}
