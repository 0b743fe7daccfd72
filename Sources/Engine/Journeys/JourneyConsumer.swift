import Storage

/// Reads the log in order, up to where the processor is, and tells journeys what they ask for: lets people in, and
/// hands events to runs; in one transaction with how far it has read.
final class JourneyConsumer: Sendable {
    let lease: SoleLease
    private let platform: Platform
    private let cache: JourneyCache

    init(platform: Platform, cache: JourneyCache) {
        self.platform = platform
        self.cache = cache
        lease = SoleLease("journeys", reading: .processed, platform)
    }

    /// One range of the log. Returns whether there may be more.
    func step() async throws -> Bool {
        guard try await lease.isBehind() else { return false }
        return try await platform.store.write { [lease, cache, effects = platform.effects] connection in
            guard let range = try lease.take(rows: JourneyLimits.logRows, connection) else { return false }
            let content = try cache.load(connection)
            if !content.journeys.isEmpty { try Self.tell(range, content, effects, connection) }
            return range.hasMore
        }
    }

    private struct Told {
        var event: CriteriaEvent
        var profile: Int64
        var properties: String

        func input(of run: JourneyRun) -> [SQLValue] {
            [
                .integer(run.id), .integer(event.position), .text(event.name), .integer(event.time.milliseconds),
                .text(properties), .text(event.context),
            ]
        }
    }

    private static func tell(
        _ range: SoleLease.Range, _ content: JourneyCache.Content, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let now = effects.now()
        let names = content.maps.values.reduce(into: Set<String>()) { $0.formUnion($1.names) }
            .union([IdentityEvents.merged, IdentityEvents.unmerged, IdentityEvents.erased])
        var sql: SQL = """
            SELECT e.position, e.name, e.time_ms, e.properties, e.context, o.profile_id FROM event_log e
            JOIN event_outcomes o ON o.position = e.position
            WHERE e.position > \(range.lower) AND e.position <= \(range.upper) AND o.outcome = 'stored'
            """
        // Where a condition may end a journey, anything that happens to a person may make it true.
        if !content.maps.values.contains(where: \.watches) { sql += " AND e.name IN (\(list: names.sorted()))" }
        let rows = try connection.query(sql + " ORDER BY e.position")
        var told: [Told] = []
        var tally = JourneyTally()
        for row in rows {
            let (name, properties) = (try row.text(1), try row.text(3))
            if name == IdentityEvents.merged || name == IdentityEvents.unmerged || name == IdentityEvents.erased {
                try JourneyMerge.follow(name, try JSONValue(parsing: properties), at: now, connection)
            }
            let event = CriteriaEvent(
                position: try row.int(0), name: name, time: Timestamp(milliseconds: try row.int(2)),
                properties: FlatValues(parsing: properties, nil), context: try row.text(4))
            if MessageEvents.told.contains(name) { tally.add(event) }
            told.append(Told(event: event, profile: try row.int(5), properties: properties))
        }
        try tally.save(day: content.published.calendar.day(of: now), connection)
        let owners = try JourneyPeople.owners(Set(told.map(\.profile)), connection)
        for index in told.indices { told[index].profile = owners[told[index].profile] ?? 0 }
        told.removeAll { $0.profile == 0 }
        guard !told.isEmpty else { return }
        try hand(told, content, now, connection)
        try letIn(told, content, effects, now, connection)
    }

    /// Hands events to the runs that ask for them.
    private static func hand(
        _ told: [Told], _ content: JourneyCache.Content, _ now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let people = Set(told.map(\.profile)).sorted()
        let found = try connection.queryMany(
            """
            SELECT \(JourneyRows.columns) FROM journey_runs
            WHERE profile_id = ? AND status IN ('active', 'failed') ORDER BY id LIMIT 200
            """, people.map { [.integer($0)] })
        var runs: [Int64: [JourneyRun]] = [:]
        for (id, rows) in zip(people, found) where !rows.isEmpty { runs[id] = try rows.map(JourneyRows.run) }
        var inputs: [[SQLValue]] = []
        var woken: Set<Int64> = []
        for one in told {
            for run in runs[one.profile] ?? [] where one.event.position > run.seen {
                guard let map = content.maps[run.versionID] else { continue }
                let isAsked = map.asks(for: one.event, run: run, content.published.calendar)
                if isAsked { inputs.append(one.input(of: run)) }
                if isAsked || (map.watches && !JourneyEvents.names.contains(one.event.name)) { woken.insert(run.id) }
            }
        }
        guard !woken.isEmpty else { return }
        try write(inputs, connection)
        // Of a paused journey the run is looked at when it is resumed.
        let paused = content.journeys.values.filter { $0.status == .paused }.map(\.id).sorted()
        try connection.executeMany(
            """
            UPDATE journey_runs SET due_ms = CASE WHEN journey_id IN (\(list(paused))) THEN NULL
                ELSE CAST(? AS BIGINT) END,
                held_ms = CASE WHEN journey_id IN (\(list(paused))) THEN CAST(? AS BIGINT) ELSE held_ms END
            WHERE id = ? AND status = 'active'
            """,
            woken.sorted().map { [.integer(now.milliseconds), .integer(now.milliseconds), .integer($0)] })
    }

    private static func list(_ ids: [Int64]) -> String {
        ids.isEmpty ? "0" : ids.map { String($0) }.joined(separator: ", ")
    }

