import Storage

/// What a person wrote back, as a provider hands it over.
package struct ProviderReply: Sendable, Equatable {
    package var provider: String
    package var channel: String
    /// The provider's own name for it, by which a second call is known.
    package var providerID: String
    /// Who wrote: what people of this channel are known by.
    package var sender: IdentityKey
    package var text: String
    package var at: Timestamp

    package init(
        provider: String, channel: String, providerID: String, sender: IdentityKey, text: String, at: Timestamp
    ) {
        self.provider = provider
        self.channel = channel
        self.providerID = providerID
        self.sender = sender
        self.text = text
        self.at = at
    }
}

/// Replies of people through providers, each once.
package enum ProviderReplies {
    /// Keeps what people who are known wrote and tells it (`Message Replied`), and heeds words that ask to be left in peace,
    /// also of those who are not known. Returns how many were new. Throws: `MessageError`, `StorageError`.
    @discardableResult
    static func take(
        _ replies: [ProviderReply], _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Int {
        var count = 0
        for reply in replies {
            let text = shortened(reply.text)
            guard let profile = try person(reply.sender, connection) else {
                try heed(text, reply, nil, nil, effects, connection)
                continue
            }
            // Without words, a picture say, there is nothing to keep.
            guard !text.isEmpty else { continue }
            let taken = try MessageReplies.receive(
                MessageReply.Incoming(
                    key: "\(reply.provider):\(reply.providerID)", channel: reply.channel, profileID: profile,
                    text: text,
                    at: reply.at), effects, connection)
            guard taken.isNew else { continue }
            count += 1
            try heed(text, reply, profile, taken.reply.messageID, effects, connection)
        }
        return count
    }

    private static func shortened(_ text: String) -> String {
        var text = String(text.prefix(ProviderLimits.textBytes))
        while text.utf8.count > MessageLimits.replyBytes { text.removeLast() }
        return text
    }

    private static func person(_ key: IdentityKey, _ connection: any SQLConnection) throws -> Int64? {
        try connection.first(
            "SELECT profile_id FROM identities WHERE kind = \(key.kind) AND value = \(key.value)")?.int(0)
    }

    /// A person who is known says no to the channel; of anybody else the address is not written to again.
    private static func heed(
        _ text: String, _ reply: ProviderReply, _ profile: Int64?, _ message: Int64?, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws {
        guard let meaning = try StopWords.meaning(of: text, connection) else { return }
        guard let profile else {
            guard meaning == .stop else { return }
            try Suppressions.add(
                reply.channel, reply.sender.value, .stop, detail: text, message: 0, by: "system", at: effects.now(),
                connection)
            return
        }
        let entry = MessageConsents.Entry(
            channel: reply.channel, topic: "", isGranted: meaning == .start, at: reply.at, source: "reply",
            proof: text, messageID: message ?? 0)
        try MessageConsents.say(profile, entry, effects, connection)
    }
}
