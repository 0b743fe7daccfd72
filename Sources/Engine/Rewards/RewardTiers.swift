import Storage

/// Where rewards learn a member's tier: by the id of the profile; nil: none.
package typealias RewardTierLookup = @Sendable (_ profile: Int64, any SQLConnection) throws -> String?

package enum RewardTiers {
    /// Without tiers in the program nobody has one.
    package static let none: RewardTierLookup = { _, _ in nil }
    package static let current: RewardTierLookup = none
}
