import Storage

/// One message as it stands.
package struct SentMessage: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case planned, sending, sent, delivered, opened, clicked
        case suppressed, bounced, complained, unknown, failed

        /// How far a message came; a later word about an earlier step changes nothing.
        var rank: Int {
            switch self {
            case .planned: 0
            case .sending: 1
            case .unknown: 2
            case .sent: 3
            case .delivered: 4
            case .opened: 5
            case .clicked: 6
            case .suppressed, .bounced, .failed: 7
            case .complained: 8
            }
        }
    }

    package var id: Int64
    package var key: String
    package var profileID: Int64
    package var templateID: Int64
    package var channel: String
    package var topic: String
    package var isTransactional: Bool
    package var origin: String
    package var originID: Int64
    var originDetail: String
    package var state: State
    package var reason: String
    package var detail: String
    package var version: Int64
    package var variant: String
    package var address: String
    package var subject: String
    package var due: Timestamp
    package var attempts: Int64
    package var fence: Int64
    package var plannedAt: Timestamp
    package var eligibleAt: Timestamp?
    package var sentAt: Timestamp?
    package var deliveredAt: Timestamp?
    package var openedAt: Timestamp?
    package var clickedAt: Timestamp?
    package var scannedAt: Timestamp?
    package var endedAt: Timestamp?
    var values: String

    static let columns = """
        id, message_key, profile_id, template_id, channel, topic, is_transactional, origin, origin_id, origin_detail, \
        state, reason, detail, template_version, variant, address, subject, due_ms, attempts, fence, planned_ms, \
        eligible_ms, sent_ms, delivered_ms, opened_ms, clicked_ms, scanned_ms, ended_ms, event_values
        """

    init(row: SQLRow) throws {
        let time = { (column: Int) in try row.intOrNil(column).map(Timestamp.init(milliseconds:)) }
        id = try row.int(0)
        key = try row.text(1)
        profileID = try row.int(2)
        templateID = try row.int(3)
        channel = try row.text(4)
        topic = try row.text(5)
        isTransactional = try row.int(6) == 1
        origin = try row.text(7)
        originID = try row.int(8)
        originDetail = try row.text(9)
        state = State(rawValue: try row.text(10)) ?? .failed
        reason = try row.text(11)
        detail = try row.text(12)
        version = try row.int(13)
        variant = try row.text(14)
        address = try row.text(15)
        subject = try row.text(16)
        due = Timestamp(milliseconds: try row.int(17))
        attempts = try row.int(18)
        fence = try row.int(19)
        plannedAt = Timestamp(milliseconds: try row.int(20))
        eligibleAt = try time(21)
        sentAt = try time(22)
        deliveredAt = try time(23)
        openedAt = try time(24)
        clickedAt = try time(25)
        scannedAt = try time(26)
        endedAt = try time(27)
        values = try row.text(28)
    }

    var originProperties: [String: JSONValue] {
        do { return try JSONValue(parsing: originDetail).objectValue ?? [:] } catch { return [:] }
    }
}

/// Looking for messages.
package enum MessageList {
    package struct Filter: Sendable {
        package var profileIDs: [Int64] = []
        package var origin = ""
        package var originID: Int64?
        package var templateID: Int64?
        package var state: SentMessage.State?
        package var reason = ""
        /// `eligible`, `sent`, `delivered`, `opened`, `clicked`: came at least that far.
        package var reached = ""

        package init() {}
    }

    private static let reachedColumns = [
        "eligible": "eligible_ms", "sent": "sent_ms", "delivered": "delivered_ms", "opened": "opened_ms",
        "clicked": "clicked_ms",
    ]

    private static func condition(_ filter: Filter) -> SQL {
        var sql: SQL = "1 = 1"
        if !filter.profileIDs.isEmpty { sql += " AND profile_id IN (\(list: filter.profileIDs))" }
        if !filter.origin.isEmpty { sql += " AND origin = \(filter.origin)" }
        if let id = filter.originID { sql += " AND origin_id = \(id)" }
        if let id = filter.templateID { sql += " AND template_id = \(id)" }
        if let state = filter.state { sql += " AND state = \(state.rawValue)" }
        if !filter.reason.isEmpty { sql += " AND reason = \(filter.reason)" }
        if let column = reachedColumns[filter.reached] { sql += " AND \(raw: column) IS NOT NULL" }
        return sql
    }

    /// The last planned first. `before`: when the one before was planned, and its id. Throws: `StorageError`.
    package static func page(
        _ filter: Filter, before: (ms: Int64, id: Int64)?, limit: Int, _ connection: any SQLConnection
    ) throws -> [SentMessage] {
        var sql: SQL = "SELECT \(raw: SentMessage.columns) FROM messages WHERE \(condition(filter))"
        if let before {
            sql += " AND (planned_ms < \(before.ms) OR planned_ms = \(before.ms) AND id < \(before.id))"
        }
        sql += " ORDER BY planned_ms DESC, id DESC LIMIT \(limit)"
        return try connection.query(sql).map(SentMessage.init(row:))
    }

    /// Throws: `MessageError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> SentMessage {
        let row = try connection.first("SELECT \(raw: SentMessage.columns) FROM messages WHERE id = \(id)")
        guard let row else { throw MessageError.notFound(id) }
        return try SentMessage(row: row)
    }

    /// How many came how far. Throws: `StorageError`.
    package static func report(_ filter: Filter, _ connection: any SQLConnection) throws -> MessageReport {
        let row = try connection.first(
            """
            SELECT count(*), count(eligible_ms), count(sent_ms), count(delivered_ms), count(opened_ms), count(clicked_ms),
                count(scanned_ms) FROM messages WHERE \(condition(filter))
            """)
        var report = MessageReport()
        guard let row else { return report }
        report.planned = try row.int(0)
        report.eligible = try row.int(1)
        report.sent = try row.int(2)
        report.delivered = try row.int(3)
        report.opened = try row.int(4)
        report.clicked = try row.int(5)
        report.scanned = try row.int(6)
        let rows = try connection.query(
            "SELECT state, reason, count(*) FROM messages WHERE \(condition(filter)) GROUP BY state, reason")
        for row in rows {
            guard let state = SentMessage.State(rawValue: try row.text(0)) else { continue }
            let (reason, count) = (try row.text(1), try row.int(2))
            report.states[state, default: 0] += count
            if state == .suppressed { report.suppressed[reason, default: 0] += count }
        }
        return report
    }
}

/// planned → eligible → suppressed by reason → sent → delivered → opened → clicked.
package struct MessageReport: Sendable, Equatable {
    package var planned: Int64 = 0
    package var eligible: Int64 = 0
    package var sent: Int64 = 0
    package var delivered: Int64 = 0
    /// By people.
    package var opened: Int64 = 0
    package var clicked: Int64 = 0
    package var scanned: Int64 = 0
    package var suppressed: [String: Int64] = [:]
    package var states: [SentMessage.State: Int64] = [:]

    package init() {}
}
