import Storage

/// What one load of the archiver brings to the analytics store: the events of a range of the log, and the present
/// state of the profiles and orders they touched.
struct ArchiveBatch: Sendable {
    var events: AnalyticsBlock
    var timeline: AnalyticsBlock
    var profiles: AnalyticsBlock
    var orders: AnalyticsBlock
    var aliases: AnalyticsBlock
    /// People whose rows must go.
    var erased: [Int64]

    static func read(_ range: ArchiveRange, _ connection: any SQLConnection) throws -> ArchiveBatch {
        let calendar = try Workspace.load(connection).calendar
        let rows = try connection.query(
            """
            SELECT e.position, e.source_id, e.message_id, e.kind, e.name, e.time_ms, e.received_ms, e.identities, \
            e.properties, e.context, o.profile_id, o.visit FROM event_log e JOIN event_outcomes o ON o.position = e.position \
            WHERE e.position > \(range.lowerBound) AND e.position <= \(range.upperBound) AND o.outcome = 'stored' \
            ORDER BY e.position
            """)
        var columns = ArchiveEventColumns(capacity: rows.count, calendar: calendar)
        var touched: Set<Int64> = []
        var changes = IdentityChanges()
        for row in rows {
            let event = try ArchivedEvent(row)
            columns.append(event)
            // Who was only seen is mirrored after the roll-up, once for many events.
            if try !row.bool(11) { touched.insert(event.profileID) }
            if event.kind == EventKind.system.rawValue { try changes.note(event) }
        }
        touched.formUnion(changes.profiles)
        touched.remove(0)
        return ArchiveBatch(
            events: columns.block,
            timeline: columns.timelineBlock,
            profiles: try ArchiveProfiles.block(touched.sorted(), calendar, connection),
            orders: try ArchiveOrders.block(range, leftBehind: changes.ordersLeftBehind, calendar, connection),
            aliases: try changes.aliases(connection),
            erased: changes.erased)
    }

    /// Loads everything under tokens made from the range; repeated, it adds nothing.
    ///
    /// - Parameter again: names the attempt where the range was tried before: a store that may remember as done what never
    ///   arrived is asked which events it has, and given the others under a new token. The other tables keep the newest
    ///   version of a row, however often it comes.
    func load(into analytics: any AnalyticsStore, range: ArchiveRange, again: String? = nil) async throws {
        var (events, timeline, suffix) = (events, timeline, "")
        if let again, try await analytics.remembersLostLoads {
            suffix = "-\(again)"
            events = try await Self.missing(of: events, analytics, range)
            timeline = try await Self.missing(of: timeline, analytics, range)
        }
        for block in [events, timeline, profiles, orders, aliases] where block.count > 0 {
            try await analytics.insert(block, token: "\(range.token)-\(block.table)\(suffix)")
        }
        if !erased.isEmpty {
            try await analytics.erase(erased)
        }
    }
}

extension ArchiveBatch {
    /// The rows of the range that the store does not have.
    private static func missing(
        of block: AnalyticsBlock, _ analytics: any AnalyticsStore, _ range: ArchiveRange
    ) async throws -> AnalyticsBlock {
        guard case .uint64(let positions)? = block.columns.first(where: { $0.name == "position" })?.values else {
            return block
        }
        let found = try await analytics.query(
            """
            SELECT toInt64(position) FROM \(raw: block.table)
            WHERE position > \(range.lowerBound) AND position <= \(range.upperBound)
            """, limits: limits)
        let present = Set(try found.ints(0))
        return block.rows(positions.indices.filter { !present.contains(Int64(positions[$0])) })
    }

    private static let limits = QueryLimits(seconds: 300)
}

/// One event on its way into the analytics store.
struct ArchivedEvent {
    var position: Int64
    var sourceID: Int64
    var messageID: String
    var kind: String
    var name: String
    var time: Timestamp
    var receivedAt: Timestamp
    var identities: String
    var properties: String
    var context: String
    var profileID: Int64
}

extension ArchivedEvent {
    init(_ row: SQLRow) throws {
        position = try row.int(0)
        sourceID = try row.int(1)
        messageID = try row.text(2)
        kind = try row.text(3)
        name = try row.text(4)
        time = Timestamp(milliseconds: try row.int(5))
        receivedAt = Timestamp(milliseconds: try row.int(6))
        identities = try row.text(7)
        properties = try row.text(8)
        context = try row.text(9)
        profileID = try row.int(10)
    }
}
