import Storage

/// Whoever matches at one moment, cut by a stable draw: a cap, or one of several parts of equal chance.
package struct SegmentCut: Sendable, Codable, Equatable {
    /// People at the most; 0: no cap.
    package var cap: Int64 = 0
    /// In how many parts everybody is divided, and which one this is, from 0.
    package var parts: Int64 = 1
    package var part: Int64 = 0
    /// Makes draws of different snapshots independent of each other.
    package var seed: String = ""

    package init(cap: Int64 = 0, parts: Int64 = 1, part: Int64 = 0, seed: String = "") {
        self.cap = cap
        self.parts = parts
        self.part = part
        self.seed = seed
    }

    package static let partsLimit: Int64 = 100

    /// The same person with the same seed always draws the same number.
    static func draw(_ id: Int64, _ seed: String) -> UInt64 { Digest.key64("\(seed):\(id)") }

    /// Those of `ids` that are in, ascending. Pure.
    package func choose(_ ids: [Int64]) -> [Int64] {
        guard cap > 0 || parts > 1 else { return ids.sorted() }
        var drawn = ids.map { (draw: Self.draw($0, seed), id: $0) }
        if parts > 1 { drawn = drawn.filter { Int64($0.draw % UInt64(parts)) == part } }
        if cap > 0, drawn.count > Int(cap) {
            drawn.sort { $0.draw / UInt64(max(parts, 1)) < $1.draw / UInt64(max(parts, 1)) }
            drawn = Array(drawn.prefix(Int(cap)))
        }
        return drawn.map(\.id).sorted()
    }
}

/// Fills a snapshot once.
enum SnapshotFill {
    /// People of one snapshot.
    static let peopleLimit = 2_000_000

    /// Returns how many came in. Safe to run again. Throws: `StorageError`, `JobFailure`.
    static func run(_ segment: Segment, _ context: JobContext) async throws -> Int64 {
        let platform = context.platform
        let (criteria, clock) = try await platform.store.read { connection -> (Criteria?, CriteriaClock) in
            let world = try CriteriaWorld.load(connection)
            let workspace = try Workspace.load(connection)
            return (
                Criteria.readable(segment.criteria)?.expanded(world),
                PublishedSegments(version: 0, workspace: workspace).clock(platform.effects.now())
            )
        }
        guard let criteria else { return 0 }
        let found = try await platform.analytics.query(
            CriteriaQuery(criteria, clock).matching, limits: QueryLimits(seconds: 300, rows: peopleLimit))
        let ids = segment.cut.choose(try found.ints(0))
        for start in stride(from: 0, to: ids.count, by: SegmentBuild.batchPeople) {
            let slice = Array(ids[start..<min(start + SegmentBuild.batchPeople, ids.count)])
            _ = try await context.write { connection in
                try SegmentLists.put(
                    slice, in: segment.id, named: segment.name, at: platform.effects.now(), effects: platform.effects,
                    connection)
            }
        }
        try await context.write {
            try SegmentSweep.note([(segment.id, Int64(ids.count))], at: platform.effects.now(), $0)
        }
        return Int64(ids.count)
    }
}

/// Lists of people that are kept by hand, or were drawn once.
package enum SegmentLists {
    /// People in one request.
    package static let requestLimit = 10_000

    /// Puts living people on the list and tells so. Returns how many were not on it. Throws: `StorageError`.
    @discardableResult
    package static func put(
        _ ids: [Int64], in segment: Int64, named name: String, at now: Timestamp, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Int {
        let owners = Set(try ProfileRows.owners(ids, connection).values)
        let present = try SegmentMembers.segments(of: owners.sorted(), connection)
        let new = owners.filter { !(present[$0] ?? []).contains(segment) }.sorted().map {
            (segment: segment, profile: $0)
        }
        try SegmentMembers.add(new, at: now, connection)
        try tell(SegmentMembers.entered, new, name, at: now, effects: effects, connection)
        return new.count
    }

    /// Takes people off the list and tells so. Returns how many were on it. Throws: `StorageError`.
    @discardableResult
    package static func take(
        _ ids: [Int64], from segment: Int64, named name: String, at now: Timestamp, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Int {
        let owners = Set(try ProfileRows.owners(ids, connection).values)
        let present = try SegmentMembers.segments(of: owners.sorted(), connection)
        let gone = owners.filter { (present[$0] ?? []).contains(segment) }.sorted().map {
            (segment: segment, profile: $0)
        }
        try SegmentMembers.remove(gone, connection)
        try tell(SegmentMembers.left, gone, name, at: now, effects: effects, connection)
        return gone.count
    }

    /// Counts a list anew, for whoever has just changed it by hand and looks at it; the sweep's own count comes later.
    /// Throws: `StorageError`.
    package static func recount(_ segment: Int64, at now: Timestamp, _ connection: any SQLConnection) throws {
        let size =
            try connection.first("SELECT count(*) FROM segment_members WHERE segment_id = \(segment)")?.int(0) ?? 0
        try SegmentSweep.note([(segment, size)], at: now, connection)
    }

    private static func tell(
        _ word: String, _ changes: [(segment: Int64, profile: Int64)], _ name: String, at now: Timestamp,
        effects: Effects, _ connection: any SQLConnection
    ) throws {
        guard !changes.isEmpty else { return }
        try ProfileRows.raiseVersions(changes.map(\.profile), connection)
        var names: [Int64: String] = [:]
        for change in changes { names[change.segment] = name }
        // Other segments may ask for this list.
        var events = SegmentMembers.events(word, changes, names, at: now)
        events += try SegmentReview.review(Set(changes.map(\.profile)), at: now, connection)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
    }
}
