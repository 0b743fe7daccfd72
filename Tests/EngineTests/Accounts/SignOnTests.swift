import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

@Suite("Single sign-on")
struct SignOnTests {
    private static let now = Timestamp(seconds: 1_790_000_000)
    private static let issuer = "https://id.example.com"
    private static let origin = SignInOrigin(address: "10.0.0.1", userAgent: "test")

    /// The identity provider as the network would show it, with what is to be answered next.
    private final class Provider: Sendable {
        struct State: Sendable {
            var token = ""
            var issuer = SignOnTests.issuer
            var tokenStatus = 200
            var tokenBody: String?
            var keyFetches = 0
            var forms: [[String: String]] = []
            var isDown = false
        }

        let state = Mutex(State())

        @Sendable func answer(_ request: OutgoingRequest) throws -> OutgoingRequest.Answer {
            try state.withLock { state in
                if state.isDown { throw OutgoingRequest.Failure.unreachable("down") }
                let text: String
                var status = 200
                switch request.url {
                case SignOnTests.issuer + "/.well-known/openid-configuration":
                    text = """
                        {"issuer":"\(state.issuer)","authorization_endpoint":"\(SignOnTests.issuer)/auth",
                        "token_endpoint":"\(SignOnTests.issuer)/token","jwks_uri":"\(SignOnTests.issuer)/keys"}
                        """
                case SignOnTests.issuer + "/keys":
                    state.keyFetches += 1
                    text = SignOnTokens.keys
                default:
                    state.forms.append(
                        Dictionary(uniqueKeysWithValues: (request.form ?? []).map { ($0.name, $0.value) }))
                    status = state.tokenStatus
                    text = state.tokenBody ?? #"{"id_token":"\#(state.token)"}"#
                }
                return OutgoingRequest.Answer(status: status, bytes: Array(text.utf8))
            }
        }
    }

    private struct World {
        var signOn: SignOn
        var provider: Provider
        var store: any OperationalStore

        /// From the first click to the session, with this token.
        func arrive(_ name: String, issuer: String? = nil) async throws -> (session: OpenedSession, next: String) {
            provider.state.withLock { $0.token = SignOnTokens.all[name] ?? name }
            // Every token is the same in these tests, so that sessions would be, too.
            _ = try await store.write { try $0.execute("DELETE FROM sessions") }
            let departure = try await signOn.begin(redirect: "https://crm.example.com/back", next: "/people")
            return try await finish(departure.state, issuer: issuer)
        }

        func finish(
            _ state: String, cookie: String? = nil, issuer: String? = nil
        ) async throws -> (session: OpenedSession, next: String) {
            try await signOn.finish(
                SignOn.Arrival(state: state, code: "c0de", error: nil, issuer: issuer), cookie: cookie ?? state,
                redirect: "https://crm.example.com/back", from: SignOnTests.origin, replacing: nil)
        }
    }

    private func with(_ body: (World) async throws -> Void) async throws {
        try await with(settings: { _ in }, body)
    }

    private func with(
        settings change: @Sendable @escaping (inout SignOnSettings) -> Void, _ body: (World) async throws -> Void
    ) async throws {
        try await TestDatabase.with(.sqlite) { store in
            let effects = Effects(
                now: { Self.now }, newID: Effects.live.newID, randomBytes: { [UInt8](repeating: 7, count: $0) })
            let platform = Platform(
                store: store, analytics: ClosedAnalyticsStore("not in this test"), effects: effects)
            try await store.write { connection in
                var settings = SignOnSettings()
                settings.isOn = true
                settings.issuer = Self.issuer
                settings.clientID = "perennial"
                settings.domains = ["example.com"]
                settings.newcomerRole = .viewer
                settings.keep(secret: "s3cret", platform.seal, effects)
                change(&settings)
                try settings.save(by: "test", connection, at: Self.now)
            }
            let provider = Provider()
            let signOn = SignOn(platform, provider: SignOnProvider(fetch: { try provider.answer($0) }))
            try await body(World(signOn: signOn, provider: provider, store: store))
        }
    }

