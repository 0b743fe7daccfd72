import Foundation
import Storage

/// Single sign-on by OpenID Connect: authorization code with PKCE (RFC 7636), state and nonce.
///
/// Invariants: a state is used once, within ten minutes, by the browser that began; the verifier is stored sealed; an
/// ID token counts only with a good signature, issuer, audience, time and nonce; nobody comes in without a verified
/// address of an allowed domain.
package struct SignOn: Sendable {
    package let platform: Platform
    package let provider: SignOnProvider

    private static let minutes = 10
    private static let purpose = "sign_on_verifier"
    private static let codeBytesMax = 4_096

    package init(_ platform: Platform, provider: SignOnProvider) {
        self.platform = platform
        self.provider = provider
    }

    /// A sign-on just begun: where the browser goes, and what it keeps in a cookie meanwhile.
    package struct Departure: Sendable, Equatable {
        package var address: String
        package var state: String
    }

    /// Throws: `SignOnError.off`, `.provider`, `StorageError`.
    package func begin(redirect: String, next: String) async throws -> Departure {
        let effects = platform.effects
        let now = effects.now()
        let settings = try await settings()
        let endpoints = try await provider.endpoints(settings.issuer, at: now)
        let (state, nonce, verifier) = (
            SecretToken(effects: effects), SecretToken(effects: effects), SecretToken(effects: effects)
        )
        let sealed = platform.seal.seal(verifier.text, for: Self.purpose, effects)
        let expires = now.adding(milliseconds: Int64(Self.minutes) * 60_000)
        try await platform.store.write { connection in
            try connection.execute("DELETE FROM sign_on_attempts WHERE expires_ms <= \(now.milliseconds)")
            try connection.execute(
                """
                INSERT INTO sign_on_attempts (state_hash, nonce, verifier, next, expires_ms)
                VALUES (\(state.hash), \(nonce.text), \(sealed), \(next), \(expires.milliseconds))
                """)
        }
        let challenge = Base64URL.text(Digest.sha256Bytes(Array(verifier.text.utf8)))
        let query = [
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", redirect),
            ("scope", "openid email profile"), ("state", state.text), ("nonce", nonce.text),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ].map { "\($0)=\(OutgoingRequest.encoded($1))" }.joined(separator: "&")
        return Departure(address: endpoints.authorization + "?" + query, state: state.text)
    }

    /// What the provider sent the browser back with.
    package struct Arrival: Sendable {
        package var state: String
        package var code: String
        package var error: String?
        /// RFC 9207; nil when the provider does not send it.
        package var issuer: String?

        package init(state: String, code: String, error: String?, issuer: String?) {
            self.state = state
            self.code = code
            self.error = error
            self.issuer = issuer
        }
    }

    /// Throws: `SignOnError`, `StorageError`. Returns the session and where to go.
    package func finish(
        _ arrival: Arrival, cookie: String, redirect: String, from origin: SignInOrigin, replacing oldToken: String?
    ) async throws -> (session: OpenedSession, next: String) {
        let now = platform.effects.now()
        let settings = try await settings()
        guard !arrival.state.isEmpty, Digest.equal(arrival.state, cookie) else { throw SignOnError.badState }
        let attempt = try await take(arrival.state, at: now)
        if let error = arrival.error { throw SignOnError.refused(String(error.prefix(80))) }
        if let issuer = arrival.issuer, issuer != settings.issuer { throw SignOnError.badToken("iss") }
        guard !arrival.code.isEmpty, arrival.code.utf8.count <= Self.codeBytesMax else { throw SignOnError.badState }
        let endpoints = try await provider.endpoints(settings.issuer, at: now)
        let text = try await provider.idToken(
            endpoints, code: arrival.code,
            verifier: try platform.seal.open(attempt.verifier, for: Self.purpose), redirect: redirect,
            clientID: settings.clientID, secret: try settings.secret(platform.seal))
        let keys = try await provider.keys(endpoints.keys, wanted: try IDToken.keyID(text), at: now)
        let token = try IDToken(
            text, keys: keys,
            IDToken.Expectation(
                issuer: settings.issuer, clientID: settings.clientID, nonce: attempt.nonce, now: now))
        let session = try await platform.store.write { [effects = platform.effects] connection in
            let user = try Self.user(for: token, settings, connection, effects)
            return try SignIn.open(user.id, by: .sso, from: origin, replacing: oldToken, connection, effects)
        }
        return (session, attempt.next)
    }

    private func settings() async throws -> SignOnSettings {
        let settings = try await platform.store.read { try SignOnSettings.load($0) }
        guard settings.isOn else { throw SignOnError.off }
        return settings
    }

    private struct Attempt: Sendable {
        var nonce: String
        var verifier: String
        var next: String
    }

    /// A state is used up by the first who brings it.
    private func take(_ state: String, at now: Timestamp) async throws -> Attempt {
        let hash = SecretToken.hash(state)
        return try await platform.store.write { connection in
            let row = try connection.first(
                """
                SELECT nonce, verifier, next FROM sign_on_attempts
                WHERE state_hash = \(hash) AND expires_ms > \(now.milliseconds)
                """)
            let taken = try connection.execute("DELETE FROM sign_on_attempts WHERE state_hash = \(hash)")
            guard let row, taken == 1 else { throw SignOnError.badState }
            return Attempt(nonce: try row.text(0), verifier: try row.text(1), next: try row.text(2))
        }
    }

    /// The user with the token's address: found, with the role that the token names, or made when newcomers may come.
    private static func user(
        for token: IDToken, _ settings: SignOnSettings, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> User {
        guard let email = token.email?.lowercased(), token.isEmailVerified else { throw SignOnError.noVerifiedEmail }
        let domain = email.split(separator: "@", maxSplits: 1).last.map(String.init) ?? ""
        guard settings.domains.contains(domain) else { throw SignOnError.domainNotAllowed(domain) }
        let role = role(in: token, settings)
        let now = effects.now()
        if let user = try Users.find(email: email, connection) {
            guard user.disabledAt == nil else { throw SignOnError.disabled }
            // The last administrator stays one, whatever the provider says.
            if let role, role != user.role {
                if user.role == .admin {
                    do { try Users.requireAnotherAdministrator(than: user.id, connection) } catch is AccountError {
                        return user
                    }
                }
                try Users.change(role: role, of: user.id, by: "sso", connection, at: now)
            }
            return user
        }
        guard let first = role ?? settings.newcomerRole else { throw SignOnError.notInvited(email) }
        let language = try Workspace.load(connection).language
        return try Users.create(
            email: email, name: String((token.name ?? "").prefix(AccountLimits.nameCharacters)), role: first,
            language: language, by: "sso", connection, effects)
    }

    private static func role(in token: IDToken, _ settings: SignOnSettings) -> Role? {
        guard !settings.roleClaim.isEmpty, let claim = token.claims[settings.roleClaim] else { return nil }
        let values = claim.arrayValue?.compactMap(\.stringValue) ?? [claim.stringValue].compactMap { $0 }
        let named = Set(values.compactMap { settings.roles[$0] })
        return Role.allCases.first { named.contains($0) }
    }
}
