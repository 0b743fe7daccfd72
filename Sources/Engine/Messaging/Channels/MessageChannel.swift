import Storage

/// A message that is ready to leave: made for one person, allowed by the policy, written down as being sent.
package struct OutgoingMessage: Sendable {
    package var id: Int64
    package var profileID: Int64
    package var address: String
    package var subject: String
    /// Of a letter its HTML.
    package var html: String
    /// Of a letter its plain text, of an inbox item its text, of a webhook its JSON.
    package var text: String
    package var link: String
    /// Where the person leaves with one POST; empty for what cannot be left.
    package var unsubscribeURL: String
    package var templateID: Int64
    /// The provider's template with its values, where the channel has such.
    package var content: ProviderTemplate?
    /// Says that it was shown, when it is called; empty where nothing can say so.
    package var shownURL: String

    package init(
        id: Int64, profileID: Int64, address: String, subject: String, html: String, text: String, link: String,
        unsubscribeURL: String, templateID: Int64 = 0, content: ProviderTemplate? = nil, shownURL: String = ""
    ) {
        (self.id, self.profileID, self.address) = (id, profileID, address)
        (self.subject, self.html, self.text) = (subject, html, text)
        (self.link, self.unsubscribeURL) = (link, unsubscribeURL)
        (self.templateID, self.content, self.shownURL) = (templateID, content, shownURL)
    }
}

/// How handing a message over went.
package enum MessageOutcome: Sendable, Equatable {
    /// `units` of a provider's price list, and what they cost in millionths of the currency.
    case sent(providerID: String, units: Int64 = 0, costMicro: Int64 = 0)
    /// It is where it belongs already.
    case delivered
    /// Not taken, and can be tried again: after so many milliseconds, or nil for the usual waits.
    case retry(reason: String, detail: String, after: Int64? = nil)
    /// Will never be taken; `suppresses`: the address is not to be written to again.
    case bounced(reason: String, detail: String, suppresses: Bool)
    /// It is we who are refused: nothing more goes out that way for a while, and this message waits.
    case closed(reason: String, detail: String, _ closure: MessageClosure = .channel)
    /// It left and nobody knows whether it arrived; never sent again by itself.
    case unknown(detail: String)
}

extension MessageOutcome {
    /// Nothing was tried: the message asks for leave again, and it does not count as an attempt.
    package static let untried = MessageOutcome.retry(reason: untriedReason, detail: "")
    static let untriedReason = "untried"
    /// Nobody answered where it was to be handed over.
    static let unreachableReason = "unreachable"
    /// It is we who are refused, or this message in our name: the message ends after a few times.
    static let policyReason = "policy"
}

/// How much is closed when we are refused.
package enum MessageClosure: Sendable, Equatable {
    case channel
    /// The account of a provider.
    case account
    /// One template.
    case template

    /// Of `message_gates`.
    package func scope(channel: String, account: String?, template: Int64) -> String {
        switch self {
        case .channel: channel
        case .account: account.map { "\(channel)@\($0)" } ?? channel
        case .template: "template:\(template)"
        }
    }
}

/// One way to reach people. To add one: a file with its `MessageChannel`, and a line in `ChannelCatalog`.
package protocol MessageChannel: Sendable {
    /// The word in `messages.channel`, and under which people agree to it.
    var name: String { get }
    /// Whether people have to have agreed.
    var needsConsent: Bool { get }
    /// How much may go out; 0: no bound.
    func bounds(_ connection: any SQLConnection) throws -> ChannelBounds
    /// Where a person is reached; nil: nowhere. Throws: `StorageError`.
    func address(of person: RecipientFacts, _ connection: any SQLConnection) throws -> String?
    /// The account of a provider that carries a message, which can be closed by itself; nil: the channel has none.
    func account(of message: OutgoingMessage) -> String?
    /// Hands over, in order; each message has an outcome. Never throws.
    func send(_ messages: [OutgoingMessage], _ platform: Platform) async -> [MessageOutcome]
}

extension MessageChannel {
    package func account(of message: OutgoingMessage) -> String? { nil }
}

/// How much a channel lets out.
package struct ChannelBounds: Sendable, Equatable {
    package var perSecond: Int64 = 0
    /// For one domain of addresses, a minute.
    package var perDomainMinute: Int64 = 0
    /// Between two messages to one person.
    package var perPersonMilliseconds: Int64 = 0
    /// Whether it has all it needs; nothing is claimed before.
    package var isSetUp = true
}

/// The ways to reach people that there are.
package struct ChannelCatalog: Sendable {
    package let channels: [any MessageChannel]

    package init(_ channels: [any MessageChannel]) {
        self.channels = channels
    }

    /// All of them over the real network; `email`: the one that other parts of the process write through too.
    package static func all(
        email: EmailChannel = .overSMTP(), webhooksAllowPrivate: Bool = false, providers: ProviderCatalog
    ) -> ChannelCatalog {
        ChannelCatalog(
            [
                email,
                InboxChannel(),
                WebhookChannel(transport: WebhookMessage.transport(allowPrivate: webhooksAllowPrivate)),
            ] + provided(providers))
    }

    /// The channels that providers carry.
    package static func provided(_ providers: ProviderCatalog) -> [any MessageChannel] {
        [
            SMSChannel.channel(providers), WhatsAppCloud.channel(providers), WebPush.channel(providers),
            WeChatOfficialAccount.channel(providers), WeComChannel(providers), WeComRobot.channel(providers),
        ]
    }

    package static let names = [
        "email", "inbox", "webhook", "sms", "whatsapp", "push", "wechat", "wecom", "wecom_robot",
    ]

    /// For questions about channels, not for sending.
    package static let known = ChannelCatalog.all(providers: .live())

    package func channel(_ name: String) -> (any MessageChannel)? {
        channels.first { $0.name == name }
    }
}
