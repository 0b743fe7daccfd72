import Storage

/// Somebody whom something may let into a journey.
struct JourneyCandidate: Sendable {
    var profile: Int64
    /// What stands for the cause: the same lets nobody in twice.
    var cause: String
    /// Of the event in the log; events up to here are past for the run.
    var position: Int64
    var values: JSONValue
}

/// Lets people in, by the rule of re-entry, in the open transaction.
struct JourneyEntering {
    let content: JourneyCache.Content
    let effects: Effects
    let now: Timestamp
    private(set) var said: [SystemEvent] = []
    private var tally = JourneyTally()

    init(_ content: JourneyCache.Content, _ effects: Effects, now: Timestamp) {
        self.content = content
        self.effects = effects
        self.now = now
    }

    /// Why somebody may not come in.
    enum Bar: String, Sendable {
        case never, active, recently, key
        case conditions = "who"
        case noKey = "no_key"
        case gone
    }

    /// Lets in whoever may; the journeys are locked, so that nobody comes in beside. Returns the new runs.
    mutating func enter(
        _ journey: Journey, _ candidates: [JourneyCandidate], subjects: [Int64: CriteriaSubject],
        _ connection: any SQLConnection
    ) throws -> [JourneyRun] {
        guard let map = content.maps[journey.publishedVersion], let first = map.first, !candidates.isEmpty else {
            return []
        }
        var past = try JourneyPast.load(Set(candidates.map(\.profile)), journey.id, connection)
        var runs: [JourneyRun] = []
        let clock = content.published.clock(now)
        for candidate in candidates {
            if let criteria = map.definition.criteria {
                guard let subject = subjects[candidate.profile], criteria.holds(for: subject, clock) else { continue }
            }
            guard past.bar(candidate, map.definition.reentry, now) == nil else { continue }
            let key = Self.entryKey(candidate, map.definition.reentry)
            let run = JourneyRun(
                id: effects.newID(), journeyID: journey.id, versionID: journey.publishedVersion,
                profileID: candidate.profile, entryKey: key, node: first, arrivedAt: now, due: now,
                seen: candidate.position, enteredAt: now, values: candidate.values.text())
            past.note(run)
            runs.append(run)
        }
        let new = try JourneyRows.insert(runs, connection)
        for run in new {
            tally.add("entered", of: journey.id)
            said.append(JourneyEvents.said(JourneyEvents.entered, run, journey.name, at: now))
        }
        return new
    }

    /// Counts what was let in. Call it once, before the events are appended.
    func save(_ connection: any SQLConnection) throws {
        try tally.save(day: content.published.calendar.day(of: now), connection)
    }

    static func entryKey(_ candidate: JourneyCandidate, _ reentry: JourneyReentry) -> String {
        switch reentry {
        case .never: "once:\(candidate.profile)"
        case .afterExit, .afterDays: "\(candidate.cause):\(candidate.profile)"
        case .perKey(let name): "key:\(candidate.profile):\(key(candidate, name) ?? "")"
        }
    }

    static func key(_ candidate: JourneyCandidate, _ name: String) -> String? {
        switch candidate.values[name] {
        case .string(let text): text.isEmpty || text.utf8.count > 200 ? nil : text
        case .integer(let number): String(number)
        default: nil
        }
    }
}

/// When people were in a journey before.
struct JourneyPast {
    private struct Of {
        var last: Timestamp?
        var isActive = false
        var keys: Set<String> = []
    }

    private var people: [Int64: Of] = [:]

    /// Runs of a person in a journey, the newest first.
    static let statement = """
        SELECT entered_ms, status, entry_key FROM journey_runs WHERE profile_id = ? AND journey_id = ?
        ORDER BY entered_ms DESC LIMIT 500
        """

    static func load(
        _ ids: Set<Int64>, _ journey: Int64, _ connection: any SQLConnection
    ) throws -> JourneyPast {
        var past = JourneyPast()
        let sorted = ids.sorted()
        let found = try connection.queryMany(
            statement, sorted.map { [.integer($0), .integer(journey)] })
        for (id, rows) in zip(sorted, found) where !rows.isEmpty {
            var own = Of()
            own.last = Timestamp(milliseconds: try rows[0].int(0))
            own.isActive = try rows.contains { try $0.text(1) != "ended" }
            own.keys = Set(try rows.map { try $0.text(2) })
            past.people[id] = own
        }
        return past
    }

    /// What stands in the way; nil: nothing.
    func bar(_ candidate: JourneyCandidate, _ reentry: JourneyReentry, _ now: Timestamp) -> JourneyEntering.Bar? {
        let own = people[candidate.profile] ?? Of()
        switch reentry {
        case .never: return own.last == nil ? nil : .never
        case .afterExit: return own.isActive ? .active : nil
        case .afterDays(let days):
            if own.isActive { return .active }
            guard let last = own.last else { return nil }
            return now < last.adding(days: Int(days)) ? .recently : nil
        case .perKey(let name):
            guard let key = JourneyEntering.key(candidate, name) else { return .noKey }
            // The key counts for the person, also when the run came by a merge.
            return own.keys.contains { $0.hasPrefix("key:") && $0.hasSuffix(":" + key) } ? .key : nil
        }
    }

    mutating func note(_ run: JourneyRun) {
        people[run.profileID, default: Of()].last = run.enteredAt
        people[run.profileID, default: Of()].isActive = true
        people[run.profileID, default: Of()].keys.insert(run.entryKey)
    }
}

extension Journeys {
    /// Lets one person into a journey that is entered by request. Returns nil, with why, when they may not come in.
    /// Throws: `JourneyError`, `ProfileError.notFound`, `StorageError`.
    package static func enter(
        _ id: Int64, profile: Int64, key: String, values: JSONValue, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> (run: JourneyRun?, reason: String?) {
        try connection.lock("journeys")
        let now = effects.now()
        let content = try JourneyCache().load(connection)
        guard let journey = content.journeys[id] else { throw JourneyError.notFound(id) }
        guard journey.status == .live, let map = content.maps[journey.publishedVersion] else {
            throw JourneyError.notLive
        }
        guard case .request = map.definition.entry else { throw JourneyError.notByRequest }
        let person = try ProfileDetail.resolve(profile, connection)
        guard try JourneyPeople.owners([person], connection)[person] != nil else {
            throw ProfileError.notFound(profile)
        }
        // What is in the log by now came before, also where nobody has read it yet.
        let candidate = JourneyCandidate(
            profile: person, cause: "api:\(key.isEmpty ? String(effects.newID()) : key)",
            position: try EventLog.end(connection), values: values)
        let subjects = try JourneyPeople.subjects([person], content.published, connection)
        var entering = JourneyEntering(content, effects, now: now)
        guard let run = try entering.enter(journey, [candidate], subjects: subjects, connection).first else {
            let past = try JourneyPast.load([person], id, connection)
            let bar = past.bar(candidate, map.definition.reentry, now) ?? .conditions
            return (nil, bar.rawValue)
        }
        try entering.save(connection)
        try SystemEventLog.append(entering.said, now: now, effects: effects, to: connection)
        return (run, nil)
    }
}
