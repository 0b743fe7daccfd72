import Storage

/// The driver behind a channel, reached over HTTP. To add one: a file with its `MessageProvider`, and a line in
/// `ProviderCatalog`; of a new channel also a `ProviderChannel` in `ChannelCatalog`.
///
/// The frame keeps its account (fields, secrets sealed, where its API is), shows its page under *Reach → Sending*, takes its
/// calls at `/receipts/NAME/KEY`, and applies what they say. The driver makes requests and reads answers.
package protocol MessageProvider: Sendable {
    /// `aliyun_sms`
    var name: String { get }
    /// The channel that it belongs to.
    var channel: String { get }
    /// Where its API is unless the account says otherwise; empty: it has none of its own.
    var baseURL: String { get }
    /// Messages a second that it takes, unless the account says otherwise; 0: no bound.
    var perSecond: Int64 { get }
    var fields: [ProviderField] { get }
    var faults: [ProviderFault] { get }
    /// Whether messages are made of templates that the provider approved.
    var templateUse: ProviderTemplateUse { get }
    /// Whether templates can be handed in from here.
    var submits: Bool { get }
    /// Whether a template that is handed in says its language, and an example for each of its places.
    var needsExamples: Bool { get }
    /// What templates that are handed in may be for, of `ProviderTemplateDraft.categories`.
    var templateCategories: [String] { get }
    /// Whether it calls us.
    var receives: Bool { get }
    /// Whether it can be asked if the account works.
    var checks: Bool { get }
    /// Whether an address is the id of a person: for a trial they are sought by anything that they are known by.
    var reachesPeople: Bool { get }

    /// Whether what the fields say goes together; each by itself is in order. Throws: `ProviderError` naming the field.
    func validate(_ values: [String: String]) throws
    /// Secrets that are made here and asked of nobody, by key. Throws: `ProviderError`.
    func made(for account: ProviderAccount, _ effects: Effects) throws -> [String: String]
    /// Hands one message over. Never throws.
    func send(_ message: OutgoingMessage, _ line: ProviderLine) async -> MessageOutcome
    /// An address as somebody writes it, in the form that messages have; nil: it is none.
    func address(_ text: String, country: String) -> String?
    /// How many units of its price list a message is.
    func units(of message: OutgoingMessage) -> Int64
    /// Whether the account works, and what it has left. Throws: `ProviderError`.
    func check(_ line: ProviderLine) async throws -> ProviderCheck
    /// All templates, and signatures, of the account. Throws: `ProviderError`.
    func approved(_ line: ProviderLine) async throws -> [ApprovedTemplate]
    /// Hands a new template in for approval. Throws: `ProviderError`.
    func submit(_ draft: ProviderTemplateDraft, _ line: ProviderLine) async throws
    /// Reads a call of the provider: a receipt, a reply, what a person did there. Throws: `ProviderError.forged`,
    /// `.unreadable`.
    func receive(_ call: ReceivedCall, _ line: ProviderLine) async throws -> ReceivedNews
    /// What a site pastes; nil: nothing. `address`: how this server is reached.
    func snippet(_ account: ProviderAccess, address: String) -> String?
}

extension MessageProvider {
    package var perSecond: Int64 { 0 }
    package var templateUse: ProviderTemplateUse { .none }
    package var submits: Bool { false }
    package var needsExamples: Bool { false }
    package var templateCategories: [String] { ProviderTemplateDraft.categories }
    package var receives: Bool { true }
    package var checks: Bool { true }
    package var reachesPeople: Bool { false }
    package func validate(_ values: [String: String]) throws {}
    package func made(for account: ProviderAccount, _ effects: Effects) throws -> [String: String] { [:] }
    package func address(_ text: String, country: String) -> String? {
        let plain = Whitespace.trim(text)
        return plain.isEmpty || plain.utf8.count > IdentityKind.valueBytes ? nil : plain
    }
    package func units(of message: OutgoingMessage) -> Int64 { 1 }
    package func snippet(_ account: ProviderAccess, address: String) -> String? { nil }
    package func approved(_ line: ProviderLine) async throws -> [ApprovedTemplate] { throw ProviderError.notOffered }
    package func submit(_ draft: ProviderTemplateDraft, _ line: ProviderLine) async throws {
        throw ProviderError.notOffered
    }
    package func receive(_ call: ReceivedCall, _ line: ProviderLine) async throws -> ReceivedNews {
        throw ProviderError.notOffered
    }
}

package enum ProviderTemplateUse: String, Sendable {
    /// What a message says is ours alone.
    case none
    /// Either a template, or words of ours.
    case optional
    case required
}

/// An account and the way out: what a driver works with.
package struct ProviderLine: Sendable {
    package let account: ProviderAccess
    package let platform: Platform
    private let transport: ProviderTransport

    package init(account: ProviderAccess, platform: Platform, transport: @escaping ProviderTransport) {
        self.account = account
        self.platform = platform
        self.transport = transport
    }

    package var now: Timestamp { platform.effects.now() }

    package func send(_ call: ProviderCall) async -> ProviderAnswer { await transport(call) }
}

/// What a look at an account told.
package struct ProviderCheck: Sendable, Equatable {
    /// A figure, by the key of its words (`provider.fact_KEY`).
    package struct Fact: Sendable, Equatable {
        package var key: String
        package var value: String

        package init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    package var facts: [Fact]

    package init(_ facts: [Fact] = []) {
        self.facts = facts
    }
}

/// The providers that there are, and how they are reached.
package struct ProviderCatalog: Sendable {
    package let transport: ProviderTransport
    package let providers: [any MessageProvider]

    package init(_ providers: [any MessageProvider] = all, transport: @escaping ProviderTransport) {
        self.providers = providers
        self.transport = transport
    }

    /// All of them over the real network. `allowPrivate`: also to this machine and its network.
    package static func live(allowPrivate: Bool = false) -> ProviderCatalog {
        ProviderCatalog(transport: ProviderClient.transport(allowPrivate: allowPrivate))
    }

    /// A new provider is a line here.
    package static let all: [any MessageProvider] = [
        AliyunSMS(), TencentSMS(), WhatsAppCloud(), WebPush(), WeChatOfficialAccount(), WeCom(), WeComRobot(),
    ]

    package func of(_ channel: String) -> [any MessageProvider] { providers.filter { $0.channel == channel } }

    /// Throws: `ProviderError.unknownProvider`.
    package func provider(_ name: String) throws -> any MessageProvider {
        guard let found = providers.first(where: { $0.name == name }) else {
            throw ProviderError.unknownProvider(name)
        }
        return found
    }

    /// The provider with its account opened. Throws: `ProviderError`, `SealError`, `StorageError`.
    package func line(
        _ name: String, _ platform: Platform
    ) async throws -> (provider: any MessageProvider, account: ProviderAccount, line: ProviderLine) {
        let provider = try provider(name)
        let account = try await platform.store.read { try ProviderAccount.load(provider, $0) }
        let access = try account.opened(provider, platform.seal)
        return (provider, account, ProviderLine(account: access, platform: platform, transport: transport))
    }
}
