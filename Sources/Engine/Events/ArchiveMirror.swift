import Storage

/// Brings profiles whose visits were rolled up to the analytics store's mirror, each once a range.
struct ArchiveMirror: Sendable {
    let platform: Platform
    let lease: ConsumerLease

    /// Profiles of one load.
    private static let loadProfiles = 20_000

    /// Mirrors everyone whose visits were counted since the last time. Returns whether there was anybody.
    func step() async throws -> Bool {
        guard let (range, isRepeated) = try await plan() else { return false }
        // Another token where the load before may be remembered and missing; a row that comes twice stays once.
        var suffix = ""
        if isRepeated, try await platform.analytics.remembersLostLoads {
            suffix = "-\(platform.effects.now().milliseconds)"
        }
        let ids = try await platform.store.read { try Self.visitors(range, $0) }
        for (number, start) in stride(from: 0, to: ids.count, by: Self.loadProfiles).enumerated() {
            let slice = Array(ids[start..<min(start + Self.loadProfiles, ids.count)])
            let block = try await platform.store.read {
                try ArchiveProfiles.block(slice, Workspace.load($0).calendar, $0)
            }
            guard block.count > 0 else { continue }
            let token = "mirror-\(range.lowerBound)-\(range.upperBound)-\(number)\(suffix)"
            try await platform.analytics.insert(block, token: token)
        }
        try await platform.store.write { [lease, platform] connection in
            guard try !lease.locked(connection).isEmpty else { return }
            try lease.advance(to: range.upperBound, now: platform.effects.now(), connection)
        }
        return true
    }

    private func plan() async throws -> (range: ArchiveRange, isRepeated: Bool)? {
        try await platform.store.write { [lease, platform] connection in
            guard let held = try lease.locked(connection).first else { return nil }
            let now = platform.effects.now()
            if held.planned > held.position {
                return (ArchiveRange(lowerBound: held.position, upperBound: held.planned), true)
            }
            let rolledUp = try LogProgress.rolledUp(connection)
            guard rolledUp > held.position else { return nil }
            try lease.advance(to: held.position, planned: rolledUp, now: now, connection)
            return (ArchiveRange(lowerBound: held.position, upperBound: rolledUp), false)
        }
    }

    /// Who was seen, ascending, with those whom merged people became.
    private static func visitors(_ range: ArchiveRange, _ connection: any SQLConnection) throws -> [Int64] {
        let rows = try connection.query(
            """
            SELECT DISTINCT o.profile_id, p.merged_into FROM event_outcomes o JOIN profiles p ON p.id = o.profile_id
            WHERE o.position > \(range.lowerBound) AND o.position <= \(range.upperBound) AND o.visit = 1
            """)
        var ids: Set<Int64> = []
        for row in rows {
            let id = try row.int(0)
            ids.insert(id)
            if try row.intOrNil(1) != nil { ids.insert(try ProfileDetail.resolve(id, connection)) }
        }
        return ids.sorted()
    }
}
