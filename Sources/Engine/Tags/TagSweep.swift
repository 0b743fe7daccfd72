import Storage

/// Fills a rule for the first time, or after what it means changed: as `SegmentBuild` does, without events, with the
/// cause in the history.
package enum TagBuild {
    package static let kind = "build_tag"

    static func enqueue(_ id: Int64, effects: Effects, _ connection: any SQLConnection) throws {
        try JobQueue.enqueue(
            connection, kind: kind, key: "\(kind):\(id)", request: try StoredDocument.text(["tag": id]),
            dueAt: effects.now(), effects: effects)
        try JobQueue.hasten(connection, key: "\(kind):\(id)", at: effects.now())
    }

    package static let handler = JobHandler(kind: kind, attemptsMax: 30) { context in
        let id = try StoredDocument.value([String: Int64].self, from: context.job.request)["tag"] ?? 0
        try await SegmentBuild.waitForArchive(context)
        try await FeatureFill.run(context)
        guard let tag = try await context.platform.store.read({ try Tags.stored(id, $0) }), tag.kind == .rule else {
            return try StoredDocument.text(["people": Int64(0)])
        }
        if tag.sweptMS == nil { try await put(tag, context) }
        let people = try await TagSweep.sweep(id, context)
        _ = try await context.write { connection in
            try connection.execute(
                "UPDATE tags SET status = 'live' WHERE id = \(id) AND version = \(tag.version)")
        }
        return try StoredDocument.text(["people": people])
    }

    private static func put(_ tag: Tag, _ context: JobContext) async throws {
        let ids = try await SegmentSweep.matching(tag.id, context.platform)
        let now = context.platform.effects.now()
        for start in stride(from: 0, to: ids.count, by: SegmentBuild.batchPeople) {
            let slice = Array(ids[start..<min(start + SegmentBuild.batchPeople, ids.count)])
            try await context.write { connection in
                let present = try TagHolders.tags(of: slice, connection)
                let new = slice.filter { !(present[$0] ?? []).contains(tag.id) }
                try TagHolders.add(new.map { (tag.id, $0) }, TagCause(.rule), at: now, connection)
                try context.report(
                    JobProgress(done: Int64(start + slice.count), total: Int64(ids.count), unit: "people"),
                    in: connection)
            }
        }
    }
}

/// Once a day, soon after the workspace's midnight, everybody is compared with every rule; sizes are counted.
package enum TagSweep {
    package static let handler = JobHandler(kind: "sweep_tags", schedule: .every(seconds: 120)) { context in
        let platform = context.platform
        let due = try await platform.store.read { connection -> [Int64] in
            let calendar = try Workspace.load(connection).calendar
            let midnight = calendar.start(ofDay: calendar.day(of: platform.effects.now())).milliseconds
            return try connection.query(
                """
                SELECT id FROM tags WHERE kind = 'rule' AND status = 'live' AND deleted_ms IS NULL
                AND (swept_ms IS NULL OR swept_ms < \(midnight)) ORDER BY tag_rank, id
                """
            ).map { try $0.int(0) }
        }
        for id in due { _ = try await sweep(id, context) }
        let sizes = try await platform.store.read { connection in
            try connection.query(
                """
                SELECT t.id, count(p.profile_id) FROM tags t LEFT JOIN profile_tags p ON p.tag_id = t.id
                WHERE t.deleted_ms IS NULL GROUP BY t.id, t.size HAVING count(p.profile_id) <> t.size
                """
            ).map { (try $0.int(0), try $0.int(1)) }
        }
        _ = try await context.write { connection in
            try connection.executeMany(
                "UPDATE tags SET size = ? WHERE id = ?", sizes.map { [.integer($0.1), .integer($0.0)] })
        }
        return try StoredDocument.text(["swept": due.count, "counted": sizes.count])
    }

    /// Compares everybody with one rule. Returns how many people it has then. Throws: `StorageError`.
    static func sweep(_ id: Int64, _ context: JobContext) async throws -> Int64 {
        let platform = context.platform
        let found = try await SegmentSweep.matching(id, platform)
        let present = try await platform.store.read { connection -> [Int64] in
            var ids: [Int64] = []
            try connection.forEach(
                "SELECT profile_id FROM profile_tags WHERE tag_id = \(id) ORDER BY profile_id", batch: 5_000
            ) { rows in ids += try rows.map { try $0.int(0) } }
            return ids
        }
        try await SegmentSweep.compare(id, found, present, context)
        return try await context.write { connection in
            let now = platform.effects.now()
            let size =
                try connection.first("SELECT count(*) FROM profile_tags WHERE tag_id = \(id)")?.int(0) ?? 0
            try connection.execute(
                "UPDATE tags SET swept_ms = \(now.milliseconds), size = \(size) WHERE id = \(id)")
            return size
        }
    }
}