    private static func letIn(
        _ told: [Told], _ content: JourneyCache.Content, _ effects: Effects, _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        var admitted: [(journey: Journey, candidates: [JourneyCandidate])] = []
        for journey in content.live {
            guard let map = content.maps[journey.publishedVersion] else { continue }
            let candidates = try told.compactMap { one -> JourneyCandidate? in
                guard one.event.position > journey.fromPosition,
                    map.definition.entry.admits(one.event, content.published.calendar)
                else { return nil }
                return JourneyCandidate(
                    profile: one.profile, cause: "event:\(one.event.position)", position: one.event.position,
                    values: try JSONValue(parsing: one.properties))
            }
            if !candidates.isEmpty { admitted.append((journey, candidates)) }
        }
        guard !admitted.isEmpty else { return }
        try connection.lock("journeys")
        let asking = admitted.filter { content.maps[$0.journey.publishedVersion]?.definition.criteria != nil }
        let people = Set(asking.flatMap { $0.candidates.map(\.profile) })
        let subjects = try JourneyPeople.subjects(people, content.published, connection)
        var entering = JourneyEntering(content, effects, now: now)
        var new: [JourneyRun] = []
        for (journey, candidates) in admitted {
            new += try entering.enter(journey, candidates, subjects: subjects, connection)
        }
        // What happened later in this range than what let them in is theirs already.
        try hand(told, to: new, content, connection)
        try entering.save(connection)
        try SystemEventLog.append(entering.said, now: now, effects: effects, to: connection)
    }

    private static func hand(
        _ told: [Told], to runs: [JourneyRun], _ content: JourneyCache.Content, _ connection: any SQLConnection
    ) throws {
        let byPerson = Dictionary(grouping: runs, by: \.profileID)
        var inputs: [[SQLValue]] = []
        for one in told {
            for run in byPerson[one.profile] ?? [] where one.event.position > run.seen {
                guard let map = content.maps[run.versionID],
                    map.asks(for: one.event, run: run, content.published.calendar)
                else { continue }
                inputs.append(one.input(of: run))
            }
        }
        try write(inputs, connection)
    }

    private static func write(_ inputs: [[SQLValue]], _ connection: any SQLConnection) throws {
        try connection.executeMany(
            """
            INSERT INTO journey_inputs (run_id, position, name, time_ms, properties, context) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """, inputs)
    }
}

/// Runs follow their people. A merge leaves of two ways through one journey the one that began first.
enum JourneyMerge {
    static func follow(
        _ name: String, _ properties: JSONValue, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let id = { (name: String) in properties[name]?.stringValue.flatMap { Int64($0) } ?? 0 }
        switch name {
        case IdentityEvents.merged: try move(id("loser"), to: id("winner"), merge: id("merge"), at: now, connection)
        case IdentityEvents.unmerged:
            try connection.execute(
                """
                UPDATE journey_runs SET profile_id = \(id("loser"))
                WHERE id IN (SELECT run_id FROM journey_moves WHERE merge_id = \(id("merge"))) AND profile_id <> 0
                """)
            try connection.execute("DELETE FROM journey_moves WHERE merge_id = \(id("merge"))")
        default:
            let people =
                [id("profile")]
                + (properties["merged"]?.arrayValue ?? []).compactMap {
                    $0.stringValue.flatMap { Int64($0) }
                }
            try forget(people.filter { $0 != 0 }, at: now, connection)
        }
    }

    private static func move(
        _ loser: Int64, to winner: Int64, merge: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        guard loser != 0, winner != 0 else { return }
        try connection.execute(
            """
            INSERT INTO journey_moves (merge_id, run_id)
            SELECT CAST(\(merge) AS BIGINT), id FROM journey_runs WHERE profile_id = \(loser) ON CONFLICT DO NOTHING
            """)
        try connection.execute("UPDATE journey_runs SET profile_id = \(winner) WHERE profile_id = \(loser)")
        try connection.execute(
            """
            UPDATE journey_runs SET status = 'ended', ending = 'merged', ended_ms = \(now.milliseconds), due_ms = NULL,
                held_ms = NULL, timer_ms = NULL, is_waiting = 0, fence = fence + 1
            WHERE profile_id = \(winner) AND status <> 'ended' AND entry_key NOT LIKE 'key:%' AND EXISTS (
                SELECT 1 FROM journey_runs o WHERE o.profile_id = \(winner) AND o.journey_id = journey_runs.journey_id
                    AND o.status <> 'ended' AND (o.entered_ms < journey_runs.entered_ms
                        OR (o.entered_ms = journey_runs.entered_ms AND o.id < journey_runs.id)))
            """)
    }

    private static func forget(
        _ people: [Int64], at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            DELETE FROM journey_inputs
            WHERE run_id IN (SELECT id FROM journey_runs WHERE profile_id IN (\(list: people)))
            """)
        try connection.execute(
            """
            UPDATE journey_runs SET ending = CASE WHEN status = 'ended' THEN ending ELSE 'erased' END,
                ended_ms = coalesce(ended_ms, \(now.milliseconds)), status = 'ended', due_ms = NULL, held_ms = NULL,
                timer_ms = NULL, is_waiting = 0, entry_values = '{}', profile_id = 0, fence = fence + 1,
                entry_key = 'erased:' || CAST(id AS TEXT)
            WHERE profile_id IN (\(list: people))
            """)
    }
}