    @Test("a good token of either algorithm opens a session", arguments: ["good", "goodES", "noKid", "azpGood"])
    func good(name: String) async throws {
        try await with { world in
            let departure = try await world.signOn.begin(redirect: "https://crm.example.com/back", next: "/people")
            let query = try #require(URLComponents(string: departure.address)?.queryItems)
            let asked = Dictionary(uniqueKeysWithValues: query.map { ($0.name, $0.value ?? "") })
            #expect(asked["response_type"] == "code" && asked["code_challenge_method"] == "S256")
            #expect(asked["scope"] == "openid email profile" && asked["client_id"] == "perennial")
            world.provider.state.withLock { $0.token = SignOnTokens.all[name] ?? "" }
            let (session, next) = try await world.finish(departure.state)
            #expect(next == "/people")
            let user = try #require(try await world.store.read { try Users.find(id: session.userID, $0) })
            #expect(user.email == "mei@example.com" && user.role == .viewer && user.name == "Mei")
            let form = try #require(world.provider.state.withLock { $0.forms.first })
            #expect(form["code"] == "c0de" && form["grant_type"] == "authorization_code")
            let verifier = try #require(form["code_verifier"])
            #expect(Base64URL.text(Digest.sha256Bytes(Array(verifier.utf8))) == asked["code_challenge"])
            let stored = try await world.store.read {
                try $0.first("SELECT value FROM settings WHERE name = 'sign_on'")
            }
            #expect(try stored?.text(0).contains("s3cret") == false)
        }
    }

    @Test(
        "a token that fails a check opens nothing, and the check is named",
        arguments: [
            ("iss", "iss"), ("aud", "aud"), ("azp", "azp"), ("exp", "exp"), ("iat", "iat"), ("nonce", "nonce"),
            ("nonceMissing", "nonce"), ("signature", "signature"), ("kid", "kid"), ("sub", "sub"), ("alg", "alg"),
            ("algHS", "alg"), ("crit", "crit"), ("not.a.token", "form"), ("x", "form"),
        ])
    func bad(name: String, check: String) async throws {
        try await with { world in
            await #expect(throws: SignOnError.badToken(check)) { try await world.arrive(name) }
            let users = try await world.store.read { try Users.list($0) }
            #expect(users.isEmpty)
        }
    }

    @Test("who is not verified, not of an allowed domain or not invited stays outside")
    func outsiders() async throws {
        let change: @Sendable (inout SignOnSettings) -> Void = { $0.newcomerRole = nil }
        try await with(settings: change) { world in
            await #expect(throws: SignOnError.noVerifiedEmail) { try await world.arrive("unverified") }
            await #expect(throws: SignOnError.noVerifiedEmail) { try await world.arrive("noEmail") }
            await #expect(throws: SignOnError.domainNotAllowed("elsewhere.com")) { try await world.arrive("domain") }
            await #expect(throws: SignOnError.notInvited("mei@example.com")) { try await world.arrive("good") }
        }
    }

    @Test("a claim names the role, the highest counts, and the last administrator stays one")
    func roles() async throws {
        let change: @Sendable (inout SignOnSettings) -> Void = {
            $0.roleClaim = "groups"
            $0.roles = ["staff": .analyst, "crm-admins": .admin]
        }
        try await with(settings: change) { world in
            let first = try await world.arrive("good").session
            #expect(try await world.store.read { try Users.find(id: first.userID, $0)?.role } == .admin)
            let second = try await world.arrive("newcomer").session
            #expect(try await world.store.read { try Users.find(id: second.userID, $0)?.role } == .analyst)
            try await world.store.write { connection in
                var settings = try SignOnSettings.load(connection)
                settings.roles = ["staff": .viewer]
                try settings.save(by: "test", connection, at: Self.now)
            }
            _ = try await world.arrive("good")
            #expect(try await world.store.read { try Users.find(id: first.userID, $0)?.role } == .admin)
            try await world.store.write {
                try Users.change(disabled: true, of: second.userID, by: "test", $0, at: Self.now)
            }
            await #expect(throws: SignOnError.disabled) { try await world.arrive("newcomer") }
        }
    }

