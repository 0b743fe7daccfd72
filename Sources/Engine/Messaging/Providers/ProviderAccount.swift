import Foundation
import Storage

/// One thing that a provider has to be told before it sends. Its words are the texts `provider.field_KEY`.
package struct ProviderField: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case text
        /// Text of several lines.
        case lines
        /// Kept sealed and shown to nobody again.
        case secret
        case choice([String])
    }

    package var key: String
    package var kind: Kind
    package var initial: String
    package var isRequired: Bool
    /// How many bytes a value has; nil: any number.
    package var bytes: Int?
    /// How many it has at most, as the provider counts them; nil: as many as are kept of any.
    package var bytesMax: Int?

    package init(
        _ key: String, _ kind: Kind = .text, initial: String = "", required: Bool = true, bytes: Int? = nil,
        bytesMax: Int? = nil
    ) {
        self.key = key
        self.kind = kind
        self.initial = initial
        self.bytes = bytes
        self.bytesMax = bytesMax
        isRequired = required
    }
}

/// How one provider is set up. Secrets are kept sealed.
package struct ProviderAccount: Codable, Sendable, Equatable {
    package var provider: String
    package var isEnabled = false
    /// Where its API is: another region, a proxy. Without a slash at the end.
    package var baseURL: String
    /// By the keys of the provider's fields.
    package var values: [String: String] = [:]
    var secrets: [String: String] = [:]
    /// The part of the receipts' address that nobody can guess; sealed.
    var receiptKey = ""
    /// Messages a second; 0: no bound.
    package var perSecond: Int64
    /// Of one unit (a part of a text message, a message), in millionths of the workspace's currency.
    package var priceMicro: Int64 = 0

    package init(_ provider: any MessageProvider) {
        self.provider = provider.name
        baseURL = provider.baseURL
        perSecond = provider.perSecond
        for field in provider.fields where field.kind != .secret { values[field.key] = field.initial }
    }

    package func hasSecret(_ key: String) -> Bool { secrets[key] != nil }

    /// Whether all that it needs is there.
    package func isComplete(_ provider: any MessageProvider) -> Bool {
        provider.fields.allSatisfy {
            !$0.isRequired || ($0.kind == .secret ? secrets[$0.key] != nil : values[$0.key]?.isEmpty == false)
        }
    }

    private static func setting(_ name: String) -> String { "message_provider:\(name)" }
    private static let receiptKeyBytes = 16

    /// As it is kept; of one that was never set up, its beginnings. Throws: `StorageError`, `DecodingError`.
    package static func load(
        _ provider: any MessageProvider, _ connection: any SQLConnection
    ) throws -> ProviderAccount {
        try Settings.load(ProviderAccount.self, setting(provider.name), connection) ?? ProviderAccount(provider)
    }

    /// A change of a provider's account.
    package struct Draft: Sendable {
        package var isEnabled: Bool
        package var baseURL: String
        package var values: [String: String]
        /// Those that are to change; an empty one is taken away, one that is not there stays.
        package var secrets: [String: String]
        package var perSecond: Int64
        package var priceMicro: Int64

        package init(
            isEnabled: Bool, baseURL: String, values: [String: String], secrets: [String: String], perSecond: Int64,
            priceMicro: Int64
        ) {
            self.isEnabled = isEnabled
            self.baseURL = baseURL
            self.values = values
            self.secrets = secrets
            self.perSecond = perSecond
            self.priceMicro = priceMicro
        }
    }

    /// Throws: `ProviderError` naming the field, `StorageError`.
    @discardableResult
    package static func save(
        _ draft: Draft, of provider: any MessageProvider, by actor: String, _ seal: Seal, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> ProviderAccount {
        var account = try load(provider, connection)
        let before = account.origin(provider)
        account.isEnabled = draft.isEnabled
        account.baseURL = draft.baseURL.isEmpty ? provider.baseURL : draft.baseURL
        while account.baseURL.hasSuffix("/") { account.baseURL.removeLast() }
        account.perSecond = draft.perSecond
        account.priceMicro = draft.priceMicro
        for field in provider.fields {
            if field.kind == .secret {
                guard let secret = draft.secrets[field.key] else { continue }
                try check(field, secret)
                account.secrets[field.key] =
                    secret.isEmpty ? nil : seal.seal(secret, for: purpose(provider, field.key), effects)
            } else if let value = draft.values[field.key] {
                try check(field, value)
                account.values[field.key] = value
            }
        }
        try account.complete(provider, seal, effects)
        try account.validate(provider)
        if account.origin(provider) != before { try account.refuseKept(beside: draft.secrets, of: provider) }
        try account.keep(by: actor, at: effects.now(), connection)
        return account
    }

    /// What the provider makes for itself (keys), and the key of its receipts.
    private mutating func complete(_ provider: any MessageProvider, _ seal: Seal, _ effects: Effects) throws {
        if receiptKey.isEmpty {
            receiptKey = seal.seal(
                effects.randomHex(bytes: Self.receiptKeyBytes), for: Self.purpose(provider, "receipts"), effects)
        }
        for (key, secret) in try provider.made(for: self, effects) where secrets[key] == nil {
            secrets[key] = seal.seal(secret, for: Self.purpose(provider, key), effects)
        }
    }

    private func validate(_ provider: any MessageProvider) throws {
        if !baseURL.isEmpty || !provider.baseURL.isEmpty {
            guard OutgoingAddress(baseURL) != nil, baseURL.utf8.count <= ProviderLimits.valueBytes else {
                throw ProviderError.badField("base_url")
            }
        }
        try provider.validate(values)
        guard (0...ProviderLimits.perSecondMax).contains(perSecond) else { throw ProviderError.badField("per_second") }
        guard (0...ProviderLimits.priceMicroMax).contains(priceMicro) else { throw ProviderError.badField("price") }
        guard isEnabled else { return }
        for field in provider.fields where field.isRequired {
            let isThere =
                field.kind == .secret ? secrets[field.key] != nil : values[field.key]?.isEmpty == false
            guard isThere else { throw ProviderError.missingField(field.key) }
        }
    }

    /// Whom its API's address reaches; nil: it has none.
    private func origin(_ provider: any MessageProvider) -> String? {
        OutgoingAddress(baseURL.isEmpty ? provider.baseURL : baseURL)?.origin
    }

    /// Nobody who changes whom the address reaches sends secrets there that they do not know.
    private func refuseKept(beside typed: [String: String], of provider: any MessageProvider) throws {
        let kept = provider.fields.filter { $0.kind == .secret && secrets[$0.key] != nil && typed[$0.key] == nil }
        guard kept.isEmpty else { throw ProviderError.secretsAgain(kept.map(\.key)) }
    }

    private static func check(_ field: ProviderField, _ value: String) throws {
        if let most = field.bytesMax, value.utf8.count > most {
            throw ProviderError.tooLong(field.key, bytes: value.utf8.count, most: most)
        }
        let isPlain = value.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0.value == 0x0A }
        guard value.utf8.count <= ProviderLimits.valueBytes, isPlain else { throw ProviderError.badField(field.key) }
        if case .choice(let words) = field.kind, !words.contains(value) { throw ProviderError.badField(field.key) }
        if let bytes = field.bytes, !value.isEmpty, value.utf8.count != bytes {
            throw ProviderError.badField(field.key)
        }
    }

    private func keep(by actor: String, at now: Timestamp, _ connection: any SQLConnection) throws {
        try Settings.save(self, Self.setting(provider), connection, at: now)
        try AuditLog.append(
            actor: actor, action: "message_provider.save", subject: "message_provider", detail: provider, connection,
            at: now)
    }

    private static func purpose(_ provider: any MessageProvider, _ key: String) -> String {
        "message_provider:\(provider.name):\(key)"
    }

    /// With its secrets, to work with. Throws: `SealError`.
    package func opened(_ provider: any MessageProvider, _ seal: Seal) throws -> ProviderAccess {
        var all = values
        for (key, sealed) in secrets { all[key] = try seal.open(sealed, for: Self.purpose(provider, key)) }
        let key = receiptKey.isEmpty ? "" : try seal.open(receiptKey, for: Self.purpose(provider, "receipts"))
        return ProviderAccess(
            baseURL: baseURL.isEmpty ? provider.baseURL : baseURL, values: all, receiptKey: key,
            priceMicro: priceMicro)
    }
}

