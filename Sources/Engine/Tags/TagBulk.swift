import Storage

/// Gives everybody in a segment a tag, or takes it from them, in the background. Safe to run again.
package enum TagBulk {
    package static let kind = "tag_people"
    private static let batchPeople = 1_000

    struct Request: Codable, Sendable {
        var tag: Int64
        var segment: Int64
        var isTaking: Bool
        var actor: String
    }

    /// Returns the job's id. Throws: `TagError`, `SegmentError.notFound`, `StorageError`.
    @discardableResult
    package static func enqueue(
        tag: Int64, segment: Int64, isTaking: Bool, by actor: String, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        guard try Tags.get(tag, connection).kind == .manual else { throw TagError.wrongKind(.rule) }
        _ = try Segments.get(segment, connection)
        let request = Request(tag: tag, segment: segment, isTaking: isTaking, actor: actor)
        return try JobQueue.enqueue(
            connection, kind: kind, key: "\(kind):\(tag):\(segment):\(isTaking ? "take" : "give")",
            request: try StoredDocument.text(request), dueAt: effects.now(), effects: effects
        ).id
    }

    package static let handler = JobHandler(kind: kind) { context in
        let request = try StoredDocument.value(Request.self, from: context.job.request)
        let effects = context.platform.effects
        var (after, seen, changed): (Int64, Int64, Int64) = (0, 0, 0)
        while true {
            let last = after
            let members = try await context.platform.store.read {
                try Segments.members(request.segment, after: last, limit: batchPeople, $0)
            }
            guard let end = members.last?.profileID else { break }
            seen += Int64(members.count)
            let done = seen
            changed += try await context.write { connection -> Int64 in
                let ids = members.map(\.profileID)
                let cause = TagCause(.bulk, request.actor)
                let count =
                    request.isTaking
                    ? try Tags.take(request.tag, from: ids, cause, effects: effects, connection)
                    : try Tags.give(request.tag, to: ids, cause, effects: effects, connection)
                try context.report(JobProgress(done: done, unit: "people"), in: connection)
                return Int64(count)
            }
            after = end
        }
        return try StoredDocument.text(["people": seen, "changed": changed])
    }
}

/// Brings the people of a tag that was merged to the other one. Until the last has moved, definitions ask for both.
package enum TagMerge {
    package static let kind = "merge_tags"
    private static let batchPeople = 1_000

    static func enqueue(_ id: Int64, into other: Int64, effects: Effects, _ connection: any SQLConnection) throws {
        try JobQueue.enqueue(
            connection, kind: kind, key: "\(kind):\(id)", request: try StoredDocument.text(["tag": id, "into": other]),
            dueAt: effects.now(), effects: effects)
    }

    package static let handler = JobHandler(kind: kind, attemptsMax: 30) { context in
        let request = try StoredDocument.value([String: Int64].self, from: context.job.request)
        guard let id = request["tag"], let named = request["into"] else { return "{}" }
        let effects = context.platform.effects
        var moved: Int64 = 0
        while true {
            let holders = try await context.platform.store.read {
                try Tags.holders(id, limit: batchPeople, $0).map(\.profileID)
            }
            guard !holders.isEmpty else { break }
            moved += Int64(holders.count)
            let done = moved
            try await context.write { connection in
                let now = effects.now()
                // Merged on meanwhile, it may be another one still; or gone.
                let other = try TagTree.load(connection).standing(named)
                let cause = TagCause(.tagsMerged, String(other ?? named))
                try TagHolders.remove(holders.map { (id, $0) }, cause, at: now, connection)
                if let other {
                    try Tags.give(
                        other, to: holders, TagCause(.tagsMerged, String(id)), effects: effects, connection)
                }
                try ProfileRows.raiseVersions(holders, connection)
                try context.report(JobProgress(done: done, unit: "people"), in: connection)
            }
        }
        return try StoredDocument.text(["people": moved])
    }
}