    @Test("a state is good once, in the browser that began, and for this provider")
    func state() async throws {
        try await with { world in
            world.provider.state.withLock { $0.token = SignOnTokens.all["good"] ?? "" }
            let departure = try await world.signOn.begin(redirect: "https://crm.example.com/back", next: "/")
            await #expect(throws: SignOnError.badState) { try await world.finish(departure.state, cookie: "other") }
            await #expect(throws: SignOnError.badState) { try await world.finish("made up") }
            _ = try await world.finish(departure.state)
            await #expect(throws: SignOnError.badState) { try await world.finish(departure.state) }
            await #expect(throws: SignOnError.badToken("iss")) {
                try await world.arrive("good", issuer: "https://evil.example.com")
            }
            let refusal = SignOn.Arrival(state: departure.state, code: "", error: "access_denied", issuer: nil)
            _ = try await world.signOn.begin(redirect: "https://crm.example.com/back", next: "/")
            await #expect(throws: SignOnError.refused("access_denied")) {
                try await world.signOn.finish(
                    refusal, cookie: departure.state, redirect: "", from: Self.origin, replacing: nil)
            }
        }
    }

    @Test("a provider that is down, talks nonsense or is another one is told from a refusal")
    func provider() async throws {
        try await with { world in
            world.provider.state.withLock { $0.issuer = "https://other.example.com" }
            await #expect(throws: SignOnError.provider("discovery: other issuer")) { try await world.arrive("good") }
            world.provider.state.withLock { $0.issuer = Self.issuer }
            world.provider.state.withLock { $0.tokenStatus = 400 }
            world.provider.state.withLock { $0.tokenBody = #"{"error":"invalid_grant"}"# }
            await #expect(throws: SignOnError.refused("invalid_grant")) { try await world.arrive("good") }
            world.provider.state.withLock { $0.tokenStatus = 500 }
            await #expect(throws: SignOnError.provider("status 500")) { try await world.arrive("good") }
            world.provider.state.withLock { $0.tokenStatus = 200 }
            world.provider.state.withLock { $0.tokenBody = "<html>" }
            await #expect(throws: SignOnError.provider("the answer is not JSON")) { try await world.arrive("good") }
        }
        try await with { world in
            world.provider.state.withLock { $0.isDown = true }
            await #expect(throws: SignOnError.provider(#"unreachable("down")"#)) { try await world.arrive("good") }
        }
    }

    @Test("the provider's keys are kept, and asked for anew at most once a minute")
    func keyCache() async throws {
        try await with { world in
            for name in ["good", "goodES", "good"] { _ = try await world.arrive(name) }
            #expect(world.provider.state.withLock { $0.keyFetches } == 1)
            for _ in 0..<3 { _ = try? await world.arrive("kid") }
            #expect(world.provider.state.withLock { $0.keyFetches } == 1)
        }
    }

    @Test("a kept client secret stays at its issuer's host, and is forgotten without one")
    func keptSecret() throws {
        var before = SignOnSettings()
        (before.issuer, before.sealedSecret) = ("https://id.example.com/a", "sealed")
        for (issuer, kept) in [
            ("https://id.example.com/b", "sealed"), ("https://ID.example.com:443", "sealed"), ("", ""),
        ] {
            var after = SignOnSettings()
            after.issuer = issuer
            try after.keepSecret(of: before)
            #expect(after.sealedSecret == kept, "\(issuer)")
        }
        for issuer in ["https://evil.example", "https://id.example.com:8443", "http://id.example.com"] {
            var after = SignOnSettings()
            after.issuer = issuer
            #expect(throws: SignOnError.secretAgain) { try after.keepSecret(of: before) }
        }
    }

    @Test("settings that cannot be used are refused by name")
    func settings() {
        func problem(_ change: (inout SignOnSettings) -> Void) -> SignOnError? {
            var settings = SignOnSettings()
            settings.isOn = true
            settings.issuer = Self.issuer
            settings.clientID = "perennial"
            settings.domains = ["example.com"]
            change(&settings)
            do { try settings.validate() } catch { return error as? SignOnError }
            return nil
        }
        #expect(problem { _ in } == nil)
        #expect(problem { $0.issuer = "http://127.0.0.1:99" } == nil)
        for issuer in ["http://id.example.com", "ftp://x", "https://a?b", "https://u:p@a", "id.example.com", ""] {
            #expect(problem { $0.issuer = issuer } == .badIssuer, "\(issuer)")
        }
        #expect(problem { $0.clientID = "" } == .badClient)
        #expect(problem { $0.domains = [] } == .badDomains)
        #expect(problem { $0.domains = ["a@b.c"] } == .badDomains)
    }
}
