import Storage

/// What a person finds in their inbox. What came to somebody who turned out to be them is theirs too.
package struct InboxItem: Sendable, Equatable {
    package var id: Int64
    package var title: String
    package var body: String
    package var link: String
    package var createdAt: Timestamp
    package var readAt: Timestamp?

    private static let columns = "message_id, title, body, link, created_ms, read_ms"

    private init(row: SQLRow) throws {
        id = try row.int(0)
        title = try row.text(1)
        body = try row.text(2)
        link = try row.text(3)
        createdAt = Timestamp(milliseconds: try row.int(4))
        readAt = try row.intOrNil(5).map(Timestamp.init(milliseconds:))
    }

    /// The newest first. `before`: when the one before came, and its id. Throws: `StorageError`.
    package static func list(
        _ profileID: Int64, before: (ms: Int64, id: Int64)?, limit: Int, _ connection: any SQLConnection
    ) throws -> [InboxItem] {
        let people = try ids(of: profileID, connection)
        var sql: SQL = "SELECT \(raw: columns) FROM inbox_items WHERE profile_id IN (\(list: people))"
        if let before {
            sql += " AND (created_ms < \(before.ms) OR created_ms = \(before.ms) AND message_id < \(before.id))"
        }
        sql += " ORDER BY created_ms DESC, message_id DESC LIMIT \(limit)"
        return try connection.query(sql).map(InboxItem.init(row:))
    }

    /// One of them; it stays unread. Throws: `MessageError.notFound` for what is somebody else's too, `StorageError`.
    package static func get(
        _ id: Int64, of profileID: Int64, _ connection: any SQLConnection
    ) throws -> InboxItem {
        let people = try ids(of: profileID, connection)
        let row = try connection.first(
            """
            SELECT \(raw: columns) FROM inbox_items WHERE message_id = \(id) AND profile_id IN (\(list: people))
            """)
        guard let row else { throw MessageError.notFound(id) }
        return try InboxItem(row: row)
    }

    /// How many they have not read. Throws: `StorageError`.
    package static func unread(_ profileID: Int64, _ connection: any SQLConnection) throws -> Int64 {
        let people = try ids(of: profileID, connection)
        let row = try connection.first(
            "SELECT count(*) FROM inbox_items WHERE profile_id IN (\(list: people)) AND read_ms IS NULL")
        return try row?.int(0) ?? 0
    }

    /// Read by the person: the message counts as opened. Read again it stays as it is.
    /// Throws: `MessageError.notFound`, `StorageError`.
    package static func read(
        _ id: Int64, of profileID: Int64, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let item = try get(id, of: profileID, connection)
        if item.readAt == nil {
            try connection.execute(
                "UPDATE inbox_items SET read_ms = \(effects.now().milliseconds) WHERE message_id = \(id)")
        }
        // What was only marked as read is opened now.
        try MessageProgress.opened(id, isPerson: true, effects, connection)
    }

    /// Marks as read what came until a moment. Nobody looked at it: no message counts as opened. Throws: `StorageError`.
    package static func markRead(
        _ profileID: Int64, until moment: Timestamp, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let people = try ids(of: profileID, connection)
        try connection.execute(
            """
            UPDATE inbox_items SET read_ms = \(effects.now().milliseconds)
            WHERE profile_id IN (\(list: people)) AND read_ms IS NULL AND created_ms <= \(moment.milliseconds)
            """)
    }

    /// With those that were merged into them.
    private static func ids(of profileID: Int64, _ connection: any SQLConnection) throws -> [Int64] {
        [profileID] + (try ProfileDetail.mergedIDs(into: profileID, connection))
    }
}
