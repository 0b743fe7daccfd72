import Storage

/// Who is in which segment. Every change of a published segment's people goes through here and is told as a system
/// event.
package enum SegmentMembers {
    package static let entered = "Segment Entered"
    package static let left = "Segment Left"

    /// The segments of these people, ascending. Throws: `StorageError`.
    package static func segments(of profileIDs: [Int64], _ connection: any SQLConnection) throws -> [Int64: [Int64]] {
        guard !profileIDs.isEmpty, try connection.first("SELECT 1 FROM segments LIMIT 1") != nil else { return [:] }
        let answers = try connection.queryMany(
            "SELECT segment_id FROM segment_members WHERE profile_id = ? ORDER BY segment_id",
            profileIDs.map { [.integer($0)] })
        var segments: [Int64: [Int64]] = [:]
        for (id, rows) in zip(profileIDs, answers) where !rows.isEmpty {
            segments[id] = try rows.map { try $0.int(0) }
        }
        return segments
    }

    /// Compares where these people belong with where they are, and which tags rules give them with those they have;
    /// writes the difference and returns what to say of it. `only`: the segments and tags in question; nil: all.
    /// Throws: `StorageError`.
    static func bringUpToDate(
        _ subjects: [CriteriaSubject], _ published: PublishedSegments, only: Set<Int64>?, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> (events: [SystemEvent], changed: Set<Int64>) {
        let clock = published.clock(now)
        let ids = subjects.map(\.profile.id)
        let present = try segments(of: ids, connection)
        let tags = published.tags.isEmpty ? [:] : try TagHolders.tags(of: ids, connection)
        var entering: [(id: Int64, profile: Int64)] = []
        var leaving: [(id: Int64, profile: Int64)] = []
        let dynamic = Set(published.dynamic.map(\.id))
        let ruled = Set(published.dynamic.filter(\.isTag).map(\.id))
        var subjects = subjects
        for index in subjects.indices {
            let id = subjects[index].profile.id
            let before = Set(present[id] ?? []).union(tags[id] ?? [])
            subjects[index].lists = before.intersection(published.lists)
            subjects[index].tags = before.subtracting(dynamic).subtracting(published.lists)
        }
        // Scores first: segments and tags may ask for them, never the other way round.
        let scored = try ScoreRows.bringUpToDate(&subjects, published, at: now, connection)
        for subject in subjects {
            let id = subject.profile.id
            let before = Set(present[id] ?? []).union(tags[id] ?? [])
            var wanted = published.membership(subject, clock)
            var known = before.intersection(dynamic)
            if let only {
                wanted.formIntersection(only)
                known.formIntersection(only)
            }
            guard wanted != known else { continue }
            entering += wanted.subtracting(known).sorted().map { ($0, id) }
            leaving += known.subtracting(wanted).sorted().map { ($0, id) }
        }
        let segments = { (list: [(id: Int64, profile: Int64)]) in
            list.filter { !ruled.contains($0.id) }.map { (segment: $0.id, profile: $0.profile) }
        }
        let labels = { (list: [(id: Int64, profile: Int64)]) in
            list.filter { ruled.contains($0.id) }.map { (tag: $0.id, profile: $0.profile) }
        }
        let (entered, left) = (segments(entering), segments(leaving))
        let (given, taken) = (labels(entering), labels(leaving))
        try add(entered, at: now, connection)
        try remove(left, connection)
        let rule = TagCause(.rule)
        try TagHolders.remove(taken, rule, at: now, connection)
        try TagHolders.add(given, rule, at: now, connection)
        let said =
            scored.events + events(Self.entered, entered, published.names, at: now)
            + events(Self.left, left, published.names, at: now)
            + TagHolders.events(TagHolders.removed, taken, published.names, rule, at: now)
            + TagHolders.events(TagHolders.added, given, published.names, rule, at: now)
        return (said, scored.changed.union(said.map(\.profileID)))
    }

    static func events(
        _ name: String, _ changes: [(segment: Int64, profile: Int64)], _ names: [Int64: String], at now: Timestamp
    ) -> [SystemEvent] {
        changes.map { change in
            let properties: JSONValue = [
                "segment_id": .string(String(change.segment)), "segment": .string(names[change.segment] ?? ""),
            ]
            return SystemEvent(name: name, profileID: change.profile, time: now, properties: properties.text())
        }
    }

    static func add(
        _ members: [(segment: Int64, profile: Int64)], at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        guard !members.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO segment_members (segment_id, profile_id, entered_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
            """, members.map { [.integer($0.segment), .integer($0.profile), .integer(now.milliseconds)] })
    }

    static func remove(_ members: [(segment: Int64, profile: Int64)], _ connection: any SQLConnection) throws {
        guard !members.isEmpty else { return }
        try connection.executeMany(
            "DELETE FROM segment_members WHERE segment_id = ? AND profile_id = ?",
            members.map { [.integer($0.segment), .integer($0.profile)] })
    }

    /// Merged people: their places on lists go to the winner; where the winner belongs otherwise is decided anew.
    static func move(
        _ merged: [(loser: Int64, winner: Int64)], lists: Set<Int64>, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        guard !merged.isEmpty else { return }
        let present = try segments(of: merged.map(\.loser), connection)
        for (loser, winner) in merged {
            let ids = present[loser] ?? []
            try add(ids.filter(lists.contains).map { ($0, winner) }, at: now, connection)
            try remove(ids.map { ($0, loser) }, connection)
        }
    }

    /// Takes erased people out of everything. Throws: `StorageError`.
    static func forget(_ profileIDs: [Int64], _ connection: any SQLConnection) throws {
        guard !profileIDs.isEmpty else { return }
        try connection.executeMany(
            "DELETE FROM segment_members WHERE profile_id = ?", profileIDs.map { [.integer($0)] })
    }
}
