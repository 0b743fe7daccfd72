import Storage

/// Letters, through the brand's own mail server.
package struct EmailChannel: MessageChannel {
    package let name = "email"
    package let needsConsent = true
    private let transport: MailTransport

    package init(transport: @escaping MailTransport) {
        self.transport = transport
    }

    package func bounds(_ connection: any SQLConnection) throws -> ChannelBounds {
        let settings = try EmailSettings.load(connection)
        return ChannelBounds(
            perSecond: settings.perSecond, perDomainMinute: settings.perDomainMinute, isSetUp: settings.isSetUp)
    }

    package func address(of person: RecipientFacts) -> String? {
        person.emails.first(where: MailAddress.isUsable)
    }

    package func send(_ messages: [OutgoingMessage], _ platform: Platform) async -> [MessageOutcome] {
        do {
            let settings = try await platform.store.read { try EmailSettings.load($0) }
            let server = try settings.server(platform.seal)
            let letters = try messages.map { try Self.envelope($0, settings, platform) }
            return await transport(letters, server).map(Self.outcome)
        } catch {
            let detail = String("\(error)".prefix(200))
            return messages.map { _ in .closed(reason: "not_set_up", detail: detail) }
        }
    }

    /// A letter that says only that letters arrive. Returns what the server said. Throws: `EmailError`, `SealError`.
    package func trial(to address: String, _ language: String, _ platform: Platform) async throws -> MailAnswer {
        guard MailAddress.isUsable(address) else { throw EmailError.badAddress(field: "to", address) }
        let settings = try await platform.store.read { try EmailSettings.load($0) }
        let (subject, text) =
            language == "zh-Hans"
            ? ("测试邮件", "这封邮件说明发件设置可用。") : ("Test letter", "This letter says that mail can be sent.")
        let message = OutgoingMessage(
            id: platform.effects.newID(), profileID: 0, address: address, subject: subject, html: "<p>\(text)</p>",
            text: text, link: "", unsubscribeURL: "")
        let letter = try Self.envelope(message, settings, platform)
        return await transport([letter], try settings.server(platform.seal)).first ?? MailAnswer(.unreachable)
    }

    private static func envelope(
        _ message: OutgoingMessage, _ settings: EmailSettings, _ platform: Platform
    ) throws -> MailEnvelope {
        let now = platform.effects.now()
        let mail = MailMessage(
            id: "\(message.id)@\(settings.domain)",
            from: MailMessage.Mailbox(name: settings.fromName, address: settings.fromAddress), to: message.address,
            replyTo: settings.replyTo,
            letter: EmailLetter(subject: message.subject, html: message.html, text: message.text), date: now,
            unsubscribeURL: message.unsubscribeURL, boundary: "=_\(platform.effects.randomHex(bytes: 12))")
        let signatures = try settings.keys(platform.seal).map {
            DKIMSignature(domain: settings.dkimDomain, selector: $0.selector, key: $0.key, seconds: now.seconds)
        }
        return MailEnvelope(
            from: settings.returnPath(of: message.id), to: message.address, bytes: try mail.bytes(signedBy: signatures))
    }

    /// What an answer means (RFC 3463 for the enhanced codes).
    static func outcome(_ answer: MailAnswer) -> MessageOutcome {
        let detail = String(answer.text.prefix(500))
        switch answer.kind {
        case .accepted: return .sent(providerID: "")
        case .unreachable: return .retry(reason: "unreachable", detail: detail)
        case .unknown: return .unknown(detail: detail)
        case .refused: break
        }
        let enhanced = answer.text.firstMatch(of: /\b([245]\.\d{1,3}\.\d{1,3})\b/).map { String($0.1) } ?? ""
        switch answer.code {
        case 530, 534, 535, 538: return .closed(reason: "not_let_in", detail: detail)
        case 400..<500: return .retry(reason: "deferred", detail: detail)
        default: break
        }
        if enhanced.hasPrefix("5.7") { return .closed(reason: "refused", detail: detail) }
        if enhanced == "5.2.2" { return .retry(reason: "mailbox_full", detail: detail) }
        let isNobody = enhanced.hasPrefix("5.1") || enhanced.isEmpty && [550, 551, 553].contains(answer.code)
        return .bounced(reason: isNobody ? "no_such_address" : "refused", detail: detail, suppresses: isNobody)
    }
}
