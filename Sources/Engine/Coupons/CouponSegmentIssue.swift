import Storage

/// Issues a coupon of a definition to everybody in a segment, in the background, each once.
package enum CouponSegmentIssue {
    static let kind = "coupon_issue"
    private static let peoplePerWrite = 200

    /// `key` stands for the hand-out: the same again reaches only people it has not reached.
    /// Throws: `CouponError`, `SegmentError.notFound`, `StorageError`.
    package static func ask(
        _ definition: Int64, segment: Int64, key: String, by actor: String, user: Int64? = nil, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        guard (1...CouponLimits.keyBytes / 2).contains(key.utf8.count) else { throw CouponError.key(key) }
        _ = try CouponIssuing.active(definition, connection)
        _ = try Segments.get(segment, connection)
        let request: JSONValue = [
            "definition": .integer(definition), "segment": .integer(segment), "key": .string(key),
            "actor": .string(actor),
        ]
        return try JobQueue.enqueue(
            connection, kind: kind, key: "\(kind):\(definition):\(segment)", request: request.text(),
            dueAt: effects.now(), createdBy: user, effects: effects
        ).id
    }

    package static let handler = JobHandler(kind: kind) { context in
        let request = try JSONValue(parsing: context.job.request)
        guard let definition = request["definition"]?.intValue, let segment = request["segment"]?.intValue,
            let key = request["key"]?.stringValue, let actor = request["actor"]?.stringValue
        else { throw JobFailure(code: "bad_request", message: "the request is not complete") }
        var after = context.job.progress.checkpoint.flatMap { Int64($0) } ?? 0
        var done = context.job.progress.done
        let total = try await context.platform.store.read { try Segments.get(segment, $0).size }
        while true {
            let place = after
            let (issued, last) = try await step(
                definition, segment, after: place, key: "\(key):\(definition)", actor, context, done, total)
            done += issued
            guard let last else { return try StoredDocument.text(["issued": done]) }
            after = last
        }
    }

    /// Who was given as many as a person may have is passed over; that none is left ends the job.
    private static func step(
        _ definition: Int64, _ segment: Int64, after: Int64, key: String, _ actor: String, _ context: JobContext,
        _ done: Int64, _ total: Int64
    ) async throws -> (issued: Int64, last: Int64?) {
        let effects = context.platform.effects
        do {
            return try await context.write { connection in
                let now = effects.now()
                let members = try Segments.members(segment, after: after, limit: peoplePerWrite, connection)
                let most = try CouponIssuing.active(definition, connection).rule.limits.issuedPerPerson
                var events: [SystemEvent] = []
                var issued: Int64 = 0
                for member in members {
                    if let most, try CouponPeople.issued(to: member.profileID, definition, connection) >= most {
                        continue
                    }
                    let (answer, said) = try CouponIssuing.issue(
                        definition, to: member.profileID, key: "\(key):\(member.profileID)", by: actor, at: now,
                        effects, connection)
                    if !answer.isRepeat { issued += 1 }
                    events += said
                }
                let last = members.last?.profileID
                try context.report(
                    JobProgress(
                        done: done + issued, total: total, unit: "people", checkpoint: String(last ?? after)),
                    in: connection)
                try SystemEventLog.append(events, now: now, effects: effects, to: connection)
                return (issued, members.count < peoplePerWrite ? nil : last)
            }
        } catch CouponError.issueLimit(let most) {
            throw JobFailure(code: "issue_limit", message: "no more than \(most) coupons may be issued")
        } catch CouponError.definitionEnded {
            throw JobFailure(code: "definition_ended", message: "the definition is not active")
        }
    }
}
