import Storage

/// A signed call to a system of the brand's own for each message (Standard Webhooks 1.0).
package struct WebhookChannel: MessageChannel {
    package let name = "webhook"
    /// It reaches a system, not a person.
    package let needsConsent = false
    private let transport: WebhookTransport

    package init(transport: @escaping WebhookTransport) {
        self.transport = transport
    }

    package func bounds(_ connection: any SQLConnection) throws -> ChannelBounds {
        ChannelBounds(isSetUp: try !MessageWebhook.load(connection).url.isEmpty)
    }

    package func address(of person: RecipientFacts, _ connection: any SQLConnection) -> String? {
        String(person.profileID)
    }

    package func send(_ messages: [OutgoingMessage], _ platform: Platform) async -> [MessageOutcome] {
        do {
            let settings = try await platform.store.read { try MessageWebhook.load($0) }
            let secret = try platform.seal.open(settings.secret, for: MessageWebhook.purpose)
            var outcomes: [MessageOutcome] = []
            for message in messages { outcomes.append(await call(message, settings.url, secret, platform)) }
            return outcomes
        } catch {
            return messages.map { _ in .closed(reason: "not_set_up", detail: String("\(error)".prefix(200))) }
        }
    }

    private func call(
        _ message: OutgoingMessage, _ url: String, _ secret: String, _ platform: Platform
    ) async -> MessageOutcome {
        let (id, seconds) = ("msg_\(message.id)", platform.effects.now().seconds)
        let call = WebhookMessage(
            url: url, id: id, seconds: seconds,
            signature: WebhookSignature.header(id: id, seconds: seconds, body: message.text, secrets: [secret]),
            body: message.text)
        do {
            let answer = try await transport(call)
            let detail = "\(answer.status) " + String(decoding: answer.bytes.prefix(200), as: UTF8.self)
            switch answer.status {
            case 200..<300: return .sent(providerID: id)
            case 401, 403, 404, 410: return .closed(reason: "refused", detail: detail)
            case 429, 500...: return .retry(reason: "deferred", detail: detail)
            default: return .bounced(reason: "refused", detail: detail, suppresses: false)
            }
        } catch {
            // The receiver tells repeats by `webhook-id`, so a call whose answer was lost may be made again.
            return .retry(reason: MessageOutcome.unreachableReason, detail: NetworkFault.words(of: error))
        }
    }
}

/// Where messages of the webhook channel go.
package struct MessageWebhook: Codable, Sendable, Equatable {
    package var url = ""
    /// Sealed.
    var secret = ""

    static let purpose = "message_webhook"

    package init() {}

    /// Throws: `StorageError`, `DecodingError`.
    package static func load(_ connection: any SQLConnection) throws -> MessageWebhook {
        try Settings.load(MessageWebhook.self, purpose, connection) ?? MessageWebhook()
    }

    /// Saves the address; the first time with a secret, which is shown only then. Throws: `WebhookError.badURL`.
    package static func save(
        url: String, renewing: Bool, by actor: String, _ seal: Seal, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> String? {
        var settings = try load(connection)
        settings.url = Whitespace.trim(url)
        guard settings.url.isEmpty || OutgoingAddress(settings.url) != nil else { throw WebhookError.badURL }
        var shown: String?
        if settings.secret.isEmpty || renewing {
            let secret = WebhookSignature.secret(effects)
            settings.secret = seal.seal(secret, for: purpose, effects)
            shown = secret
        }
        try Settings.save(settings, purpose, connection, at: effects.now())
        try AuditLog.append(
            actor: actor, action: "message_webhook.save", subject: "message_webhook", detail: settings.url, connection,
            at: effects.now())
        return shown
    }
}
