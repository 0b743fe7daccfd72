import Storage

/// One publishing of a version, with what it did to people on their way, so that it can be taken back.
package struct JourneyPublication: Sendable, Equatable {
    package var id: Int64
    package var journeyID: Int64
    package var fromVersion: Int64
    package var toVersion: Int64
    /// stay, move, exit
    package var transfer: String
    /// How many it moved or let go.
    package var people: Int64
    package var at: Timestamp
    package var by: String
    package var undoneAt: Timestamp?

    /// What taking one back came to.
    package struct Undone: Sendable, Equatable {
        /// They stand where they stood before.
        package var restored: Int64
        /// They have gone on meanwhile, or came in since, and finish the version that was taken back.
        package var remaining: Int64
    }

    package static let undoHours: Int64 = 24
    private static let chunk = 1_000

    private init(_ row: SQLRow) throws {
        id = try row.int(0)
        journeyID = try row.int(1)
        fromVersion = try row.int(2)
        toVersion = try row.int(3)
        transfer = try row.text(4)
        people = try row.int(5)
        at = Timestamp(milliseconds: try row.int(6))
        by = try row.text(7)
        undoneAt = try row.intOrNil(8).map(Timestamp.init(milliseconds:))
    }

    /// Whether it can be taken back: it put another version out of force, not long ago.
    package func isUndoable(at now: Timestamp) -> Bool {
        undoneAt == nil && fromVersion != 0 && now < at.adding(milliseconds: Self.undoHours * 3_600_000)
    }

    /// The last one of a journey. Throws: `StorageError`.
    package static func last(_ journey: Int64, _ connection: any SQLConnection) throws -> JourneyPublication? {
        try connection.first(
            """
            SELECT id, journey_id, from_version, to_version, transfer, people, at_ms, published_by, undone_ms
            FROM journey_publications WHERE journey_id = \(journey) ORDER BY at_ms DESC, id DESC LIMIT 1
            """
        ).map(JourneyPublication.init)
    }

    /// Notes a publishing, and where everybody stands whom it will move. Call it before they are moved, and `end` after.
    static func begin(
        _ journey: Journey, to version: Int64, _ transfer: JourneyTransfer, by actor: String, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        let id = effects.newID()
        let word =
            switch transfer {
            case .stay: "stay"
            case .move: "move"
            case .exit: "exit"
            }
        var people = 0
        if transfer != .stay {
            people = try connection.execute(
                """
                INSERT INTO journey_publication_moves (publication_id, run_id, version_id, node, status, is_waiting, timer_ms,
                    due_ms, held_ms, arrived_ms, visit, target)
                SELECT CAST(\(id) AS BIGINT), id, version_id, node, status, is_waiting, timer_ms, due_ms, held_ms,
                    arrived_ms, visit, '' FROM journey_runs WHERE journey_id = \(journey.id) AND version_id <> \(version)
                    AND status IN ('active', 'failed')
                """)
        }
        // A journey that had ended begins anew: nothing was in force.
        let from = journey.status == .ended ? 0 : journey.publishedVersion
        try connection.execute(
            """
            INSERT INTO journey_publications (id, journey_id, from_version, to_version, transfer, people, at_ms,
                published_by)
            VALUES (\(id), \(journey.id), \(from), \(version), \(word), \(people), \(effects.now().milliseconds),
                \(actor))
            """)
        return id
    }

    /// Notes where they were moved to.
    static func end(_ id: Int64, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE journey_publication_moves SET target = (
                SELECT r.node FROM journey_runs r WHERE r.id = journey_publication_moves.run_id)
            WHERE publication_id = \(id)
            """)
    }

    /// Puts everybody back who has not gone on since: stands where they were moved to, and has at most begun to wait there.
    /// Returns how many.
    func restore(_ journey: Journey, _ after: JourneyMap, _ connection: any SQLConnection) throws -> Int64 {
        var (restored, last) = (Int64(0), Int64(0))
        while true {
            let rows = try connection.query(
                """
                SELECT run_id, version_id, node, status, is_waiting, timer_ms, due_ms, held_ms, arrived_ms, visit, target
                FROM journey_publication_moves WHERE publication_id = \(id) AND run_id > \(last)
                ORDER BY run_id LIMIT \(Self.chunk)
                """)
            guard let end = try rows.last?.int(0) else { break }
            last = end
            let isPaused = journey.status == .paused
            let changed = try connection.executeMany(
                """
                UPDATE journey_runs SET version_id = ?, node = ?, status = ?, is_waiting = ?, timer_ms = ?, due_ms = ?,
                    held_ms = ?, arrived_ms = ?, visit = ?, ending = '', ended_ms = NULL, fence = fence + 1
                WHERE id = ? AND node = ? AND visit <= ? AND profile_id <> 0 AND (
                    (version_id = ? AND status IN ('active', 'failed'))
                    OR (status = 'ended' AND ending = 'republished' AND (entry_key LIKE 'key:%' OR NOT EXISTS (
                        SELECT 1 FROM journey_runs o WHERE o.profile_id = journey_runs.profile_id
                            AND o.journey_id = journey_runs.journey_id AND o.status <> 'ended'))))
                """,
                try rows.map { row in
                    let due = try row.intOrNil(6) ?? row.intOrNil(7)
                    let (visit, target) = (try row.int(9), try row.text(10))
                    let isOnlyWaiting = after.steps[target].map { type(of: $0.node).waits } ?? false
                    return [
                        .integer(try row.int(1)), .text(try row.text(2)), .text(try row.text(3)),
                        .integer(try row.int(4)), (try row.intOrNil(5)).sqlValue, (isPaused ? nil : due).sqlValue,
                        (isPaused ? due : nil).sqlValue, .integer(try row.int(8)), .integer(visit),
                        .integer(try row.int(0)), .text(target), .integer(isOnlyWaiting ? visit + 1 : visit),
                        .integer(toVersion),
                    ]
                })
            restored += Int64(changed.reduce(0, +))
        }
        try connection.execute("DELETE FROM journey_publication_moves WHERE publication_id = \(id)")
        return restored
    }
}

extension Journeys {
    /// Takes the last publishing back, within a day: the version before lets people in again, and whom the publishing moved
    /// or let go, and who has not gone on since, stands where they stood. What was taken back becomes the draft, unless
    /// there is another one. Throws: `JourneyError.nothingToUndo`, `.tooLateToUndo`, `StorageError`.
    package static func undoPublishing(
        _ id: Int64, by actor: String, effects: Effects, _ connection: any SQLConnection
    ) throws -> (journey: Journey, undone: JourneyPublication.Undone) {
        try connection.lock("journeys")
        let (journey, now) = (try get(id, connection), effects.now())
        guard let last = try JourneyPublication.last(id, connection), last.undoneAt == nil, last.fromVersion != 0,
            last.toVersion == journey.publishedVersion, journey.status == .live || journey.status == .paused
        else { throw JourneyError.nothingToUndo }
        guard last.isUndoable(at: now) else {
            throw JourneyError.tooLateToUndo(hours: JourneyPublication.undoHours)
        }
        let (before, after) = (try version(last.fromVersion, connection), try version(last.toVersion, connection))
        let definition = try JourneyDefinition(parsing: before.definition)
        let undone = try JourneyDefinition(parsing: after.definition)
        if try draft(id, connection) == nil { try write(undone.text, of: id, effects: effects, connection) }
        try connection.execute("UPDATE journey_versions SET status = 'retired' WHERE id = \(after.id)")
        try connection.execute("UPDATE journey_versions SET status = 'published' WHERE id = \(before.id)")
        try connection.execute(
            """
            UPDATE journeys SET published_version = \(before.id), updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        let restored = try last.restore(journey, JourneyMap(undone), connection)
        try connection.execute(
            """
            UPDATE journey_publications SET undone_ms = \(now.milliseconds), undone_by = \(actor) WHERE id = \(last.id)
            """)
        try changed(connection, at: now)
        try KeptFeatures.settle(at: now, connection)
        try SegmentCache.invalidate(connection, at: now)
        try JourneyFill.wait(for: definition, of: id, effects, connection)
        try note("undo_publish", id, "\(journey.name) v\(after.number) → v\(before.number)", actor, now, connection)
        let remaining = try standing(id, connection).filter { $0.versionID == after.id }.reduce(0) { $0 + $1.people }
        return (
            try get(id, connection), JourneyPublication.Undone(restored: restored, remaining: remaining)
        )
    }
}
