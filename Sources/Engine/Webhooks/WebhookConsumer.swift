import Storage

/// Reads the log in order and writes down what has to be told, in one transaction with how far it has read.
///
/// A consumer of its own beside the processor and the archiver, under a lease: so a batch of the processor costs the same
/// with and without endpoints. While no endpoint is enabled the log is not read at all.
final class WebhookConsumer: Sendable {
    let lease: SoleLease
    private let platform: Platform

    init(platform: Platform) {
        self.platform = platform
        lease = SoleLease("webhooks", reading: .appended, platform)
    }

    /// Whether anybody wants to be told.
    func isWanted() async throws -> Bool {
        try await platform.store.read { try Self.isWanted($0) }
    }

    private static func isWanted(_ connection: any SQLConnection) throws -> Bool {
        try connection.first("SELECT id FROM webhook_endpoints WHERE status = 'enabled' LIMIT 1") != nil
    }

    /// Passes over what nobody wants to be told, so that the log can be forgotten behind it.
    func skip() async throws {
        try await platform.store.write { [lease] connection in
            guard try !Self.isWanted(connection) else { return }
            _ = try lease.take(rows: nil, connection)
        }
    }

    /// One range of the log. Returns whether there may be more.
    func step() async throws -> Bool {
        guard try await lease.isBehind() else { return false }
        return try await platform.store.write { [lease, effects = platform.effects] connection in
            guard let range = try lease.take(rows: WebhookLimits.logRows, connection) else { return false }
            try Self.tell(range, effects, connection)
            return range.hasMore
        }
    }

    private struct Route {
        var endpoint: WebhookEndpoint
        var from: Int64
        var pushed: Set<Int64>
    }

    private static func tell(
        _ range: SoleLease.Range, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let routes = try routes(connection)
        guard !routes.isEmpty else { return }
        let names = Set(routes.flatMap { $0.endpoint.events })
            .union(routes.contains { !$0.pushed.isEmpty } ? [SegmentMembers.entered, SegmentMembers.left] : [])
        let rows = try connection.query(
            """
            SELECT e.position, e.name, e.time_ms, e.properties, o.profile_id FROM event_log e
            LEFT JOIN event_outcomes o ON o.position = e.position
            WHERE e.position > \(range.lower) AND e.position <= \(range.upper) AND e.kind = 'system'
                AND e.name IN (\(list: names.sorted())) ORDER BY e.position
            """)
        guard !rows.isEmpty else { return }
        let users = try UserIDs.load(try rows.compactMap { try $0.intOrNil(4) }, connection)
        var messages: [Int64: [WebhookOutbox.Message]] = [:]
        for row in rows {
            let (position, name, properties) = (try row.int(0), try row.text(1), try row.text(3))
            let profile = try row.intOrNil(4) ?? 0
            let segment =
                WebhookEvents.isAboutSegment(name)
                ? try JSONValue(parsing: properties)["segment_id"]?.stringValue.flatMap { Int64($0) } : nil
            let message = WebhookOutbox.Message(
                event: name, type: WebhookEvents.type(of: name), time: Timestamp(milliseconds: try row.int(2)),
                data: """
                    {"event":\(JSONValue.string(name).text()),"profile_id":"\(profile)",\
                    "user_id":\(JSONValue(users[profile]).text()),"properties":\(properties)}
                    """)
            for route in routes where position > route.from {
                guard route.endpoint.wants(name, segment: segment, pushed: route.pushed) else { continue }
                messages[route.endpoint.id, default: []].append(message)
            }
        }
        for (endpoint, list) in messages.sorted(by: { $0.key < $1.key }) {
            try WebhookOutbox.put(list, to: endpoint, effects: effects, connection)
        }
    }

    private static func routes(_ connection: any SQLConnection) throws -> [Route] {
        let pushes = try WebhookPushes.all(connection)
        return try connection.query(
            """
            SELECT \(raw: WebhookEndpoint.columns), from_position FROM webhook_endpoints WHERE status = 'enabled'
            ORDER BY id
            """
        ).map { row in
            let endpoint = try WebhookEndpoint(row: row)
            return Route(endpoint: endpoint, from: try row.int(13), pushed: pushes[endpoint.id] ?? [])
        }
    }
}

/// The brand's own ids of people, which other systems know them by.
enum UserIDs {
    static func load(_ profileIDs: [Int64], _ connection: any SQLConnection) throws -> [Int64: String] {
        let ids = Set(profileIDs).subtracting([0]).sorted()
        let found = try connection.queryMany(
            "SELECT value FROM identities WHERE profile_id = ? AND kind = 'user_id' ORDER BY value LIMIT 1",
            ids.map { [.integer($0)] })
        var users: [Int64: String] = [:]
        for (id, rows) in zip(ids, found) {
            if let row = rows.first { users[id] = try row.text(0) }
        }
        return users
    }
}
