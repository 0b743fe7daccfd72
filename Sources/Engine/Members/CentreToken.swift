/// The brand's own token (JSON Web Token, RFC 7519): its system vouches for who stands before the member centre.
///
/// What counts: an algorithm that a registered key has, and that key's signature; `aud`; `exp`, within the hour; `sub`, the
/// `user_id` of the person. `nbf` and `iat` are heeded where they are. `kid`, where it is, is the id of the key.
struct CentreToken: Sendable, Equatable {
    var userID: String
    var key: String
    var expiresAt: Timestamp

    /// Throws: `CentreError.badToken` that says which check failed, `SealError.unreadable`.
    init(_ text: String, _ settings: CentreSettings, _ seal: Seal, at now: Timestamp) throws {
        let pieces = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= CentreLimits.tokenBytes, pieces.count == 3, let header = Self.object(pieces[0]),
            let claims = Self.object(pieces[1]), let signature = Base64URL.bytes(pieces[2])
        else { throw CentreError.badToken("form") }
        guard let algorithm = header["alg"]?.stringValue.flatMap(CentreKey.Algorithm.init(rawValue:)) else {
            throw CentreError.badToken("alg")
        }
        guard header["crit"] == nil else { throw CentreError.badToken("crit") }
        let kid = header["kid"]?.stringValue
        let keys = settings.keys.filter { $0.algorithm == algorithm && (kid == nil || $0.id == kid) }
        guard !keys.isEmpty else { throw CentreError.badToken("key") }
        let signed = Array((pieces[0] + "." + pieces[1]).utf8)
        guard let signer = try keys.first(where: { try $0.verifies(signature, of: signed, seal) }) else {
            throw CentreError.badToken("signature")
        }
        expiresAt = try Self.end(claims, at: now)
        let audience = claims["aud"]?.arrayValue?.compactMap(\.stringValue) ?? [claims["aud"]?.stringValue ?? ""]
        guard audience.contains(settings.audience) else { throw CentreError.badToken("aud") }
        guard let subject = claims["sub"]?.stringValue, (1...IdentityKind.valueBytes).contains(subject.utf8.count)
        else { throw CentreError.badToken("sub") }
        userID = subject
        key = signer.origin
    }

    private static func end(_ claims: [String: JSONValue], at now: Timestamp) throws -> Timestamp {
        let (seconds, skew) = (now.seconds, CentreLimits.clockSkewSeconds)
        let latest = seconds + Int64(CentreLimits.tokenMinutes) * 60 + skew
        guard let expires = claims["exp"]?.intValue, expires > seconds - skew, expires <= latest else {
            throw CentreError.badToken("exp")
        }
        if let issued = claims["iat"]?.intValue, issued > seconds + skew { throw CentreError.badToken("iat") }
        if let begins = claims["nbf"]?.intValue, begins > seconds + skew { throw CentreError.badToken("nbf") }
        return Timestamp(seconds: expires + skew)
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
