import Storage

/// Addresses that are not written to.
package enum Suppressions {
    package enum Reason: String, Sendable, CaseIterable {
        case bounce, complaint, hand
        /// They asked for it in a reply.
        case stop
    }

    package struct Entry: Sendable, Equatable {
        package var channel: String
        package var address: String
        package var reason: Reason
        package var detail: String
        package var messageID: Int64
        package var createdAt: Timestamp
        package var createdBy: String
    }

    /// The first reason stands. Throws: `StorageError`.
    static func add(
        _ channel: String, _ address: String, _ reason: Reason, detail: String, message: Int64, by actor: String,
        at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        guard !address.isEmpty else { return }
        try connection.execute(
            """
            INSERT INTO message_suppressions (channel, address, reason, detail, message_id, created_ms, created_by)
            VALUES (\(channel), \(plain(address)), \(reason.rawValue), \(detail), \(message), \(now.milliseconds), \(actor))
            ON CONFLICT (channel, address) DO NOTHING
            """)
    }

    /// By hand. Throws: `MessageError`, `StorageError`.
    package static func add(
        _ channel: String, _ address: String, detail: String, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        guard ChannelCatalog.names.contains(channel) else { throw MessageError.unknownChannel(channel) }
        let address = plain(address)
        guard !address.isEmpty, address.utf8.count <= 254, channel != "email" || MailAddress.isUsable(address) else {
            throw MessageError.badAddress(address)
        }
        try add(channel, address, .hand, detail: detail, message: 0, by: actor, at: now, connection)
        try AuditLog.append(
            actor: actor, action: "suppression.add", subject: "channel:\(channel)", detail: "", connection, at: now)
    }

    /// Returns whether it was there. Throws: `StorageError`.
    package static func remove(
        _ channel: String, _ address: String, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Bool {
        let removed = try connection.execute(
            "DELETE FROM message_suppressions WHERE channel = \(channel) AND address = \(plain(address))")
        if removed > 0 {
            try AuditLog.append(
                actor: actor, action: "suppression.remove", subject: "channel:\(channel)", detail: "", connection,
                at: now)
        }
        return removed > 0
    }

    /// Takes an address off that bounced, once its person shows that it takes messages again. What a hand, a complaint or a
    /// stop word put there stays. Throws: `StorageError`.
    static func lift(_ channel: String, _ address: String, _ connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            """
            DELETE FROM message_suppressions WHERE channel = \(channel) AND address = \(plain(address))
                AND reason = \(Reason.bounce.rawValue)
            """) > 0
    }

    static func contains(_ channel: String, _ address: String, _ connection: any SQLConnection) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM message_suppressions WHERE channel = \(channel) AND address = \(plain(address))") != nil
    }

    /// Those of many addresses that are on the list, in plain letters. Throws: `StorageError`.
    static func among(
        _ addresses: [String], _ channel: String, _ connection: any SQLConnection
    ) throws -> Set<String> {
        let asked = Set(addresses.map(plain)).sorted()
        let found = try connection.queryMany(
            "SELECT address FROM message_suppressions WHERE channel = ? AND address = ?",
            asked.map { [.text(channel), .text($0)] })
        return Set(try found.joined().map { try $0.text(0) })
    }

    /// The newest first; `search`: how an address begins. Throws: `StorageError`.
    package static func list(
        search: String = "", before: Int64? = nil, limit: Int, _ connection: any SQLConnection
    ) throws -> [Entry] {
        var sql: SQL = """
            SELECT channel, address, reason, detail, message_id, created_ms, created_by FROM message_suppressions
            WHERE created_ms < \(before ?? .max)
            """
        if !search.isEmpty {
            let low = plain(search)
            sql += " AND address >= \(low) AND address < \(low + "\u{10FFFF}")"
        }
        sql += " ORDER BY created_ms DESC, address LIMIT \(limit)"
        return try connection.query(sql).map { row in
            Entry(
                channel: try row.text(0), address: try row.text(1), reason: Reason(rawValue: try row.text(2)) ?? .hand,
                detail: try row.text(3), messageID: try row.int(4),
                createdAt: Timestamp(milliseconds: try row.int(5)), createdBy: try row.text(6))
        }
    }

    /// As addresses are compared.
    static func plain(_ address: String) -> String { Whitespace.trim(address).lowercased() }
}
