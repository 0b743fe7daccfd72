import Storage

/// What people answer to messages, on whatever channel: every channel's receiver hands it in here.
package struct MessageReply: Sendable, Equatable {
    package var id: Int64
    package var profileID: Int64
    package var channel: String
    /// What it answers; nil: nobody knows.
    package var messageID: Int64?
    package var text: String
    package var at: Timestamp

    static let columns = "id, profile_id, channel, message_id, body, at_ms"

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        profileID = try row.int(1)
        channel = try row.text(2)
        let message = try row.int(3)
        messageID = message == 0 ? nil : message
        text = try row.text(4)
        at = Timestamp(milliseconds: try row.int(5))
    }

    /// As it comes from a channel.
    package struct Incoming: Sendable {
        /// The channel's own id of it: the same is taken once.
        package var key: String
        package var channel: String
        /// Who says it; nil: whom the message went to.
        package var profileID: Int64?
        /// What it answers; nil: the last message on this channel within `lookBackDays`.
        package var messageID: Int64?
        package var text: String
        package var at: Timestamp

        package init(
            key: String, channel: String, profileID: Int64? = nil, messageID: Int64? = nil, text: String, at: Timestamp
        ) {
            self.key = key
            self.channel = channel
            self.profileID = profileID
            self.messageID = messageID
            self.text = text
            self.at = at
        }
    }
}

package enum MessageReplies {
    private static let lookBackDays = 7

    /// Writes it down and tells it as `Message Replied`; a key that is there already changes nothing. Returns the reply, and
    /// whether it is new. Throws: `MessageError`, `StorageError`.
    package static func receive(
        _ incoming: MessageReply.Incoming, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> (reply: MessageReply, isNew: Bool) {
        guard ChannelCatalog.names.contains(incoming.channel) else {
            throw MessageError.unknownChannel(incoming.channel)
        }
        guard (1...MessageLimits.keyBytes).contains(incoming.key.utf8.count) else {
            throw MessageError.badKey(incoming.key)
        }
        guard (1...MessageLimits.replyBytes).contains(incoming.text.utf8.count) else {
            throw MessageError.replyLength(limit: MessageLimits.replyBytes)
        }
        let key = "\(incoming.channel):\(incoming.key)"
        if let known = try stored(key, connection) { return (known, false) }
        let message = try answered(incoming, connection)
        guard let person = incoming.profileID ?? message?.profileID else { throw MessageError.nobody }
        let id = effects.newID()
        let added = try connection.execute(
            """
            INSERT INTO message_replies (id, reply_key, profile_id, channel, message_id, body, at_ms)
            VALUES (\(id), \(key), \(person), \(incoming.channel), \(message?.id ?? 0), \(incoming.text),
                \(incoming.at.milliseconds)) ON CONFLICT DO NOTHING
            """)
        guard let reply = try stored(key, connection) else { throw MessageError.badKey(incoming.key) }
        guard added == 1 else { return (reply, false) }
        var said: [String: JSONValue] = ["text": .string(incoming.text), "reply_id": JSONValue(id: id)]
        if message == nil { said["channel"] = .string(incoming.channel) }
        let event =
            message.map { MessageEvents.event(MessageEvents.replied, $0, at: incoming.at, said) }
            ?? SystemEvent(
                name: MessageEvents.replied, profileID: person, time: incoming.at,
                properties: JSONValue.object(said).text())
        try SystemEventLog.append([event], now: effects.now(), effects: effects, to: connection)
        return (reply, true)
    }

    private static func stored(_ key: String, _ connection: any SQLConnection) throws -> MessageReply? {
        try connection.first(
            "SELECT \(raw: MessageReply.columns) FROM message_replies WHERE reply_key = \(key)"
        ).map(MessageReply.init)
    }

    /// The message that is answered. Throws: `MessageError.notFound` of one that went to somebody else.
    private static func answered(
        _ incoming: MessageReply.Incoming, _ connection: any SQLConnection
    ) throws -> SentMessage? {
        var people: [Int64]?
        if let profile = incoming.profileID {
            people = [profile] + (try ProfileDetail.mergedIDs(into: profile, connection))
        }
        if let id = incoming.messageID {
            let message = try MessageList.get(id, connection)
            guard people?.contains(message.profileID) ?? true else { throw MessageError.notFound(id) }
            return message
        }
        guard let people else { return nil }
        let since = incoming.at.adding(days: -lookBackDays).milliseconds
        return try connection.first(
            """
            SELECT \(raw: SentMessage.columns) FROM messages WHERE profile_id IN (\(list: people))
                AND channel = \(incoming.channel) AND eligible_ms >= \(since) AND sent_ms IS NOT NULL
                AND sent_ms <= \(incoming.at.milliseconds) ORDER BY sent_ms DESC, id DESC LIMIT 1
            """
        ).map(SentMessage.init(row:))
    }

    /// One person's, the newest first; nil: everybody's. Throws: `StorageError`.
    package static func list(
        of profileIDs: [Int64]? = nil, before: Int64? = nil, limit: Int, _ connection: any SQLConnection
    ) throws -> [MessageReply] {
        var sql: SQL = """
            SELECT \(raw: MessageReply.columns) FROM message_replies WHERE id < \(before ?? .max)
            """
        if let profileIDs { sql += " AND profile_id IN (\(list: profileIDs))" }
        sql += " ORDER BY id DESC LIMIT \(limit)"
        return try connection.query(sql).map(MessageReply.init)
    }
}
