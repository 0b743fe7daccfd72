/// Whose event it is, and what its claims prove: the pure heart of identity resolution.
///
/// Invariants: the strongest identity decides. An anonymous profile joins a known one once. Two known people are
/// merged only by an explicit bind or by a claim that somebody vouches for; a weak identity never merges them, it
/// moves to the newest login, and the history stays with the first. A breached limit demotes the claim, and the event
/// is kept.
package struct Resolution: Sendable, Equatable {
    package enum Target: Sendable, Equatable {
        case profile(Int64)
        case new
    }

    package var target: Target
    /// Profiles that are the same person as the target, in the order to merge them.
    package var merges: [PlannedMerge] = []
    /// Claims nobody has, which the target gets.
    package var links: [Int] = []
    /// Claims somebody else has, which move to the target.
    package var rebinds: [Int] = []
    package var conflicts: [Conflict] = []

    package struct PlannedMerge: Sendable, Equatable {
        package var profileID: Int64
        package var rule: MergeRule
        package var claim: Int
    }

    package struct Conflict: Sendable, Equatable {
        package var claim: Int
        package var reason: ConflictReason
    }
}

/// Why two profiles are one person.
package enum MergeRule: String, Sendable, CaseIterable {
    /// An anonymous profile logged in.
    case login
    /// The client bound identities explicitly.
    case bind
    case verifiedPhone = "verified_phone"
    case verifiedEmail = "verified_email"
    /// An identity that proves itself: a unionid, an openid, a member number.
    case verifiedIdentity = "verified_identity"
    /// Somebody merged them by hand.
    case manual

    static func verified(_ kind: String) -> MergeRule {
        switch kind {
        case IdentityKind.phone: .verifiedPhone
        case IdentityKind.email: .verifiedEmail
        default: .verifiedIdentity
        }
    }
}

/// What is known of the profile that has a claim.
package struct Owner: Sendable, Equatable {
    package var profileID: Int64
    package var isKnown: Bool
    /// How many identities it has, by kind.
    package var counts: [String: Int]
    package var createdMS: Int64

    package init(profileID: Int64, isKnown: Bool, counts: [String: Int], createdMS: Int64) {
        self.profileID = profileID
        self.isKnown = isKnown
        self.counts = counts
        self.createdMS = createdMS
    }

    /// The person that stays when two profiles are one: the known one, then the older.
    package func outranks(_ other: Owner) -> Bool {
        if isKnown != other.isKnown { return isKnown }
        let hasUserID = (counts[IdentityKind.userID] ?? 0) > 0
        let otherHasUserID = (other.counts[IdentityKind.userID] ?? 0) > 0
        if hasUserID != otherHasUserID { return hasUserID }
        return (createdMS, profileID) < (other.createdMS, other.profileID)
    }
}

/// A claim and who has it now.
package struct Standing: Sendable, Equatable {
    package var claim: Claim
    package var owner: Owner?
    /// The link was made by a claim that somebody vouched for.
    package var linkIsVerified: Bool
    /// Since when the owner has it, by event time.
    package var boundSinceMS: Int64

    package init(_ claim: Claim, owner: Owner? = nil, linkIsVerified: Bool = false, boundSinceMS: Int64 = 0) {
        self.claim = claim
        self.owner = owner
        self.linkIsVerified = linkIsVerified
        self.boundSinceMS = boundSinceMS
    }
}
