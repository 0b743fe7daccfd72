import Synchronization

/// What is known of an identity provider, found by discovery (OpenID Connect Discovery 1.0), kept for an hour; its keys
/// are fetched anew when a token names one that is not known, at most once a minute.
package final class SignOnProvider: Sendable {
    typealias Fetch = @Sendable (OutgoingRequest) async throws -> OutgoingRequest.Answer

    struct Endpoints: Sendable, Equatable {
        var issuer: String
        var authorization: String
        var token: String
        var keys: String
    }

    private struct Known: Sendable {
        var endpoints: [String: (Endpoints, at: Timestamp)] = [:]
        var keys: [String: ([JSONWebKey], at: Timestamp)] = [:]
    }

    private static let keepSeconds: Int64 = 3_600
    private static let refetchSeconds: Int64 = 60

    private let fetch: Fetch
    private let known = Mutex(Known())

    package convenience init() {
        self.init(fetch: OutgoingRequest.send)
    }

    init(fetch: @escaping Fetch) {
        self.fetch = fetch
    }

    /// Throws: `SignOnError.provider`.
    func endpoints(_ issuer: String, at now: Timestamp) async throws -> Endpoints {
        if let (found, at) = known.withLock({ $0.endpoints[issuer] }), now.seconds - at.seconds < Self.keepSeconds {
            return found
        }
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let document = try await json(OutgoingRequest(url: base + "/.well-known/openid-configuration"))
        func address(_ name: String) throws -> String {
            guard let text = document[name]?.stringValue, SignOnSettings.isSafe(text) else {
                throw SignOnError.provider("discovery names no safe \(name)")
            }
            return text
        }
        // Discovery §4.3: the document must be about the issuer that was asked.
        guard document["issuer"]?.stringValue == issuer else { throw SignOnError.provider("discovery: other issuer") }
        let found = Endpoints(
            issuer: issuer, authorization: try address("authorization_endpoint"), token: try address("token_endpoint"),
            keys: try address("jwks_uri"))
        known.withLock { $0.endpoints[issuer] = (found, now) }
        return found
    }

    /// The provider's keys; `wanted` is the one that a token names. Throws: `SignOnError.provider`.
    func keys(_ address: String, wanted: String?, at now: Timestamp) async throws -> [JSONWebKey] {
        if let (found, at) = known.withLock({ $0.keys[address] }) {
            let age = now.seconds - at.seconds
            let has = wanted == nil || found.contains { $0.id == wanted }
            if has ? age < Self.keepSeconds : age < Self.refetchSeconds { return found }
        }
        let document = try await json(OutgoingRequest(url: address))
        let keys = (document["keys"]?.arrayValue ?? []).compactMap(JSONWebKey.init)
        guard !keys.isEmpty else { throw SignOnError.provider("no usable keys") }
        known.withLock { $0.keys[address] = (keys, now) }
        return keys
    }

    /// Exchanges a code for the ID token (RFC 6749 §4.1.3 with RFC 7636). Throws: `SignOnError.provider`, `.refused`.
    func idToken(
        _ endpoints: Endpoints, code: String, verifier: String, redirect: String, clientID: String, secret: String
    ) async throws -> String {
        var form: [(name: String, value: String)] = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ]
        // RFC 6749 §2.3.1: identifier and secret are form-encoded before Basic.
        var credentials: (user: String, password: String)?
        if secret.isEmpty {
            form.append(("client_id", clientID))
        } else {
            credentials = (OutgoingRequest.encoded(clientID), OutgoingRequest.encoded(secret))
        }
        let answer = try await json(
            OutgoingRequest(url: endpoints.token, form: form, credentials: credentials), allowsRefusal: true)
        if let error = answer["error"]?.stringValue { throw SignOnError.refused(String(error.prefix(80))) }
        guard let token = answer["id_token"]?.stringValue else { throw SignOnError.provider("no id_token") }
        return token
    }

    private func json(_ request: OutgoingRequest, allowsRefusal: Bool = false) async throws -> JSONValue {
        let answer: OutgoingRequest.Answer
        do {
            answer = try await fetch(request)
        } catch let failure as OutgoingRequest.Failure {
            throw SignOnError.provider("\(failure)")
        }
        let isRefusal = allowsRefusal && (400...401).contains(answer.status)
        guard answer.status == 200 || isRefusal else { throw SignOnError.provider("status \(answer.status)") }
        guard
            case .success(let value) = Result(catching: {
                try JSONValue(parsing: String(decoding: answer.bytes, as: UTF8.self))
            })
        else { throw SignOnError.provider("the answer is not JSON") }
        return value
    }
}
