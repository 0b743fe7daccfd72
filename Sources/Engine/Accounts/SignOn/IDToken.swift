import CCrypto
import Foundation

/// A signed ID token (OpenID Connect Core 1.0 §2, RFC 7515) whose signature and claims were checked.
struct IDToken: Sendable, Equatable {
    var subject: String
    var email: String?
    var isEmailVerified: Bool
    var name: String?
    var claims: [String: JSONValue]

    private static let clockSkewSeconds: Int64 = 120
    private static let bytesMax = 32 * 1024

    /// What the token has to be about.
    struct Expectation: Sendable {
        var issuer: String
        var clientID: String
        var nonce: String
        var now: Timestamp
    }

    /// The key that a token names; nil when it names none.
    static func keyID(_ text: String) throws -> String? {
        try parts(text).header["kid"]?.stringValue
    }

    /// Throws: `SignOnError.badToken` that says which check failed.
    init(_ text: String, keys: [JSONWebKey], _ expected: Expectation) throws {
        let (header, claims, signed, signature) = try Self.parts(text)
        let algorithm = header["alg"]?.stringValue ?? ""
        guard algorithm == "RS256" || algorithm == "ES256" else { throw SignOnError.badToken("alg") }
        guard header["crit"] == nil else { throw SignOnError.badToken("crit") }
        let kid = header["kid"]?.stringValue
        let fitting = keys.filter { $0.algorithm == algorithm && (kid == nil || $0.id == kid) }
        guard !fitting.isEmpty else { throw SignOnError.badToken("kid") }
        guard fitting.contains(where: { $0.verifies(signature, of: Array(signed.utf8)) }) else {
            throw SignOnError.badToken("signature")
        }
        try Self.check(claims, expected)
        guard let subject = claims["sub"]?.stringValue, !subject.isEmpty else { throw SignOnError.badToken("sub") }
        self.subject = subject
        self.claims = claims
        email = claims["email"]?.stringValue
        // Some providers write it as text.
        isEmailVerified = claims["email_verified"] == .bool(true) || claims["email_verified"] == .string("true")
        name = claims["name"]?.stringValue
    }

    /// OpenID Connect Core 1.0 §3.1.3.7.
    private static func check(_ claims: [String: JSONValue], _ expected: Expectation) throws {
        guard claims["iss"]?.stringValue == expected.issuer else { throw SignOnError.badToken("iss") }
        let audience = claims["aud"]?.arrayValue?.compactMap(\.stringValue) ?? [claims["aud"]?.stringValue ?? ""]
        guard audience.contains(expected.clientID) else { throw SignOnError.badToken("aud") }
        let party = claims["azp"]?.stringValue
        guard party == expected.clientID || (party == nil && audience.count == 1) else {
            throw SignOnError.badToken("azp")
        }
        let now = expected.now.seconds
        guard let expires = claims["exp"]?.intValue, expires > now - clockSkewSeconds else {
            throw SignOnError.badToken("exp")
        }
        guard let issued = claims["iat"]?.intValue, issued < now + clockSkewSeconds else {
            throw SignOnError.badToken("iat")
        }
        if let begins = claims["nbf"]?.intValue, begins > now + clockSkewSeconds { throw SignOnError.badToken("nbf") }
        guard let nonce = claims["nonce"]?.stringValue, Digest.equal(nonce, expected.nonce) else {
            throw SignOnError.badToken("nonce")
        }
    }

    private static func parts(
        _ text: String
    ) throws -> (header: [String: JSONValue], claims: [String: JSONValue], signed: String, signature: [UInt8]) {
        let pieces = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= bytesMax, pieces.count == 3, let header = object(pieces[0]),
            let claims = object(pieces[1]), let signature = Base64URL.bytes(pieces[2])
        else { throw SignOnError.badToken("form") }
        return (header, claims, pieces[0] + "." + pieces[1], signature)
    }

    private static func object(_ piece: String) -> [String: JSONValue]? {
        guard let bytes = Base64URL.bytes(piece),
            case .success(.object(let members)) = Result(catching: {
                try JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
            })
        else { return nil }
        return members
    }
}

/// One public key of the provider (RFC 7517): RSA of at least 2048 bits, or P-256.
struct JSONWebKey: Sendable, Equatable {
    private enum Material: Equatable {
        case rsa(n: [UInt8], e: [UInt8])
        case p256(point: [UInt8])
    }

    var id: String?
    private var material: Material

    private static let rsaBytesMin = 256

    /// Nil for keys of another kind or use.
    init?(_ json: JSONValue) {
        if let use = json["use"]?.stringValue, use != "sig" { return nil }
        func bytes(_ name: String) -> [UInt8]? { json[name]?.stringValue.flatMap(Base64URL.bytes) }
        id = json["kid"]?.stringValue
        switch json["kty"]?.stringValue {
        case "RSA":
            guard let n = bytes("n"), let e = bytes("e"), n.count >= Self.rsaBytesMin, !e.isEmpty else { return nil }
            material = .rsa(n: n, e: e)
        case "EC":
            guard json["crv"]?.stringValue == "P-256", let x = bytes("x"), let y = bytes("y"), x.count == 32,
                y.count == 32
            else { return nil }
            material = .p256(point: [4] + x + y)
        default: return nil
        }
    }

    var algorithm: String {
        switch material {
        case .rsa: "RS256"
        case .p256: "ES256"
        }
    }

    func verifies(_ signature: [UInt8], of text: [UInt8]) -> Bool {
        switch material {
        case .rsa(let n, let e):
            ccrypto_verify_rs256(
                n, Int32(n.count), e, Int32(e.count), signature, signature.count, text, text.count) == 1
        case .p256(let point):
            signature.count == 64 && ccrypto_verify_es256(point, signature, text, text.count) == 1
        }
    }
}
