import Storage

/// A group send as its employees have it.
package struct WeComTask: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case gathering, handing
        /// For employees.
        case waiting
        case done, refused, unknown
    }

    package var id: Int64
    package var state: State
    package var providerID: String
    package var detail: String
    package var people: Int64
    package var attempts: Int64
    package var openedAt: Timestamp
    package var handedAt: Timestamp?
    package var due: Timestamp
    /// The body of `add_msg_template`, without its people.
    var body: String

    static let columns = "id, state, provider_id, detail, people, attempts, opened_ms, handed_ms, due_ms, body"

    init(row: SQLRow) throws {
        id = try row.int(0)
        state = State(rawValue: try row.text(1)) ?? .unknown
        providerID = try row.text(2)
        detail = try row.text(3)
        people = try row.int(4)
        attempts = try row.int(5)
        openedAt = Timestamp(milliseconds: try row.int(6))
        handedAt = try row.intOrNil(7).map(Timestamp.init(milliseconds:))
        due = Timestamp(milliseconds: try row.int(8))
        body = try row.text(9)
    }

    /// Its words, or the title of its card.
    package var words: String {
        do {
            let json = try JSONValue(parsing: body)
            return json["text"]?["content"]?.stringValue ?? json["attachments"]?[0]?["link"]?["title"]?.stringValue
                ?? ""
        } catch {
            return ""
        }
    }

    /// How many wait, were sent, were refused.
    package struct Progress: Sendable, Equatable {
        package var waiting: Int64 = 0
        package var sent: Int64 = 0
        package var refused: Int64 = 0
    }

    /// The newest first, with how far each is. Throws: `StorageError`.
    package static func list(
        before: Int64? = nil, limit: Int, _ connection: any SQLConnection
    ) throws -> [(task: WeComTask, progress: Progress)] {
        let tasks = try connection.query(
            """
            SELECT \(raw: columns) FROM wecom_tasks WHERE id < \(before ?? .max) ORDER BY id DESC LIMIT \(limit)
            """
        ).map(WeComTask.init(row:))
        let rows = try connection.query(
            """
            SELECT task_id, state, count(*) FROM wecom_task_people WHERE task_id IN (\(list: tasks.map(\.id)))
            GROUP BY task_id, state
            """)
        var progress: [Int64: Progress] = [:]
        for row in rows {
            let (id, count) = (try row.int(0), try row.int(2))
            switch try row.text(1) {
            case "sent": progress[id, default: Progress()].sent += count
            case "refused": progress[id, default: Progress()].refused += count
            default: progress[id, default: Progress()].waiting += count
            }
        }
        return tasks.map { ($0, progress[$0.id] ?? Progress()) }
    }

    /// Customers of a task that nothing is known of yet, by their message. Throws: `StorageError`.
    static func waiting(_ id: Int64, _ connection: any SQLConnection) throws -> [(message: Int64, external: String)] {
        try connection.query(
            """
            SELECT message_id, external_id FROM wecom_task_people WHERE task_id = \(id) AND state = 'waiting'
            ORDER BY message_id LIMIT \(WeComChannel.peopleMax)
            """
        ).map { (try $0.int(0), try $0.text(1)) }
    }
}
