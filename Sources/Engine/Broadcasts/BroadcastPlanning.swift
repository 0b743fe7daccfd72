import Storage

/// Writes down a message for each person of the segment, part by part, each part with how far it has come and with whom
/// the policy leaves out.
enum BroadcastPlanning {
    static let kind = "broadcast"
    /// Asked for addresses and consent alone; nothing is sent from here.
    private static let channels = ChannelCatalog.all(providers: .live())

    static let handler = JobHandler(kind: kind) { context in
        let request = try JSONValue(parsing: context.job.request)
        guard let id = request["id"]?.stringValue.flatMap({ Int64($0) }) else {
            throw JobFailure(code: "bad_request", message: "The job names no broadcast.")
        }
        var after = context.job.progress.checkpoint.flatMap { Int64($0) } ?? 0
        while true {
            let place = after
            guard let last = try await step(id, after: place, context) else { break }
            after = last
        }
        let broadcast = try await context.platform.store.read { try Broadcasts.get(id, $0) }
        return try StoredDocument.text(["planned": broadcast.planned, "held_out": broadcast.heldOut])
    }

    /// Returns where to go on; nil at the end, or when it was stopped.
    private static func step(_ id: Int64, after: Int64, _ context: JobContext) async throws -> Int64? {
        let effects = context.platform.effects
        return try await context.write { connection in
            let (broadcast, now) = (try Broadcasts.locked(id, connection), effects.now())
            guard broadcast.status == .planning else { return nil }
            let segment = try Segments.get(broadcast.segmentID, connection)
            let people = try Segments.members(
                broadcast.segmentID, after: after, limit: BroadcastLimits.peoplePerWrite, connection
            ).map(\.profileID)
            var (held, asked): ([Int64], [Int64]) = ([], [])
            for person in people {
                if broadcast.holdsOut(person) { held.append(person) } else { asked.append(person) }
            }
            let start = broadcast.startedAt ?? now
            let plans = asked.enumerated().map { place, person in
                let minute =
                    broadcast.perMinute == 0 ? 0 : (broadcast.planned + Int64(place)) * 60_000 / broadcast.perMinute
                return MessagePlan(
                    key: "broadcast:\(id):\(person)", profileID: person, templateID: broadcast.templateID,
                    origin: .broadcast(id), due: start.adding(milliseconds: minute), choices: broadcast.choices)
            }
            try MessageAudience(broadcast.templateID, channels, connection).plan(plans, effects, connection)
            try connection.executeMany(
                "INSERT INTO broadcast_holdouts (broadcast_id, profile_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                held.map { [.integer(id), .integer($0)] })
            let said = held.map { person in
                SystemEvent(
                    name: Broadcasts.heldOut, profileID: person, time: start,
                    properties: JSONValue.object(["broadcast_id": JSONValue(id: id)]).text())
            }
            let isEnd = people.count < BroadcastLimits.peoplePerWrite
            try connection.execute(
                """
                UPDATE broadcasts SET planned = planned + \(asked.count), held_out = held_out + \(held.count),
                    started_ms = \(start.milliseconds), status = \(isEnd ? "sending" : "planning"),
                    updated_ms = \(now.milliseconds) WHERE id = \(id)
                """)
            let last = people.last ?? after
            try context.report(
                JobProgress(
                    done: broadcast.planned + broadcast.heldOut + Int64(people.count), total: segment.size,
                    unit: "people",
                    checkpoint: String(last)), in: connection)
            try SystemEventLog.append(said, now: now, effects: effects, to: connection)
            return isEnd ? nil : last
        }
    }
}
