/// Points that a household shares: an account of the ledger of its own, which several members put points into and
/// spend from.
///
/// Invariants: a member is in one pool at most; every lot of a pool has who put it in; what is not spent of it is theirs
/// and goes back to them, with its expiry, when they leave; a pool without members has nothing.
package struct PointsPool: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package var account: Int64
        /// Invites, decides who may spend, and dissolves the pool. There is always exactly one.
        package var isOwner: Bool
        package var maySpend: Bool
        /// Percent of what they earn that goes into the pool by itself once it can be spent.
        package var share: Int64
        package var joinedAt: Timestamp
        /// What is left of what they put in, by currency.
        package var left: [String: Int64] = [:]
    }

    /// Of its account.
    package var id: Int64
    package var name: String
    package var createdAt: Timestamp
    package var dissolvedAt: Timestamp?
    /// Who joined first comes first.
    package var members: [Member]
    package var balances: [String: PointsBalance]
    package var sequence: Int64
    package var hash: String

    package func member(_ account: Int64) -> Member? { members.first { $0.account == account } }

    package var owner: Int64? { members.first(where: \.isOwner)?.account }
}

/// A member is asked to join a pool.
package struct PoolInvitation: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case open, accepted, refused, withdrawn
    }

    package var id: Int64
    package var pool: Int64
    /// Who is invited.
    package var account: Int64
    package var state: State
    package var createdAt: Timestamp
    package var expiresAt: Timestamp
    package var decidedAt: Timestamp?

    package func isOpen(at now: Timestamp) -> Bool { state == .open && expiresAt > now }
}

/// Bounds of pools.
package enum PoolLimits {
    package static let members = 8
    package static let nameCharacters = 40
    /// Of one pool, open at once.
    package static let invitations = 20
    package static let invitationDays = 14
    package static let invitationsShown = 50
    package static let shareMax: Int64 = 100
    /// Members whose shares one transaction of the background looks at, and transactions of one of them.
    static let sweptMembers = 200
    static let sweptTransactions = 500
    /// Merges that one account can have gone through since it spent.
    static let mergesFollowed = 50
}

/// What pools say happened.
package enum PoolEvents {
    package static let invited = "Pool Invited"
    package static let joined = "Pool Joined"
    package static let left = "Pool Left"
    package static let dissolved = "Pool Dissolved"

    package static let names = [invited, joined, left, dissolved]
}
