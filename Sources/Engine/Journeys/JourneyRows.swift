import Storage

/// Runs on their way between the store and memory.
enum JourneyRows {
    static let columns = """
        id, journey_id, version_id, profile_id, entry_key, status, ending, node, visit, is_waiting, arrived_ms, \
        timer_ms, due_ms, held_ms, seen, fence, entered_ms, ended_ms, goal_ms, entry_values, error, attempts
        """

    static func run(_ row: SQLRow) throws -> JourneyRun {
        let moment = { (column: Int) in try row.intOrNil(column).map(Timestamp.init(milliseconds:)) }
        return JourneyRun(
            id: try row.int(0), journeyID: try row.int(1), versionID: try row.int(2), profileID: try row.int(3),
            entryKey: try row.text(4), status: JourneyRun.Status(rawValue: try row.text(5)) ?? .failed,
            ending: JourneyRun.Ending(rawValue: try row.text(6)), node: try row.text(7), visit: try row.int(8),
            isWaiting: try row.int(9) != 0, arrivedAt: Timestamp(milliseconds: try row.int(10)),
            timer: try moment(11), due: try moment(12), held: try moment(13), seen: try row.int(14),
            fence: try row.int(15), enteredAt: Timestamp(milliseconds: try row.int(16)), endedAt: try moment(17),
            goalAt: try moment(18), values: try row.text(19), error: try row.text(20), attempts: try row.int(21))
    }

    private static func moment(_ time: Timestamp?) -> SQLValue { (time?.milliseconds).sqlValue }

    /// Runs that are there already for the same cause are left alone. Returns which were new.
    static func insert(_ runs: [JourneyRun], _ connection: any SQLConnection) throws -> [JourneyRun] {
        guard !runs.isEmpty else { return [] }
        let changed = try connection.executeMany(
            """
            INSERT INTO journey_runs (\(columns)) VALUES (\(Array(repeating: "?", count: 22).joined(separator: ", ")))
            ON CONFLICT DO NOTHING
            """,
            runs.map { run in
                [
                    .integer(run.id), .integer(run.journeyID), .integer(run.versionID), .integer(run.profileID),
                    .text(run.entryKey), .text(run.status.rawValue), .text(run.ending?.rawValue ?? ""),
                    .text(run.node), .integer(run.visit), .integer(run.isWaiting ? 1 : 0),
                    .integer(run.arrivedAt.milliseconds), moment(run.timer), moment(run.due), moment(run.held),
                    .integer(run.seen), .integer(run.fence), .integer(run.enteredAt.milliseconds),
                    moment(run.endedAt), moment(run.goalAt), .text(run.values), .text(run.error),
                    .integer(run.attempts),
                ]
            })
        return zip(runs, changed).filter { $0.1 == 1 }.map(\.0)
    }

    /// Writes steps: each only over the state that it was thought out for. Throws: `JourneyFenceLost`.
    static func save(_ runs: [JourneyRun], _ connection: any SQLConnection) throws {
        let changed = try connection.executeMany(
            """
            UPDATE journey_runs SET status = ?, ending = ?, node = ?, visit = ?, is_waiting = ?, arrived_ms = ?,
                timer_ms = ?, due_ms = ?, seen = ?, fence = fence + 1, ended_ms = ?, goal_ms = ?, error = ?,
                attempts = ?, profile_id = CASE WHEN ? = 0 THEN 0 ELSE profile_id END WHERE id = ? AND fence = ?
            """,
            runs.map { run in
                [
                    .text(run.status.rawValue), .text(run.ending?.rawValue ?? ""), .text(run.node),
                    .integer(run.visit), .integer(run.isWaiting ? 1 : 0), .integer(run.arrivedAt.milliseconds),
                    moment(run.timer), moment(run.due), .integer(run.seen), moment(run.endedAt), moment(run.goalAt),
                    .text(run.error), .integer(run.attempts), .integer(run.profileID), .integer(run.id),
                    .integer(run.fence),
                ]
            })
        guard changed.allSatisfy({ $0 == 1 }) else { throw JourneyFenceLost() }
        let over = runs.filter { $0.status == .ended }
        try connection.executeMany(
            "DELETE FROM journey_inputs WHERE run_id = ?", over.map { [.integer($0.id)] })
    }

    /// Another transaction has taken the run on since.
    struct JourneyFenceLost: Error {}

