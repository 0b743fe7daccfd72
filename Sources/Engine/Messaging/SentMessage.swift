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
    /// Of the provider's price list, and what they cost in millionths of the currency.
    package var units: Int64
    package var costMicro: Int64
    package var priority: Int64
    /// When it was to leave at first.
    package var asked: Timestamp
    /// `best_hour`, `timed` or empty.
    package var timing: String
    /// Templates that are still to be tried.
    package var fallbacks: [Int64]
    package var hop: Int64
    package var providerID: String

    static let columns = """
        id, message_key, profile_id, template_id, channel, topic, is_transactional, origin, origin_id, origin_detail, \
        state, reason, detail, template_version, variant, address, subject, due_ms, attempts, fence, planned_ms, \
        eligible_ms, sent_ms, delivered_ms, opened_ms, clicked_ms, scanned_ms, ended_ms, event_values, \
        units, cost_micro, priority, asked_ms, timing, fallbacks, hop, provider_id
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
        units = try row.int(29)
        costMicro = try row.int(30)
        priority = try row.int(31)
        let asked = try row.int(32)
        self.asked = asked > 0 ? Timestamp(milliseconds: asked) : due
        timing = try row.text(33)
        fallbacks = MessageRoutes.ids(try row.text(34))
        hop = try row.int(35)
        providerID = try row.text(36)
    }

    /// One that is only thought of, to ask what would become of it.
    init(trying template: MessageTemplate, _ profileID: Int64, at now: Timestamp) {
        (id, key, self.profileID, templateID) = (0, "", profileID, template.id)
        (channel, topic, isTransactional) = (template.channel, template.topic, template.isTransactional)
        (origin, originID, originDetail) = ("api", 0, "{}")
        (state, reason, detail, version, variant) = (.planned, "", "", template.version, "")
        (address, subject, due, attempts, fence, plannedAt, values) = ("", "", now, 0, 0, now, "{}")
        (units, costMicro, priority, asked, timing, fallbacks, hop, providerID) = (0, 0, 0, now, "", [], 0, "")
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
        /// Of a journey: its node.
        package var node = ""
        package var templateID: Int64?
        /// Of a template: one of its variants, without tests.
        package var variant = ""
        package var state: SentMessage.State?
        package var reason = ""
        /// `eligible`, `sent`, `delivered`, `opened`, `clicked`: came at least that far.
        package var reached = ""

        package init() {}

        /// Whether it asks for all messages of an origin.
        var isWhole: Bool {
            profileIDs.isEmpty && node.isEmpty && templateID == nil && variant.isEmpty && state == nil && reason.isEmpty
                && reached.isEmpty
        }
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
        if !filter.node.isEmpty {
            // Ids of nodes are plain words; the place is compact JSON.
            let part = "%\"node\":\"\(filter.node.replacing("_", with: "!_").replacing("%", with: "!%"))\"%"
            sql += " AND origin_detail LIKE \(part) ESCAPE '!'"
        }
        if let id = filter.templateID { sql += " AND template_id = \(id)" }
        if !filter.variant.isEmpty { sql += " AND variant = \(filter.variant) AND origin <> 'test'" }
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

    /// How many left, by channel, with those that were forgotten for their age. Throws: `StorageError`.
    static func sentByChannel(_ filter: Filter, _ connection: any SQLConnection) throws -> [String: Int64] {
        let rows = try connection.query(
            "SELECT channel, count(sent_ms) FROM messages WHERE \(condition(filter)) GROUP BY channel")
        var sent = Dictionary(try rows.map { (try $0.text(0), try $0.int(1)) }, uniquingKeysWith: +)
        for (figure, count) in try MessageRetention.totals(filter, connection) where figure.hasPrefix("channel:") {
            sent[String(figure.dropFirst("channel:".count)), default: 0] += count
        }
        return sent
    }

    /// How many came how far, with those that were forgotten for their age. Throws: `StorageError`.
    package static func report(_ filter: Filter, _ connection: any SQLConnection) throws -> MessageReport {
        let row = try connection.first(
            """
            SELECT count(*), count(eligible_ms), count(sent_ms), count(delivered_ms), count(opened_ms), count(clicked_ms),
                count(scanned_ms), CAST(coalesce(sum(units), 0) AS BIGINT),
                CAST(coalesce(sum(cost_micro), 0) AS BIGINT), min(CASE WHEN state = 'planned' THEN due_ms END)
            FROM messages WHERE \(condition(filter))
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
        report.units = try row.int(7)
        report.costMicro = try row.int(8)
        report.nextDue = try row.intOrNil(9).map(Timestamp.init(milliseconds:))
        let rows = try connection.query(
            "SELECT state, reason, count(*) FROM messages WHERE \(condition(filter)) GROUP BY state, reason")
        for row in rows {
            guard let state = SentMessage.State(rawValue: try row.text(0)) else { continue }
            let (reason, count) = (try row.text(1), try row.int(2))
            report.states[state, default: 0] += count
            if state == .suppressed { report.suppressed[reason, default: 0] += count }
        }
        report.add(try MessageRetention.totals(filter, connection))
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
    /// Of providers' price lists, and what they cost in millionths of the currency.
    package var units: Int64 = 0
    package var costMicro: Int64 = 0
    /// When the next of those that are planned is due; nil without any.
    package var nextDue: Timestamp?
    package var suppressed: [String: Int64] = [:]
    package var states: [SentMessage.State: Int64] = [:]

    package init() {}

    /// Figures of messages that are there no more.
    mutating func add(_ totals: [String: Int64]) {
        planned += totals["planned"] ?? 0
        eligible += totals["eligible"] ?? 0
        sent += totals["sent"] ?? 0
        delivered += totals["delivered"] ?? 0
        opened += totals["opened"] ?? 0
        clicked += totals["clicked"] ?? 0
        scanned += totals["scanned"] ?? 0
        for (figure, count) in totals {
            let parts = figure.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            if parts[0] == "state", let state = SentMessage.State(rawValue: parts[1]) {
                states[state, default: 0] += count
            }
            if parts[0] == "suppressed" { suppressed[parts[1], default: 0] += count }
        }
    }
}
