import Storage

/// How the brand wrote to a person and took them along: messages and what was answered, ways through journeys with every
/// decision, what they were asked to be done about, and what was tried on them.
extension PersonExport {
    private static let rowsMax = 100_000

    /// Everything but the messages, which come one by one. Throws: `StorageError`.
    static func reach(of ids: [Int64], _ connection: any SQLConnection) throws -> JSONValue {
        [
            "consents": .array(try consents(of: ids, connection)), "inbox": .array(try inbox(of: ids, connection)),
            "replies": .array(try replies(of: ids, connection)), "journeys": .array(try journeys(of: ids, connection)),
            "gifts": .array(try gifts(of: ids, connection)), "tasks": .array(try tasks(of: ids, connection)),
            "experiments": .array(try experiments(of: ids, connection)),
            "broadcast_holdouts": .array(try holdouts(of: ids, connection)),
        ]
    }

    private static func consents(of ids: [Int64], _ connection: any SQLConnection) throws -> [JSONValue] {
        try MessageConsents.of(ids, connection).map { entry in
            [
                "channel": .string(entry.channel), "topic": .string(entry.topic), "granted": .bool(entry.isGranted),
                "at": .string(entry.at.iso8601), "source": .string(entry.source), "proof": .string(entry.proof),
            ]
        }
    }

    private static func inbox(of ids: [Int64], _ connection: any SQLConnection) throws -> [JSONValue] {
        try connection.query(
            """
            SELECT message_id, title, body, link, created_ms, read_ms FROM inbox_items WHERE profile_id IN (\(list: ids))
            ORDER BY created_ms, message_id LIMIT \(rowsMax)
            """
        ).map { row in
            [
                "message": JSONValue(id: try row.int(0)), "title": .string(try row.text(1)),
                "body": .string(try row.text(2)), "link": .string(try row.text(3)), "at": time(try row.int(4)),
                "read_at": time(try row.intOrNil(5)),
            ]
        }
    }

    private static func replies(of ids: [Int64], _ connection: any SQLConnection) throws -> [JSONValue] {
        try MessageReplies.list(of: ids, limit: rowsMax, connection).reversed().map { reply in
            [
                "channel": .string(reply.channel), "message": reply.messageID.map { JSONValue(id: $0) } ?? .null,
                "text": .string(reply.text), "at": .string(reply.at.iso8601),
            ]
        }
    }

    private static func journeys(of ids: [Int64], _ connection: any SQLConnection) throws -> [JSONValue] {
        let runs = try connection.query(
            """
            SELECT \(raw: JourneyRows.columns) FROM journey_runs WHERE profile_id IN (\(list: ids))
            ORDER BY entered_ms, id LIMIT \(rowsMax)
            """
        ).map(JourneyRows.run)
        let names = Dictionary(try Journeys.list(connection).map { ($0.id, $0.name) }) { first, _ in first }
        let found = try connection.queryMany(
            "SELECT node, arrived_ms, left_ms, path, note FROM journey_visits WHERE run_id = ? ORDER BY visit",
            runs.map { [.integer($0.id)] })
        return try zip(runs, found).map { run, visits in
            [
                "run": JSONValue(id: run.id), "journey": JSONValue(id: run.journeyID),
                "name": JSONValue(names[run.journeyID]), "status": .string(run.status.rawValue),
                "ending": JSONValue(run.ending?.rawValue), "node": .string(run.node),
                "entered_at": .string(run.enteredAt.iso8601), "ended_at": time(run.endedAt?.milliseconds),
                "goal_at": time(run.goalAt?.milliseconds), "values": try JSONValue(parsing: run.values),
                "visits": .array(
                    try visits.map { row in
                        [
                            "node": .string(try row.text(0)), "arrived_at": time(try row.int(1)),
                            "left_at": time(try row.int(2)), "way": .string(try row.text(3)),
                            "note": .string(try row.text(4)),
                        ]
                    }),
            ]
        }
    }