    static func write(
        _ visits: [(run: Int64, record: JourneyVisitRecord)], _ connection: any SQLConnection
    ) throws {
        guard !visits.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO journey_visits (run_id, visit, node, arrived_ms, left_ms, path, note)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            visits.map { run, visit in
                [
                    .integer(run), .integer(visit.visit), .text(visit.node), .integer(visit.arrivedAt.milliseconds),
                    .integer(visit.leftAt.milliseconds), .text(visit.path), .text(visit.note),
                ]
            })
    }

    /// Which nodes these runs have left so far.
    static func nodes(of runs: [Int64], _ connection: any SQLConnection) throws -> [Int64: Set<String>] {
        guard !runs.isEmpty else { return [:] }
        let found = try connection.queryMany(
            "SELECT DISTINCT node FROM journey_visits WHERE run_id = ?", runs.map { [.integer($0)] })
        return Dictionary(
            try zip(runs, found).map { run, rows in (run, Set(try rows.map { try $0.text(0) })) }
        ) { first, _ in first }
    }

    /// What happened to the people of these runs that they ask for, oldest first.
    static func inputs(of runs: [Int64], _ connection: any SQLConnection) throws -> [Int64: [CriteriaEvent]] {
        let found = try connection.queryMany(
            """
            SELECT position, name, time_ms, properties, context FROM journey_inputs WHERE run_id = ? ORDER BY position
            """, runs.map { [.integer($0)] })
        var inputs: [Int64: [CriteriaEvent]] = [:]
        for (run, rows) in zip(runs, found) where !rows.isEmpty {
            inputs[run] = try rows.map { row in
                CriteriaEvent(
                    position: try row.int(0), name: try row.text(1), time: Timestamp(milliseconds: try row.int(2)),
                    properties: FlatValues(parsing: try row.text(3), nil), context: try row.text(4))
            }
        }
        return inputs
    }
}

/// Counts of journeys by day, added up in memory and written in one order, so that writers wait and do not tread on
/// each other.
struct JourneyTally {
    private struct Key: Hashable, Comparable {
        var journey: Int64
        var node: String
        var figure: String

        static func < (left: Key, right: Key) -> Bool {
            (left.journey, left.node, left.figure) < (right.journey, right.node, right.figure)
        }
    }

    private var counts: [Key: Int64] = [:]

    mutating func add(_ figure: String, node: String = "", of journey: Int64) {
        counts[Key(journey: journey, node: node, figure: figure), default: 0] += 1
    }

    mutating func add(_ stride: JourneyMachine.Stride) {
        let journey = stride.run.journeyID
        for visit in stride.visits {
            add("passed", node: visit.node, of: journey)
            if !visit.path.isEmpty { add("path:" + visit.path, node: visit.node, of: journey) }
            if visit.note.hasPrefix("refused") {
                add("refused", node: visit.node, of: journey)
                add(visit.note, node: visit.node, of: journey)
            }
        }
        if stride.reachedGoal { add("goal", of: journey) }
        if let ending = stride.run.ending { add("ended:" + ending.rawValue, of: journey) }
    }

    /// Counts what became of a journey's message, at its node: each message once for each step.
    mutating func add(_ event: CriteriaEvent) {
        let text = { (name: String) in event.properties.first(name)?.text ?? "" }
        guard let journey = Int64(text("journey_id")), !text("node").isEmpty, text("by") != "scanner" else { return }
        let words: [String: String] = [
            MessageEvents.sent: "sent", MessageEvents.delivered: "delivered", MessageEvents.opened: "opened",
            MessageEvents.replied: "replied", MessageEvents.bounced: "bounced", MessageEvents.complained: "complained",
            MessageEvents.unknown: "unknown", MessageEvents.failed: "failed",
        ]
        switch event.name {
        case MessageEvents.suppressed: add("suppressed:" + text("reason"), node: text("node"), of: journey)
        case MessageEvents.clicked where text("first") == "true": add("clicked", node: text("node"), of: journey)
        default:
            if let word = words[event.name] { add(word, node: text("node"), of: journey) }
        }
    }

    func save(day: Int64, _ connection: any SQLConnection) throws {
        try connection.executeMany(
            """
            INSERT INTO journey_figures (journey_id, node, figure, day, people) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (journey_id, node, figure, day) DO UPDATE SET people = journey_figures.people + excluded.people
            """,
            counts.sorted { $0.key < $1.key }.map { key, count in
                [.integer(key.journey), .text(key.node), .text(key.figure), .integer(day), .integer(count)]
            })
    }
}