/// An account with its secrets in the clear: kept nowhere.
package struct ProviderAccess: Sendable {
    package var baseURL: String
    var values: [String: String]
    /// Empty: the account was never saved.
    package var receiptKey: String
    package var priceMicro: Int64

    package init(
        baseURL: String, values: [String: String] = [:], receiptKey: String = "", priceMicro: Int64 = 0
    ) {
        self.baseURL = baseURL
        self.values = values
        self.receiptKey = receiptKey
        self.priceMicro = priceMicro
    }

    package subscript(key: String) -> String { values[key] ?? "" }
}

/// What can be wrong with how a provider is set up, or with what is asked of it.
package enum ProviderError: Error, Sendable, Equatable {
    case unknownProvider(String)
    case missingField(String)
    case badField(String)
    case tooLong(String, bytes: Int, most: Int)
    /// A field that is needed where another one is filled in.
    case missingBeside(String, other: String)
    /// The address of the API reaches somebody else, to whom kept secrets do not go: the fields to enter again.
    case secretsAgain([String])
    case notSetUp
    /// The provider refused, in its own words.
    case refused(code: String, String)
    /// Nobody answered at the address of the API: why, in the words of the network.
    case unreachable(String)
    /// It has nothing of this kind.
    case notOffered
    /// A call that is not the provider's.
    case forged
    /// A call that cannot be read.
    case unreadable
}

package enum ProviderLimits {
    package static let valueBytes = 4_000
    static let perSecondMax: Int64 = 100_000
    /// 1,000 of the currency.
    static let priceMicroMax: Int64 = 1_000_000_000
    /// Templates and signatures of a provider that are kept.
    package static let templates = 2_000
    static let templatePages = 100
    /// Messages of one account that are handed over at once.
    static let handedAtOnce = 8
    /// Bytes of a call that a provider makes to us.
    package static let receivedBytes = 1_000_000
    /// Receipts and replies in one call.
    package static let receivedItems = 2_000
    static let textBytes = 4_000
}
