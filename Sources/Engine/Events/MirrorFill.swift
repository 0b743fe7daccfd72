import Storage

/// Brings everybody to the mirror anew, once, where its rows lack what they should hold: after an upgrade gave it
/// columns, and after the workspace's days became others. Until then conditions on such columns find only people who
/// changed since.
package enum MirrorFill {
    /// Rises with columns that rows of before lack.
    private static let shape = 1
    private static let setting = "mirror_shape"
    private static let people = 10_000

    package static let handler = JobHandler(kind: "fill_mirror", attemptsMax: 30, schedule: .every(seconds: 60)) {
        context in
        let platform = context.platform
        let wanted = try await platform.store.read { "\(shape) \(try Workspace.load($0).timeZone)" }
        let known = try await platform.store.read { try Settings.load(String.self, setting, $0) }
        guard known != wanted else { return try StoredDocument.text(["people": Int64(0)]) }
        let done = try await run(context)
        try await context.write { connection in
            try Settings.save(wanted, setting, connection, at: platform.effects.now())
        }
        return try StoredDocument.text(["people": done])
    }

    private static func run(_ context: JobContext) async throws -> Int64 {
        let platform = context.platform
        var (after, done): (Int64, Int64) = (0, 0)
        while true {
            let last = after
            let (ids, block) = try await platform.store.read { connection in
                let ids = try connection.query(
                    """
                    SELECT id FROM profiles WHERE id > \(last) AND \(raw: Profile.isUnmerged) AND deleted_ms IS NULL
                    ORDER BY id LIMIT \(people)
                    """
                ).map { try $0.int(0) }
                return (ids, try ArchiveProfiles.block(ids, Workspace.load(connection).calendar, connection))
            }
            guard let end = ids.last else { return done }
            // A row of the same version came from the archiver, later and as true; a newer one has a higher version.
            try await platform.analytics.insert(
                block, token: "fill-\(context.job.id)-\(last)-\(platform.effects.now().milliseconds)")
            try await forgetErased(among: ids, platform)
            (after, done) = (end, done + Int64(ids.count))
            try await context.report(JobProgress(done: done, unit: "people"))
        }
    }

    /// Who was erased between the reading and the load may have been brought back by it.
    private static func forgetErased(among ids: [Int64], _ platform: Platform) async throws {
        let erased = try await platform.store.read { connection in
            try connection.query(
                """
                SELECT id FROM profiles WHERE id >= \(ids.first ?? 0) AND id <= \(ids.last ?? 0)
                AND deleted_ms IS NOT NULL
                """
            ).map { try $0.int(0) }
        }
        let among = Set(erased).intersection(ids).sorted()
        if !among.isEmpty { try await platform.analytics.erase(among) }
    }
}
