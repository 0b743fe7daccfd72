import Storage

/// Letters, through the brand's own mail server.
package struct EmailChannel: MessageChannel {
    package let name = "email"
    package let needsConsent = true
    private let transport: MailTransport
    private let signers = DKIMSigners()

    package init(transport: @escaping MailTransport) {
        self.transport = transport
    }

    /// Over the real network, with so many connections to the mail server at once.
    package static func overSMTP(connections: Int = EmailLimits.connections) -> EmailChannel {
        let pool = SMTPPool(connections: connections)
        return EmailChannel { await pool.send($0, to: $1) }
    }

    package func bounds(_ connection: any SQLConnection) throws -> ChannelBounds {
        let settings = try EmailSettings.load(connection)
        return ChannelBounds(
            perSecond: settings.perSecond, perDomainMinute: settings.perDomainMinute, isSetUp: settings.isSetUp)
    }

    package func address(of person: RecipientFacts, _ connection: any SQLConnection) -> String? {
        person.emails.first(where: MailAddress.isUsable)
    }

    package func send(_ messages: [OutgoingMessage], _ platform: Platform) async -> [MessageOutcome] {
        do {
            // Not a moment of the calendar but a span: what waits behind slow letters asks for leave again.
            let end = ContinuousClock.now.advanced(by: .seconds(MessageLimits.permitSeconds))
            let settings = try await platform.store.read { try EmailSettings.load($0) }
            let server = try settings.server(platform.seal)
            let keys = try keys(settings, platform)
            let letters = try messages.map { message in
                var letter = try envelope(message, settings, keys, platform)
                letter.end = end
                return letter
            }
            return await transport(letters, server).map(Self.outcome)
        } catch {
            let detail = String("\(error)".prefix(200))
            return messages.map { _ in .closed(reason: "not_set_up", detail: detail) }
        }
    }

    /// A letter that says only that letters arrive. Returns what the server said. Throws: `EmailError`, `SealError`.
    package func trial(to address: String, _ language: String, _ platform: Platform) async throws -> MailAnswer {
        let (subject, text) =
            language == "zh-Hans"
            ? ("测试邮件", "这封邮件说明发件设置可用。") : ("Test letter", "This letter says that mail can be sent.")
        return try await post(EmailLetter(subject: subject, html: "<p>\(text)</p>", text: text), to: address, platform)
    }

    /// A letter to somebody of the brand's own staff: no policy is asked and nothing is written down here. Never throws.
    package func write(_ letter: EmailLetter, to address: String, _ platform: Platform) async -> MessageOutcome {
        do {
            return Self.outcome(try await post(letter, to: address, platform))
        } catch {
            return .closed(reason: "not_set_up", detail: String("\(error)".prefix(200)))
        }
    }

    /// One letter to the brand's own people. Returns what the server said.
    /// Throws: `EmailError`, `SealError`, `StorageError`.
    private func post(_ letter: EmailLetter, to address: String, _ platform: Platform) async throws -> MailAnswer {
        guard MailAddress.isUsable(address) else { throw EmailError.badAddress(field: "to", address) }
        let settings = try await platform.store.read { try EmailSettings.load($0) }
        let message = OutgoingMessage(
            id: platform.effects.newID(), profileID: 0, address: address, subject: letter.subject, html: letter.html,
            text: letter.text, link: "", unsubscribeURL: "")
        let sealed = try envelope(message, settings, try keys(settings, platform), platform)
        return await transport([sealed], try settings.server(platform.seal)).first ?? MailAnswer(.unreachable)
    }

    private typealias SigningKey = (selector: String, key: DKIMKey, signer: DKIMSigner)

    private func keys(_ settings: EmailSettings, _ platform: Platform) throws -> [SigningKey] {
        try settings.keys(platform.seal).map { ($0.selector, $0.key, try signers.signer(of: $0.key)) }
    }

    private func envelope(
        _ message: OutgoingMessage, _ settings: EmailSettings, _ keys: [SigningKey], _ platform: Platform
    ) throws -> MailEnvelope {
        let now = platform.effects.now()
        let mail = MailMessage(
            id: "\(message.id)@\(settings.domain)",
            from: MailMessage.Mailbox(name: settings.fromName, address: settings.fromAddress), to: message.address,
            replyTo: settings.replyTo,
            letter: EmailLetter(subject: message.subject, html: message.html, text: message.text), date: now,
            unsubscribeURL: message.unsubscribeURL, boundary: "=_\(platform.effects.randomHex(bytes: 12))")
        let signatures = try keys.map {
            try DKIMSignature(
                domain: settings.dkimDomain, selector: $0.selector, key: $0.key, seconds: now.seconds,
                signer: $0.signer)
        }
        return MailEnvelope(
            from: settings.returnPath(of: message.id), to: message.address, bytes: try mail.bytes(signedBy: signatures))
    }

    /// What an answer means (RFC 3463 for the enhanced codes).
    static func outcome(_ answer: MailAnswer) -> MessageOutcome {
        let detail = String(answer.text.prefix(500))
        switch answer.kind {
        case .accepted: return .sent(providerID: "")
        case .unreachable: return .retry(reason: MessageOutcome.unreachableReason, detail: detail)
        case .untried: return .untried
        case .unknown: return .unknown(detail: detail)
        case .refused: break
        }
        let enhanced = answer.text.firstMatch(of: /\b([245]\.\d{1,3}\.\d{1,3})\b/).map { String($0.1) } ?? ""
        switch answer.code {
        case 530, 534, 535, 538: return .closed(reason: "not_let_in", detail: detail)
        // The server says it of itself, not of the letter (RFC 5321 §3.8, RFC 3207 §4).
        case 421, 454: return .retry(reason: "busy", detail: detail)
        case 400..<500: return .retry(reason: "deferred", detail: detail)
        default: break
        }
        if enhanced.hasPrefix("5.7") { return .closed(reason: MessageOutcome.policyReason, detail: detail) }
        if enhanced == "5.2.2" { return .retry(reason: "mailbox_full", detail: detail) }
        let isNobody = enhanced.hasPrefix("5.1") || enhanced.isEmpty && [550, 551, 553].contains(answer.code)
        return .bounced(reason: isNobody ? "no_such_address" : "refused", detail: detail, suppresses: isNobody)
    }
}
