import Foundation
import Storage

/// How people sign in through the brand's identity provider. Kept under the settings name `sign_on`.
package struct SignOnSettings: Codable, Sendable, Equatable {
    package var isOn = false
    /// The provider's address, without `/.well-known/…`.
    package var issuer = ""
    package var clientID = ""
    /// Sealed; empty for a public client.
    package var sealedSecret = ""
    /// Who may come, by the part of their address behind the @; lower case. Never empty while it is on.
    package var domains: [String] = []
    /// What newcomers are; nil: only people who were invited may come.
    package var newcomerRole: Role?
    /// The claim that names roles, and what its values mean here; the highest of several counts.
    package var roleClaim = ""
    package var roles: [String: Role] = [:]

    package init() {}

    private static let name = "sign_on"
    private static let purpose = "sign_on"
    package static let domainsMax = 50
    package static let rolesMax = 50

    package static func load(_ connection: any SQLConnection) throws -> SignOnSettings {
        try Settings.load(SignOnSettings.self, name, connection) ?? SignOnSettings()
    }

    /// Throws: `SignOnError` naming the first setting that cannot be used, `StorageError`.
    package func save(by actor: String, _ connection: any SQLConnection, at now: Timestamp) throws {
        try validate()
        try Settings.save(self, Self.name, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "sign_on.save", subject: "sign_on", detail: isOn ? issuer : "off", connection, at: now
        )
    }

    package mutating func keep(secret: String, _ seal: Seal, _ effects: Effects) {
        sealedSecret = secret.isEmpty ? "" : seal.seal(secret, for: Self.purpose, effects)
    }

    /// Keeps the secret that was there, unless it would go to another issuer; without an issuer it is forgotten.
    /// Throws: `SignOnError.secretAgain`, and as `save` for settings that cannot be used.
    package mutating func keepSecret(of before: SignOnSettings) throws {
        try validate()
        sealedSecret = ""
        guard !before.sealedSecret.isEmpty, !issuer.isEmpty else { return }
        guard OutgoingAddress(issuer)?.origin == OutgoingAddress(before.issuer)?.origin else {
            throw SignOnError.secretAgain
        }
        sealedSecret = before.sealedSecret
    }

    /// Throws: `SealError.unreadable`.
    func secret(_ seal: Seal) throws -> String {
        sealedSecret.isEmpty ? "" : try seal.open(sealedSecret, for: Self.purpose)
    }

    func validate() throws {
        guard isOn else { return }
        guard Self.isSafe(issuer), !issuer.hasSuffix("/") || issuer.count > 9 else { throw SignOnError.badIssuer }
        guard !clientID.isEmpty, clientID.count <= 200 else { throw SignOnError.badClient }
        let isNamed = domains.allSatisfy { $0.contains(".") && !$0.contains("@") && !$0.contains(" ") }
        guard !domains.isEmpty, domains.count <= Self.domainsMax, isNamed else { throw SignOnError.badDomains }
        guard roles.count <= Self.rolesMax else { throw SignOnError.badRoles }
    }

    /// HTTPS, or plain HTTP on this machine.
    static func isSafe(_ address: String) -> Bool {
        guard let parts = URLComponents(string: address), let host = parts.host, !host.isEmpty, parts.query == nil,
            parts.fragment == nil, parts.user == nil
        else { return false }
        return parts.scheme == "https"
            || (parts.scheme == "http" && ["127.0.0.1", "localhost", "[::1]"].contains(host))
    }
}

/// Why a single sign-on, or its setting up, is refused.
package enum SignOnError: Error, Sendable, Equatable {
    case badIssuer, badClient, badDomains, badRoles
    /// The issuer is another, to whom the kept secret does not go: it has to be entered again.
    case secretAgain
    /// It is turned off.
    case off
    /// The provider cannot be reached or does not answer as OpenID Connect says; in words for the log.
    case provider(String)
    /// The browser came back without a request of ours, too late, or twice.
    case badState
    /// The provider itself refused: its error code.
    case refused(String)
    /// The ID token fails a check, named by its claim.
    case badToken(String)
    case noVerifiedEmail
    case domainNotAllowed(String)
    /// Nobody with this address was invited, and newcomers are not let in.
    case notInvited(String)
    case disabled
}