    private static func gifts(of ids: [Int64], _ connection: any SQLConnection) throws -> [JSONValue] {
        try connection.query(
            """
            SELECT journey_id, node, kind, what, amount, reversed, order_id, given_ms FROM journey_gifts
            WHERE profile_id IN (\(list: ids)) ORDER BY given_ms, gift_key LIMIT \(rowsMax)
            """
        ).map { row in
            [
                "journey": JSONValue(id: try row.int(0)), "node": .string(try row.text(1)),
                "kind": .string(try row.text(2)), "what": .string(try row.text(3)), "amount": .integer(try row.int(4)),
                "taken_back": .integer(try row.int(5)), "order": .string(try row.text(6)), "at": time(try row.int(7)),
            ]
        }
    }

    private static func tasks(of ids: [Int64], _ connection: any SQLConnection) throws -> [JSONValue] {
        try StaffTasks.list(StaffTasks.Filter(profileIDs: ids), limit: rowsMax, connection).map { task in
            [
                "task": JSONValue(id: task.id), "title": .string(task.title), "text": .string(task.text),
                "state": .string(task.state.rawValue), "note": .string(task.note),
                "created_at": .string(task.createdAt.iso8601), "closed_at": time(task.closedAt?.milliseconds),
            ]
        }
    }

    private static func experiments(of ids: [Int64], _ connection: any SQLConnection) throws -> [JSONValue] {
        guard let person = ids.first else { return [] }
        return try Exposures.of(person, connection).map { experiment, variant, at in
            [
                "experiment": JSONValue(id: experiment.id), "name": .string(experiment.definition.name),
                "variant": .string(variant), "at": .string(at.iso8601),
            ]
        }
    }

    private static func holdouts(of ids: [Int64], _ connection: any SQLConnection) throws -> [JSONValue] {
        try connection.query(
            """
            SELECT broadcast_id FROM broadcast_holdouts WHERE profile_id IN (\(list: ids)) ORDER BY broadcast_id
            LIMIT \(rowsMax)
            """
        ).map { JSONValue(id: try $0.int(0)) }
    }

    /// One by one, the first planned first.
    func messages(put: (JSONValue) throws -> Void) async throws {
        let ids = try await platform.store.read { [profileID] in
            let person = try ProfileDetail.resolve(profileID, $0)
            return [person] + (try ProfileDetail.mergedIDs(into: person, $0))
        }
        var last: (ms: Int64, id: Int64) = (.min, 0)
        while true {
            let after = last
            let page = try await platform.store.read { connection in
                try connection.query(
                    """
                    SELECT \(raw: SentMessage.columns) FROM messages WHERE profile_id IN (\(list: ids))
                        AND (planned_ms > \(after.ms) OR planned_ms = \(after.ms) AND id > \(after.id))
                    ORDER BY planned_ms, id LIMIT \(MessageLimits.pageRows)
                    """
                ).map(SentMessage.init(row:))
            }
            for message in page { try put(Self.json(message)) }
            guard let end = page.last, page.count == MessageLimits.pageRows else { return }
            last = (end.plannedAt.milliseconds, end.id)
        }
    }

    private static func json(_ message: SentMessage) throws -> JSONValue {
        let at = { (time: Timestamp?) in Self.time(time?.milliseconds) }
        return [
            "message": JSONValue(id: message.id), "channel": .string(message.channel), "topic": .string(message.topic),
            "origin": .string(message.origin), "origin_id": JSONValue(id: message.originID),
            "template": JSONValue(id: message.templateID), "subject": .string(message.subject),
            "address": .string(message.address), "state": .string(message.state.rawValue),
            "reason": .string(message.reason), "about": try JSONValue(parsing: message.values),
            "planned_at": at(message.plannedAt), "sent_at": at(message.sentAt),
            "delivered_at": at(message.deliveredAt), "opened_at": at(message.openedAt),
            "clicked_at": at(message.clickedAt), "scanned_at": at(message.scannedAt),
        ]
    }
}
