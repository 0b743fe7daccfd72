/// A call that a provider makes to us, as it came.
package struct ReceivedCall: Sendable {
    package var method: String
    package var query: [String: String]
    /// Names in small letters.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(method: String, query: [String: String] = [:], headers: [String: String] = [:], body: [UInt8] = []) {
        self.method = method
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// Throws: `ProviderError.unreadable`.
    package func json() throws -> JSONValue {
        do { return try JSONValue(parsing: body) } catch { throw ProviderError.unreadable }
    }
}

/// What a call said, and what is answered once it is safe.
package struct ReceivedNews: Sendable {
    package var receipts: [ProviderReceipt]
    package var replies: [ProviderReply]
    /// What people did there, for the log: resolved to a person as everything that is collected.
    package var events: [IncomingEvent]
    package var contentType: String
    package var answer: String

    package init(
        receipts: [ProviderReceipt] = [], replies: [ProviderReply] = [], events: [IncomingEvent] = [],
        contentType: String = "application/json", answer: String
    ) {
        self.receipts = receipts
        self.replies = replies
        self.events = events
        self.contentType = contentType
        self.answer = answer
    }
}

/// What a provider says became of a message, in the words that all of them share.
package struct ProviderReceipt: Codable, Sendable, Equatable {
    package enum Word: String, Codable, Sendable, CaseIterable {
        /// Taken over, no more.
        case accepted
        case delivered
        /// Seen by the person.
        case read
        /// By `code` of the provider's table.
        case failed
    }

    package var provider: String
    /// The provider's own name for the message; empty when it names only ours.
    package var providerID: String
    /// Ours, where the provider gives it back.
    package var messageID: Int64?
    package var word: Word
    package var code: String
    package var detail: String
    /// By what else the message is found when none has the provider's name for it.
    package var trace: ProviderTrace?

    package init(
        provider: String, providerID: String, messageID: Int64? = nil, word: Word, code: String = "",
        detail: String = "", trace: ProviderTrace? = nil
    ) {
        self.provider = provider
        self.providerID = providerID
        self.messageID = messageID
        self.word = word
        self.code = code
        self.detail = String(detail.prefix(500))
        self.trace = trace
    }

    private enum CodingKeys: String, CodingKey {
        case provider, word, code, detail, trace
        case providerID = "provider_id"
        case messageID = "message_id"
    }
}

/// Takes calls of providers: what they say is durable when they are answered, and applied afterwards.
package enum ReceivedCalls {
    /// In the log, without a person: whose message it is, is found when it is applied.
    package static let receiptReceived = "Receipt Received"
    private static let sourceSetting = "message_provider_source"

    /// Reads a call, keeps what it says, and returns what to answer. `append`: takes events durably.
    /// Throws: `ProviderError`, `StorageError`.
    package static func take(
        _ call: ReceivedCall, of name: String, key: String, _ catalog: ProviderCatalog, _ platform: Platform,
        append: (IncomingBatch) async throws -> Void
    ) async throws -> ReceivedNews {
        let (provider, account, line) = try await catalog.line(name, platform)
        guard !line.account.receiptKey.isEmpty, Digest.equal(line.account.receiptKey, key), account.provider == name
        else { throw ProviderError.forged }
        let news = try await provider.receive(call, line)
        guard news.receipts.count + news.replies.count + news.events.count <= ProviderLimits.receivedItems else {
            throw ProviderError.unreadable
        }
        let (effects, now) = (platform.effects, platform.effects.now())
        if !news.receipts.isEmpty || !news.replies.isEmpty {
            let lines = try news.receipts.map { receipt in
                SystemEvent(
                    name: receiptReceived, profileID: 0, time: now, properties: try StoredDocument.text(receipt))
            }
            try await platform.store.write { connection in
                try ProviderReplies.take(news.replies, effects, connection)
                try SystemEventLog.append(lines, now: now, effects: effects, to: connection)
            }
        }
        if !news.events.isEmpty {
            let source = try await source(platform)
            try await append(IncomingBatch(sourceID: source, events: news.events))
        }
        return news
    }

    /// The source that events of providers belong to. Throws: `StorageError`.
    static func source(_ platform: Platform) async throws -> Int64 {
        if let known = try await platform.store.read({ try Settings.load(Int64.self, sourceSetting, $0) }) {
            return known
        }
        let effects = platform.effects
        return try await platform.store.write { connection in
            try connection.lock(sourceSetting)
            if let known = try Settings.load(Int64.self, sourceSetting, connection) { return known }
            let made = try Sources.create(
                name: "Message providers", kind: .server, by: "system", connection, effects)
            try Settings.save(made.source.id, sourceSetting, connection, at: effects.now())
            return made.source.id
        }
    }
}
