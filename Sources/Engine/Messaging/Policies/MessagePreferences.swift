import Storage

/// The channel that a person would rather be written to on: what they chose on the preference page or over the API, or the
/// trait `preferred_channel`, whichever is newer.
package enum MessagePreferences {
    package static let trait = "preferred_channel"

    /// Nil or empty: none any more. Throws: `MessageError.unknownChannel`, `StorageError`.
    package static func choose(
        _ channel: String?, of profileID: Int64, source: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let channel = channel ?? ""
        guard channel.isEmpty || ChannelCatalog.names.contains(channel) else {
            throw MessageError.unknownChannel(channel)
        }
        try connection.execute(
            """
            INSERT INTO message_preferences (profile_id, channel, at_ms, source)
            VALUES (\(profileID), \(channel), \(now.milliseconds), \(source))
            ON CONFLICT (profile_id) DO UPDATE SET channel = excluded.channel, at_ms = excluded.at_ms,
                source = excluded.source
            """)
    }

    /// Nil: the person has none. Throws: `StorageError`.
    package static func channel(of person: RecipientFacts, _ connection: any SQLConnection) throws -> String? {
        let chosen = try connection.first(
            """
            SELECT channel, at_ms FROM message_preferences WHERE profile_id IN (\(list: person.profileIDs))
            ORDER BY at_ms DESC LIMIT 1
            """
        ).map { (channel: try $0.text(0), at: try $0.int(1)) }
        let told = person.state.traits[trait].flatMap { entry -> (channel: String, at: Int64)? in
            guard let word = entry.value?.stringValue?.lowercased() else { return nil }
            return ChannelCatalog.names.contains(word) ? (word, entry.changedMS) : nil
        }
        guard let chosen, chosen.at >= told?.at ?? .min else { return told?.channel }
        return chosen.channel.isEmpty ? nil : chosen.channel
    }
}
