import Storage

/// Lets people in whom a date or a schedule means: once a local day, from the journey's hour on, part by part; killed
/// between two parts it goes on with the next.
struct JourneySweep: Sendable {
    let platform: Platform
    let cache: JourneyCache

    /// From now on: an hour of today that is past lets nobody in any more.
    static func begin(_ id: Int64, at now: Timestamp, _ connection: any SQLConnection) throws {
        let calendar = try Workspace.load(connection).calendar
        let today = calendar.day(of: now)
        let definition = try Journeys.published(id, connection).flatMap {
            JourneyDefinition.readable($0.definition)
        }
        let isPast = (definition?.entry.sweepHour).map { calendar.hour(of: now) >= $0 } ?? true
        let day = isPast ? today : today - 1
        try connection.execute(
            """
            INSERT INTO journey_sweeps (journey_id, day, after_profile, is_done) VALUES (\(id), \(day), 0, 1)
            ON CONFLICT (journey_id) DO UPDATE SET day = excluded.day, after_profile = 0, is_done = 1
            """)
    }

    /// One part of one journey that is due. Returns whether there may be more.
    func step() async throws -> Bool {
        let due = try await platform.store.read { try Self.due(cache.load($0), platform.effects.now(), $0) }
        guard let journey = due.first else { return false }
        return try await platform.store.write { [effects = platform.effects, cache] connection in
            try connection.lock("journeys")
            let (content, now) = (try cache.load(connection), effects.now())
            guard let again = try Self.due(content, now, connection).first(where: { $0.id == journey.id }) else {
                return true
            }
            return try Self.sweep(again, content, effects, now, connection)
        }
    }

    private static func due(
        _ content: JourneyCache.Content, _ now: Timestamp, _ connection: any SQLConnection
    ) throws -> [Journey] {
        let calendar = content.published.calendar
        let (today, hour) = (calendar.day(of: now), calendar.hour(of: now))
        let swept = content.live.filter {
            content.maps[$0.publishedVersion]?.definition.entry.sweepHour != nil && $0.fromPosition < Int64.max
        }
        guard !swept.isEmpty else { return [] }
        var states: [Int64: (day: Int64, isDone: Bool)] = [:]
        for row in try connection.query("SELECT journey_id, day, is_done FROM journey_sweeps") {
            states[try row.int(0)] = (try row.int(1), try row.int(2) == 1)
        }
        return swept.filter { journey in
            guard let state = states[journey.id] else { return false }
            if !state.isDone { return true }
            let starts = content.maps[journey.publishedVersion]?.definition.entry.sweepHour ?? 24
            return state.day < (hour >= starts ? today : today - 1)
        }
    }

    private static func sweep(
        _ journey: Journey, _ content: JourneyCache.Content, _ effects: Effects, _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Bool {
        guard let map = content.maps[journey.publishedVersion],
            let row = try connection.first(
                "SELECT day, after_profile, is_done FROM journey_sweeps WHERE journey_id = \(journey.id)")
        else { return true }
        let calendar = content.published.calendar
        let isNew = try row.int(2) == 1
        let oldest = calendar.day(of: now) - JourneyLimits.sweptDays
        let day = isNew ? max(try row.int(0) + 1, oldest) : try row.int(0)
        let after = isNew ? 0 : try row.int(1)
        var people = 0
        var last = after
        if map.definition.entry.sweeps(day) {
            let ids = try connection.query(
                """
                SELECT id FROM profiles WHERE id > \(after) AND \(raw: Profile.isUnmerged) AND deleted_ms IS NULL
                ORDER BY id LIMIT \(JourneyLimits.sweptPeople)
                """
            ).map { try $0.int(0) }
            (people, last) = (ids.count, ids.last ?? after)
            let subjects = try JourneyPeople.subjects(Set(ids), content.published, connection)
            // What is in the log by now came before, also where nobody has read it yet.
            let end = try EventLog.end(connection)
            let candidates = ids.filter { id in
                subjects[id].map { map.definition.entry.means($0.traits, day) } ?? false
            }.map {
                JourneyCandidate(profile: $0, cause: "day:\(day)", position: end, values: [:])
            }
            var entering = JourneyEntering(content, effects, now: now)
            _ = try entering.enter(journey, candidates, subjects: subjects, connection)
            try entering.save(connection)
            try write(journey.id, day, last, people < JourneyLimits.sweptPeople, connection)
            try SystemEventLog.append(entering.said, now: now, effects: effects, to: connection)
            return true
        }
        try write(journey.id, day, 0, true, connection)
        return true
    }

    private static func write(
        _ id: Int64, _ day: Int64, _ after: Int64, _ isDone: Bool, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            UPDATE journey_sweeps SET day = \(day), after_profile = \(after), is_done = \(isDone ? 1 : 0)
            WHERE journey_id = \(id)
            """)
    }
}

extension JourneyTrigger {
    /// The local hour from which a day is swept; nil of what the log lets in.
    var sweepHour: Int64? {
        switch self {
        case .date(_, _, let hour, _), .schedule(_, let hour): hour
        default: nil
        }
    }

    /// Whether anybody can come in on this day.
    func sweeps(_ day: Int64) -> Bool {
        guard case .schedule(let weekdays, _) = self, !weekdays.isEmpty else { return sweepHour != nil }
        return weekdays.contains((((day + 3) % 7) + 7) % 7 + 1)
    }

    /// Whether the day lets this person in; the conditions of the journey are asked besides.
    func means(_ traits: FlatValues, _ day: Int64) -> Bool {
        guard case .date(let trait, let offset, _, let isYearly) = self else { return true }
        return traits.contains(trait) { value in
            value.date != CriteriaValue.noDate
                && JourneyDays.falls(value.date, offset: offset, isYearly: isYearly, on: day)
        }
    }
}
