import Storage

/// Who would have come in over the last days, had the draft been live, and what it would have done to them: from history,
/// without writing anything.
///
/// Conditions of the entry are asked of people as they are now; docs/journeys.md says so where it is shown.
package struct JourneyDryRun: Sendable, Equatable {
    package struct Day: Sendable, Equatable {
        package var day: Int64
        package var entries: Int64
    }

    package var days: [Day]
    package var entries: Int64
    package var people: Int64
    /// Would have come in but for the rule of re-entry.
    package var barred: Int64
    /// What of the conditions could not be answered for the past: more events than are looked at.
    package var isCut: Bool
    /// The last people who would have come in.
    package var sample: [Sample]
    /// What the draft would have done to them.
    package var outcome: JourneyDryOutcome

    package struct Sample: Sendable, Equatable {
        package var profileID: Int64
        package var at: Timestamp
    }

    static let limits = QueryLimits(seconds: 30)
    private static let sampleSize = 20

    private struct Asked: Sendable {
        var journey: Journey
        var definition: JourneyDefinition
        var world: CriteriaWorld
        var workspace: Workspace
    }

    /// Throws: `JourneyError`, `StorageError`.
    package static func run(_ id: Int64, days: Int64, _ platform: Platform) async throws -> JourneyDryRun {
        let days = min(max(days, 1), JourneyLimits.dryRunDays)
        let now = platform.effects.now()
        let asked = try await platform.store.read { connection in
            let journey = try Journeys.get(id, connection)
            guard let version = try Journeys.current(id, connection) else { throw JourneyError.noDraft }
            return Asked(
                journey: journey, definition: try JourneyDefinition(parsing: version.definition),
                world: try CriteriaWorld.load(connection), workspace: try Workspace.load(connection))
        }
        let workspace = asked.workspace
        let clock = PublishedSegments(version: 0, workspace: workspace).clock(now)
        let expanded = asked.definition.expanded(asked.world)
        var meant: Set<Int64>?
        if let criteria = expanded.criteria {
            let query = CriteriaQuery(criteria, clock)
            meant = Set(try await platform.analytics.query(query.matching, limits: limits).ints(0))
        }
        let found: [Entry]
        switch expanded.entry {
        case .request: found = []
        case .schedule, .date:
            found = try await platform.store.read { try byDay(expanded, days, clock, workspace, $0) }
        default: found = try await byEvent(expanded, days, clock, platform)
        }
        let (admitted, barred) = admit(found.filter { meant?.contains($0.profile) ?? true }, expanded.reentry)
        let range = (clock.today - days + 1)...clock.today
        let people = JourneyDryPeople(
            platform: platform, journey: asked.journey, definition: expanded, workspace: workspace, now: now)
        let outcome = try await people.outcome(of: admitted, range)
        let counts = Dictionary(admitted.map { (clock.calendar.day(of: $0.at), Int64(1)) }, uniquingKeysWith: +)
        return JourneyDryRun(
            days: range.map { Day(day: $0, entries: counts[$0] ?? 0) }, entries: Int64(admitted.count),
            people: Int64(Set(admitted.map(\.profile)).count), barred: barred,
            isCut: Int64(found.count) >= JourneyLimits.dryRunEvents || outcome.isCut,
            sample: admitted.suffix(sampleSize).reversed().map { Sample(profileID: $0.profile, at: $0.at) },
            outcome: outcome)
    }

    struct Entry: Sendable, Equatable {
        var profile: Int64
        var at: Timestamp
        var key: String?
    }

    private static func byEvent(
        _ definition: JourneyDefinition, _ days: Int64, _ clock: CriteriaClock, _ platform: Platform
    ) async throws -> [Entry] {
        let from = clock.calendar.start(ofDay: clock.today - days + 1)
        let names = definition.entry.names.sorted()
        let table = try await platform.analytics.query(
            """
            SELECT profile_id, ts_ms, name, properties, position, context FROM timeline AS t FINAL
            WHERE name IN (\(list: names)) AND ts_ms >= \(from.milliseconds) AND profile_id != 0
            ORDER BY ts_ms, position LIMIT \(JourneyLimits.dryRunEvents)
            """, limits: limits)
        let (people, times, found) = (try table.ints(0), try table.ints(1), try table.strings(2))
        let (properties, positions, contexts) = (try table.strings(3), try table.ints(4), try table.strings(5))
        let owners = try await platform.store.read { try JourneyPeople.owners(Set(people), $0) }
        return try people.indices.compactMap { row -> Entry? in
            let event = CriteriaEvent(
                position: positions[row], name: found[row], time: Timestamp(milliseconds: times[row]),
                properties: FlatValues(parsing: properties[row], nil), context: contexts[row])
            guard let owner = owners[people[row]], definition.entry.admits(event, clock.calendar) else { return nil }
            var key: String?
            if case .perKey(let name) = definition.reentry {
                let values = try JSONValue(parsing: properties[row])
                key = JourneyEntering.key(
                    JourneyCandidate(profile: owner, cause: "", position: 0, values: values), name)
            }
            return Entry(profile: owner, at: event.time, key: key)
        }
    }

    /// The days of traits, of everybody as they are now.
    private static func byDay(
        _ definition: JourneyDefinition, _ days: Int64, _ clock: CriteriaClock, _ workspace: Workspace,
        _ connection: any SQLConnection
    ) throws -> [Entry] {
        var entries: [Entry] = []
        let hour = definition.entry.sweepHour ?? 0
        let range = (clock.today - days + 1)...clock.today
        let calendar = clock.calendar
        try connection.forEach(
            "SELECT id, state FROM profiles WHERE merged_into IS NULL AND deleted_ms IS NULL ORDER BY id",
            batch: 1_000
        ) { rows in
            for row in rows where entries.count < JourneyLimits.dryRunEvents {
                let id = try row.int(0)
                let traits = FlatValues(try ProfileState(parsing: try row.text(1)).values, calendar)
                for day in range where definition.entry.sweeps(day) && definition.entry.means(traits, day) {
                    let local = day * Timestamp.millisecondsPerDay + hour * 3_600_000
                    entries.append(Entry(profile: id, at: calendar.moment(localMilliseconds: local)))
                }
            }
        }
        return entries.sorted { ($0.at, $0.profile) < ($1.at, $1.profile) }
    }

    /// By the rule of re-entry, in order. People are taken to be through before they could come in again.
    private static func admit(
        _ entries: [Entry], _ reentry: JourneyReentry
    ) -> (admitted: [Entry], barred: Int64) {
        var last: [Int64: Timestamp] = [:]
        var keys: Set<String> = []
        var admitted: [Entry] = []
        for entry in entries {
            let isIn: Bool
            switch reentry {
            case .never: isIn = last[entry.profile] == nil
            case .afterExit: isIn = true
            case .afterDays(let days): isIn = last[entry.profile].map { entry.at >= $0.adding(days: Int(days)) } ?? true
            case .perKey: isIn = entry.key.map { keys.insert("\(entry.profile):\($0)").inserted } ?? false
            }
            guard isIn else { continue }
            last[entry.profile] = entry.at
            admitted.append(entry)
        }
        return (admitted, Int64(entries.count - admitted.count))
    }
}
