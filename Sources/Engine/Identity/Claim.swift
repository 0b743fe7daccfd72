import Storage

/// A claim of an event after normalisation, fit to be linked.
package struct Claim: Sendable, Equatable {
    package var key: IdentityKey
    package var priority: Int
    package var isKnown: Bool
    package var needsVerification: Bool
    /// Somebody vouches for it: the value proves itself, a trusted source sent it, or the event says it was verified.
    package var isVerified: Bool
    package var limit: Int

    package init(_ kind: IdentityKind, value: String, isVerified: Bool) {
        key = IdentityKey(kind: kind.name, value: value)
        priority = kind.priority
        isKnown = kind.isKnown
        needsVerification = kind.needsVerification
        limit = kind.limit
        self.isVerified = isVerified || !kind.needsVerification
    }
}

/// Why a claim was not linked.
package enum ConflictReason: String, Sendable, CaseIterable {
    case unknownKind = "unknown_kind"
    case blockedValue = "blocked_value"
    case malformed
    /// The profile has as many of the kind as it may have.
    case limit
    /// Somebody else has it, and nobody vouches for the newcomer.
    case unverified
    /// Taken from a profile that held it unverified.
    case reclaimed
}

/// The claims of one event: those that can be linked, strongest first, and those that cannot.
package struct ClaimSet: Sendable, Equatable {
    package var claims: [Claim] = []
    package var refused: [Refused] = []
    /// A profile addressed by its own id by a trusted source.
    package var profileID: Int64?
    /// The event binds its identities on purpose.
    package var isExplicit = false

    package struct Refused: Sendable, Equatable {
        package var key: IdentityKey
        package var reason: ConflictReason
    }
}

extension ClaimSet {
    /// Most claims that one event may make; the rest is dropped.
    static let claimsLimit = 20

    /// Reads the claims of an event. `isTrusted`: the source is a server, a till, an import or Perennial itself.
    package init(_ event: IncomingEvent, isTrusted: Bool, defaultCountry: String) {
        let vouched = VerifiedTraits(event.traits)
        isExplicit = event.kind == .alias
        for claim in event.identities.prefix(Self.claimsLimit) {
            add(claim, isTrusted: isTrusted, vouched: vouched, defaultCountry: defaultCountry)
        }
        for claim in vouched.claims {
            add(claim, isTrusted: isTrusted, vouched: vouched, defaultCountry: defaultCountry)
        }
        if zip(claims, claims.dropFirst()).contains(where: { $0.priority < $1.priority }) {
            // Stable for equal strength, so that the client's order decides.
            claims = claims.enumerated()
                .sorted { ($1.element.priority, $0.offset) < ($0.element.priority, $1.offset) }
                .map(\.element)
        }
    }

    private mutating func add(
        _ claim: IdentityClaim, isTrusted: Bool, vouched: VerifiedTraits, defaultCountry: String
    ) {
        guard let kind = IdentityKind.named(claim.kind) else {
            if claim.kind == IdentityKind.profileID, isTrusted {
                profileID = Int64(claim.value)
            } else {
                refuse(claim, .unknownKind)
            }
            return
        }
        guard !BlockedValues.contains(Whitespace.trim(claim.value)) else { return refuse(claim, .blockedValue) }
        guard let value = kind.normalise(claim.value, defaultCountry: defaultCountry) else {
            return refuse(claim, .malformed)
        }
        let made = Claim(
            kind, value: value, isVerified: isTrusted || isExplicit || vouched.vouches(for: kind.name))
        guard !claims.contains(where: { $0.key == made.key }) else { return }
        claims.append(made)
    }

    private mutating func refuse(_ claim: IdentityClaim, _ reason: ConflictReason) {
        let value = String(claim.value.prefix(ConflictRecord.valueCharacters))
        let key = IdentityKey(kind: String(claim.kind.prefix(ConflictRecord.kindCharacters)), value: value)
        refused.append(Refused(key: key, reason: reason))
    }
}
