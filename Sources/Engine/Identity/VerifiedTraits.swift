/// What the traits of an event vouch for: `phone_verified` or `email_verified` set to true.
///
/// A telephone number or address in the traits alone is only a trait.
struct VerifiedTraits: Sendable {
    private(set) var claims: [IdentityClaim] = []
    private var phone = false
    private var email = false

    /// Traits that do not hold the word `erified` cost a search, not a parser.
    init(_ traits: String) {
        guard traits.utf8.count > 20, Self.mentionsVerification(traits) else { return }
        // The collector has validated the text; what cannot be read vouches for nothing.
        guard case .success(.object(let members)) = Result(catching: { try JSONValue(parsing: traits) }) else { return }
        phone = Self.isTrue(members, ["phone_verified", "phoneVerified", "mobile_verified"])
        email = Self.isTrue(members, ["email_verified", "emailVerified"])
        if phone, let value = Self.text(members, ["phone", "mobile", "$phone"]) {
            claims.append(IdentityClaim(kind: IdentityKind.phone, value: value))
        }
        if email, let value = Self.text(members, ["email", "$email"]) {
            claims.append(IdentityClaim(kind: IdentityKind.email, value: value))
        }
    }

    func vouches(for kind: String) -> Bool {
        kind == IdentityKind.phone ? phone : kind == IdentityKind.email && email
    }

    private static func mentionsVerification(_ text: String) -> Bool {
        let needle = Array("erified".utf8)
        var matched = 0
        for byte in text.utf8 {
            if byte == needle[matched] {
                matched += 1
                if matched == needle.count { return true }
            } else {
                matched = byte == needle[0] ? 1 : 0
            }
        }
        return false
    }

    private static func isTrue(_ members: [String: JSONValue], _ names: [String]) -> Bool {
        names.contains { members[$0] == .bool(true) }
    }

    private static func text(_ members: [String: JSONValue], _ names: [String]) -> String? {
        for name in names {
            switch members[name] {
            case .string(let value): return value
            case .integer(let value): return String(value)
            default: continue
            }
        }
        return nil
    }
}
