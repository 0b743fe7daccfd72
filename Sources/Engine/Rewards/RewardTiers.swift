import Storage

/// Where rewards learn a member's tier: by the id of the profile; nil: none.
package typealias RewardTierLookup = @Sendable (_ profile: Int64, any SQLConnection) throws -> String?

package enum RewardTiers {
    /// The code of the tier that the pyramid says.
    package static let current: RewardTierLookup = { profile, connection in
        let tier = try connection.first("SELECT tier FROM profiles WHERE id = \(profile)")?.textOrNil(0)
        return tier.flatMap { $0.isEmpty ? nil : $0 }
    }
}
