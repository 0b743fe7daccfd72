import Storage

/// What people said about being written to, by channel and topic, with proof.
///
/// Two sources: consent of the profile (events and traits of the brand's own systems) and what was said here (one click,
/// the preference centre, the console). The newest word about the channel counts; a topic can be left by itself.
package enum MessageConsents {
    package struct Entry: Sendable, Equatable {
        package var channel: String
        /// Empty: the whole channel.
        package var topic: String
        package var isGranted: Bool
        package var at: Timestamp
        package var source: String
        package var proof: String
        package var messageID: Int64

        package init(
            channel: String, topic: String, isGranted: Bool, at: Timestamp, source: String, proof: String,
            messageID: Int64
        ) {
            self.channel = channel
            self.topic = topic
            self.isGranted = isGranted
            self.at = at
            self.source = source
            self.proof = proof
            self.messageID = messageID
        }
    }

    /// Writes down what a person said, and tells it. Throws: `StorageError`.
    package static func say(
        _ profileID: Int64, _ entry: Entry, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        // One after the other with what is about to leave to this person (MessageDispatcher).
        try connection.lock(MessageDispatcher.lock(of: profileID))
        let now = effects.now()
        try connection.execute(
            """
            INSERT INTO message_consents (profile_id, channel, topic, is_granted, at_ms, source, proof, message_id)
            VALUES (\(profileID), \(entry.channel), \(entry.topic), \(entry.isGranted ? 1 : 0), \(entry.at.milliseconds),
                \(entry.source), \(entry.proof), \(entry.messageID))
            ON CONFLICT (profile_id, channel, topic) DO UPDATE SET is_granted = excluded.is_granted,
                at_ms = excluded.at_ms, source = excluded.source, proof = excluded.proof,
                message_id = excluded.message_id
            """)
        let properties: JSONValue = [
            "channel": .string(entry.channel), "topic": .string(entry.topic), "granted": .bool(entry.isGranted),
            "source": .string(entry.source), "proof": .string(entry.proof),
            "message_id": entry.messageID == 0 ? .null : JSONValue(id: entry.messageID),
        ]
        let event = SystemEvent(
            name: MessageEvents.preferenceChanged, profileID: profileID, time: entry.at, properties: properties.text())
        try SystemEventLog.append([event], now: now, effects: effects, to: connection)
    }

    /// What a person said last about each channel and topic, under any of these ids. Throws: `StorageError`.
    package static func of(_ profileIDs: [Int64], _ connection: any SQLConnection) throws -> [Entry] {
        last(try entries(profileIDs, connection))
    }

    /// The same of many people at once, each with the ids that are theirs. Throws: `StorageError`.
    static func of(_ people: [Int64: [Int64]], _ connection: any SQLConnection) throws -> [Int64: [Entry]] {
        let asked = people.sorted { $0.key < $1.key }.flatMap { person, ids in ids.map { (person, $0) } }
        let found = try words(under: asked.map(\.1), connection)
        var said: [Int64: [Entry]] = [:]
        for (person, id) in asked {
            guard let entries = found[id] else { continue }
            said[person, default: []] += entries
        }
        return said.mapValues { entries in
            last(entries.sorted { ($0.at, $0.isGranted ? 0 : 1) < ($1.at, $1.isGranted ? 0 : 1) })
        }
    }

    /// Rows for each id that may lie in a range of them.
    private static let rangeShare = 2

    /// What was said under each id; those under which nothing was are left out.
    private static func words(under ids: [Int64], _ connection: any SQLConnection) throws -> [Int64: [Entry]] {
        let columns = "channel, topic, is_granted, at_ms, source, proof, message_id"
        return try connection.rows(
            ofEach: ids, place: 7, most: rangeShare * ids.count,
            range: { first, last, limit in
                """
                SELECT \(raw: columns), profile_id FROM message_consents
                WHERE profile_id BETWEEN \(first) AND \(last) ORDER BY profile_id, channel, topic LIMIT \(limit)
                """
            }, one: "SELECT \(columns) FROM message_consents WHERE profile_id = ?"
        ).mapValues { try $0.map(entry) }
    }

    /// The newest of each channel and topic; entries come oldest first.
    private static func last(_ entries: [Entry]) -> [Entry] {
        var last: [String: Entry] = [:]
        for entry in entries { last["\(entry.channel) \(entry.topic)"] = entry }
        return last.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func entries(_ profileIDs: [Int64], _ connection: any SQLConnection) throws -> [Entry] {
        try connection.query(
            """
            SELECT channel, topic, is_granted, at_ms, source, proof, message_id FROM message_consents
            WHERE profile_id IN (\(list: profileIDs)) ORDER BY at_ms, is_granted DESC
            """
        ).map(entry)
    }

    private static func entry(_ row: SQLRow) throws -> Entry {
        Entry(
            channel: try row.text(0), topic: try row.text(1), isGranted: try row.int(2) == 1,
            at: Timestamp(milliseconds: try row.int(3)), source: try row.text(4), proof: try row.text(5),
            messageID: try row.int(6))
    }

    /// What holds for a channel; nil: nobody said anything.
    package static func channel(_ channel: String, _ state: ProfileState, _ said: [Entry]) -> Bool? {
        let own = said.first { $0.channel == channel && $0.topic.isEmpty }
        guard let given = state.consent[channel] else { return own?.isGranted }
        guard let own else { return given.isGranted }
        if own.at.milliseconds == given.ms { return own.isGranted && given.isGranted }
        return own.at.milliseconds > given.ms ? own.isGranted : given.isGranted
    }

    /// As `channel`, under double opt-in: a yes of the brand's own events since then waits until the address confirmed it.
    package static func confirmed(
        _ channel: String, _ state: ProfileState, _ said: [Entry], _ policy: MessagePolicy
    ) -> Bool? {
        guard policy.doubleOptIn, channel == OptIns.channel, let given = state.consent[channel], given.isGranted,
            given.ms >= policy.doubleOptInSince
        else { return self.channel(channel, state, said) }
        return said.first { $0.channel == channel && $0.topic.isEmpty }?.isGranted
    }

    /// Writes down a yes of the brand's own events as what was said before double opt-in was asked for, so that the same
    /// word heard again does not call it in question. Throws: `StorageError`.
    static func keep(_ profileID: Int64, _ given: Consent, _ channel: String, _ connection: any SQLConnection) throws {
        let proof = "\(given.source) · \(Timestamp(milliseconds: given.ms).iso8601)"
        try connection.execute(
            """
            INSERT INTO message_consents (profile_id, channel, topic, is_granted, at_ms, source, proof, message_id)
            VALUES (\(profileID), \(channel), '', 1, \(given.ms), 'before_double_opt_in', \(proof), 0)
            ON CONFLICT (profile_id, channel, topic) DO UPDATE SET is_granted = excluded.is_granted,
                at_ms = excluded.at_ms, source = excluded.source, proof = excluded.proof,
                message_id = excluded.message_id WHERE message_consents.at_ms < excluded.at_ms
            """)
    }

    /// Whether a topic was left.
    package static func hasLeft(_ topic: String, _ channel: String, _ said: [Entry]) -> Bool {
        said.contains { $0.channel == channel && $0.topic == topic && !topic.isEmpty && !$0.isGranted }
    }
}
