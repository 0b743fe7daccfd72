import Storage

/// How mail leaves: the server, who writes, and with which keys. Secrets are kept sealed.
package struct EmailSettings: Codable, Sendable, Equatable {
    package var host = ""
    package var port = 587
    package var security = SMTPServer.Security.starttls
    package var user = ""
    /// Sealed; empty: none.
    var password = ""
    package var fromName = ""
    package var fromAddress = ""
    package var replyTo = ""
    /// The domain that bounces come back to (VERP); empty: that of the sender.
    package var bounceDomain = ""
    /// The domain that letters are signed for; empty: they are not.
    package var dkimDomain = ""
    package var dkimSelector = "perennial"
    /// Sealed.
    var rsaKey = ""
    var ed25519Key = ""
    /// Letters a second to the server, and a minute to one domain; 0: no bound.
    package var perSecond: Int64 = 50
    package var perDomainMinute: Int64 = 600

    package init() {}

    package var isSetUp: Bool { !host.isEmpty && !fromAddress.isEmpty }
    package var hasPassword: Bool { !password.isEmpty }
    package var hasKeys: Bool { !rsaKey.isEmpty }

    static let name = "email"
    private static let purpose = "email"

    /// Throws: `StorageError`, `DecodingError`.
    package static func load(_ connection: any SQLConnection) throws -> EmailSettings {
        try Settings.load(EmailSettings.self, name, connection) ?? EmailSettings()
    }

    /// A change: a `password` that stays nil is kept, unless it would go to another host.
    /// Throws: `EmailError`, `StorageError`.
    package static func save(
        _ draft: EmailSettings, password: String?, by actor: String, _ seal: Seal, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> EmailSettings {
        var saved = draft
        let before = try load(connection)
        (saved.rsaKey, saved.ed25519Key) = (before.rsaKey, before.ed25519Key)
        try saved.validate()
        if let password {
            saved.password = password.isEmpty ? "" : seal.seal(password, for: purpose + ":password", effects)
        } else {
            saved.password = try saved.place.kept(before.password, from: before.place)
        }
        if !saved.dkimDomain.isEmpty, saved.rsaKey.isEmpty { try saved.renewKeys(seal, effects) }
        let now = effects.now()
        try Settings.save(saved, name, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "email.save", subject: "email", detail: saved.host, connection, at: now)
        return saved
    }

    /// New keys, whose records have to be published before letters verify. Throws: `EmailError`, `StorageError`.
    package static func renewKeys(
        by actor: String, _ seal: Seal, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> EmailSettings {
        var settings = try load(connection)
        try settings.renewKeys(seal, effects)
        let now = effects.now()
        try Settings.save(settings, name, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "email.renew_keys", subject: "email", detail: settings.dkimDomain, connection, at: now
        )
        return settings
    }

    private mutating func renewKeys(_ seal: Seal, _ effects: Effects) throws {
        rsaKey = seal.seal(try DKIMKey.make(.rsa).secret, for: Self.purpose + ":rsa", effects)
        ed25519Key = seal.seal(try DKIMKey.make(.ed25519).secret, for: Self.purpose + ":ed25519", effects)
    }

    /// One record of the DNS that the brand publishes.
    package struct Record: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    /// The two keys have a selector each (RFC 8463 §5). Throws: `EmailError.badKey`, `SealError`.
    package func records(_ seal: Seal) throws -> [Record] {
        try keys(seal).map { Record(name: "\($0.selector)._domainkey.\(dkimDomain)", value: try $0.key.record()) }
    }

    func keys(_ seal: Seal) throws -> [(selector: String, key: DKIMKey)] {
        guard !dkimDomain.isEmpty, !rsaKey.isEmpty else { return [] }
        return [
            (dkimSelector, DKIMKey(algorithm: .rsa, secret: try seal.open(rsaKey, for: Self.purpose + ":rsa"))),
            (
                dkimSelector + "-ed",
                DKIMKey(algorithm: .ed25519, secret: try seal.open(ed25519Key, for: Self.purpose + ":ed25519"))
            ),
        ]
    }

    private var place: PasswordPlace { PasswordPlace(host: host, security: security, user: user) }

    var domain: String { String(fromAddress.split(separator: "@").last ?? "") }

    /// Throws: `SealError`, `EmailError.notSetUp`.
    package func server(_ seal: Seal) throws -> SMTPServer {
        guard isSetUp else { throw EmailError.notSetUp }
        return SMTPServer(
            host: host, port: port, security: security, user: user,
            password: password.isEmpty ? "" : try seal.open(password, for: Self.purpose + ":password"), name: domain)
    }

    /// Where a bounce of a message comes back to (VERP).
    package func returnPath(of message: Int64) -> String {
        "bounce+\(message)@\(bounceDomain.isEmpty ? domain : bounceDomain)"
    }

    /// The message that an address of `returnPath` stands for.
    package static func message(ofReturnPath address: String) -> Int64? {
        guard let local = address.split(separator: "@").first, local.lowercased().hasPrefix("bounce+") else {
            return nil
        }
        return Int64(local.dropFirst(7))
    }

    /// Throws: `EmailError.badHost`, `.badPort`.
    static func check(host: String, port: Int) throws {
        let isHost = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/\\@?#\"'<>".utf8.contains($0) }
        guard isHost, host.count <= 253 else { throw EmailError.badHost(host) }
        guard (1...65_535).contains(port) else { throw EmailError.badPort(port) }
    }

    private func validate() throws {
        try Self.check(host: host, port: port)
        for (field, address) in [("from_address", fromAddress), ("reply_to", replyTo)] {
            guard address.isEmpty && field != "from_address" || MailAddress.isUsable(address) else {
                throw EmailError.badAddress(field: field, address)
            }
        }
        for (field, domain) in [("bounce_domain", bounceDomain), ("dkim_domain", dkimDomain)] where !domain.isEmpty {
            guard MailAddress.isUsable("a@" + domain) else { throw EmailError.badDomain(field: field, domain) }
        }
        let isSelector = dkimSelector.utf8.allSatisfy {
            $0 >= 48 && $0 <= 57 || $0 >= 97 && $0 <= 122 || $0 == 45
        }
        guard isSelector, (1...40).contains(dkimSelector.count) else { throw EmailError.badSelector(dkimSelector) }
        for (field, text) in [("from_name", fromName), ("user", user)] {
            guard text.utf8.count <= EmailLimits.textBytes, !text.contains(where: \.isNewline) else {
                throw EmailError.badText(field: field)
            }
        }
        guard perSecond >= 0, perDomainMinute >= 0 else { throw EmailError.badText(field: "per_second") }
    }
}

/// Addresses that mail can be handed over for: ASCII, one `@`, a domain with a dot or `localhost`.
package enum MailAddress {
    private static let bytesMax = 254

    package static func isUsable(_ text: String) -> Bool {
        guard text.utf8.count <= bytesMax else { return false }
        var text = text
        return text.withUTF8 { isUsable(bytes: $0) }
    }

    private static func isUsable(bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let at = bytes.firstIndex(of: UInt8(ascii: "@")), (1...64).contains(at), bytes.allSatisfy(isPlain)
        else { return false }
        let domain = bytes[(at + 1)...]
        guard !domain.contains(UInt8(ascii: "@")) else { return false }
        let hyphen = UInt8(ascii: "-")
        let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return (labels.count > 1 || domain.elementsEqual("localhost".utf8))
            && labels.allSatisfy { !$0.isEmpty && $0.count <= 63 && $0.first != hyphen && $0.last != hyphen }
    }

    /// Printable ASCII that needs no quotes.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "\\"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"),
            UInt8(ascii: "\""):
            false
        default: byte > 0x20 && byte < 0x7F
        }
    }

    package static func domain(of address: String) -> String {
        String(address.split(separator: "@").last ?? "").lowercased()
    }
}
