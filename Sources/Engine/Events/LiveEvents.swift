import Storage

/// What arrives, as it arrives: events of the log and items that were set aside, from whatever process took them.
///
/// Watching polls the log by position, so that it works beside any number of processes; each look is bounded, and one
/// that cannot keep up jumps ahead and says how much it left out.
package struct LiveEvents: Sendable, Equatable {
    package struct Filter: Sendable, Equatable {
        /// A part of the name, in any case.
        package var name: String?
        package var kind: EventKind?
        package var sourceID: Int64?
        /// An identity's value, or what finds people.
        package var person: String?

        package init(name: String? = nil, kind: EventKind? = nil, sourceID: Int64? = nil, person: String? = nil) {
            self.name = name
            self.kind = kind
            self.sourceID = sourceID
            self.person = person
        }
    }

    /// How far somebody has watched.
    package struct Place: Sendable, Equatable {
        package var position: Int64
        package var quarantineID: Int64

        package var text: String { "\(position).\(quarantineID)" }

        package init(position: Int64, quarantineID: Int64) {
            self.position = position
            self.quarantineID = quarantineID
        }

        /// Nil for anything that `text` did not write.
        package init?(_ text: String) {
            let parts = text.split(separator: ".")
            guard parts.count == 2, let position = Int64(parts[0]), let quarantineID = Int64(parts[1]) else {
                return nil
            }
            self.init(position: position, quarantineID: quarantineID)
        }
    }

    /// One event with whose it became.
    package struct Seen: Sendable, Equatable {
        package var logged: LoggedEvent
        /// Nil while it is not processed.
        package var outcome: EventOutcome?
        package var profileID: Int64?
        package var displayName: String?
    }

    package var events: [Seen]
    package var refused: [QuarantinedItem]
    package var next: Place
    /// Events that were passed over because more came than can be watched.
    package var skipped: Int64

    /// Events of one look.
    package static let batch = 100
    /// Log rows that one look reads.
    static let window: Int64 = 1_000
    /// Further behind than this, a watcher jumps to the end.
    static let lagMax: Int64 = 5_000
    /// So long an event waits for its person before it is shown without.
    static let patienceMilliseconds: Int64 = 1_500
    private static let refusedMax = 50
    private static let peopleFound = 20
}

extension LiveEvents {
    /// The newest events that meet the filter, oldest first, and where watching goes on. Throws: `StorageError`.
    package static func recent(
        _ filter: Filter, limit: Int, _ connection: any SQLConnection
    ) throws -> LiveEvents {
        let end = try EventLog.end(connection)
        let newest = try connection.first("SELECT max(id) FROM quarantine")?.intOrNil(0) ?? 0
        let seen = try read(filter, from: max(0, end - window), to: end, connection)
        return LiveEvents(
            events: Array(seen.suffix(limit)), refused: [], next: Place(position: end, quarantineID: newest), skipped: 0
        )
    }

    /// What came after a place. Throws: `StorageError`.
    package static func next(
        after place: Place, _ filter: Filter, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> LiveEvents {
        let end = try EventLog.end(connection)
        var start = place.position
        var skipped: Int64 = 0
        if end - start > lagMax {
            skipped = end - window - start
            start = end - window
        }
        let border = min(end, start + window)
        let youngest = now.adding(milliseconds: -patienceMilliseconds)
        var position = border
        var events: [Seen] = []
        for seen in try read(filter, from: start, to: border, connection) {
            if seen.outcome == nil, seen.logged.event.receivedAt > youngest {
                position = seen.logged.position - 1
                break
            }
            events.append(seen)
            if events.count == batch {
                position = seen.logged.position
                break
            }
        }
        let refused = try refused(after: place.quarantineID, filter, connection)
        return LiveEvents(
            events: events, refused: refused,
            next: Place(position: max(position, start), quarantineID: refused.last?.id ?? place.quarantineID),
            skipped: skipped)
    }

    /// The log position's person, merges followed; nil while it is not processed. Throws: `StorageError`.
    package static func person(at position: Int64, _ connection: any SQLConnection) throws -> Int64? {
        let row = try connection.first("SELECT profile_id FROM event_outcomes WHERE position = \(position)")
        guard let id = try row?.int(0), id != 0 else { return nil }
        do {
            return try ProfileDetail.resolve(id, connection)
        } catch is ProfileError {
            return nil
        }
    }

    private static func read(
        _ filter: Filter, from start: Int64, to end: Int64, _ connection: any SQLConnection
    ) throws -> [Seen] {
        let columns = LogReader.columns.split(separator: ", ").map { "e.\($0)" }.joined(separator: ", ")
        var sql: SQL = """
            SELECT \(raw: columns), o.outcome, o.profile_id, p.display_name FROM event_log e
            LEFT JOIN event_outcomes o ON o.position = e.position LEFT JOIN profiles p ON p.id = o.profile_id
            WHERE e.position > \(start) AND e.position <= \(end)
            """
        if let kind = filter.kind { sql += " AND e.kind = \(kind.rawValue)" }
        if let source = filter.sourceID { sql += " AND e.source_id = \(source)" }
        sql += " ORDER BY e.position"
        let people = try people(filter.person, connection)
        let name = filter.name?.lowercased()
        return try connection.query(sql).compactMap { row in
            if let name, !(try row.text(5)).lowercased().contains(name) { return nil }
            let seen = Seen(
                logged: try LogReader.decode(row), outcome: try row.textOrNil(13).flatMap(EventOutcome.init),
                profileID: try row.intOrNil(14).flatMap { $0 == 0 ? nil : $0 }, displayName: try row.textOrNil(15))
            guard let person = filter.person else { return seen }
            let isTheirs =
                seen.profileID.map(people.contains) ?? false
                || seen.logged.event.identities.contains { $0.value == person }
            return isTheirs ? seen : nil
        }
    }

    private static func people(_ text: String?, _ connection: any SQLConnection) throws -> Set<Int64> {
        guard let text else { return [] }
        let found = try ProfileList.load(ProfileFilter(search: text), limit: peopleFound, connection).profiles
        return Set(try found.flatMap { [$0.id] + (try ProfileDetail.mergedIDs(into: $0.id, connection)) })
    }

    /// Items set aside; a filter by name, kind or person is about events and shows none.
    private static func refused(
        after id: Int64, _ filter: Filter, _ connection: any SQLConnection
    ) throws -> [QuarantinedItem] {
        guard filter.name == nil, filter.kind == nil, filter.person == nil else { return [] }
        return try QuarantineList.page(
            status: .waiting, sourceID: filter.sourceID, before: nil, limit: refusedMax, connection
        ).filter { $0.id > id }.sorted { $0.id < $1.id }
    }
}
