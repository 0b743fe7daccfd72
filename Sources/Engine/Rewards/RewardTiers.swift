import Storage

/// Where rewards learn a member's tier: by the id of the profile; nil: none.
package typealias RewardTierLookup = @Sendable (_ profile: Int64, any SQLConnection) throws -> String?

package enum RewardTiers {
    /// What the room of tiers says.
    package static let current: RewardTierLookup = { profile, connection in
        try MemberTiers.tier(ofProfile: profile, connection)
    }
}
