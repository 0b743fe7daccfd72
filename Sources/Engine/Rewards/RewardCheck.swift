/// Whether a member may have so many of a reward now: a pure function of what is known.
package struct RewardCheck: Sendable, Equatable {
    package var reward: Reward
    package var quantity: Int64
    /// Of the member: had within the reward's days, the tier, what can be spent.
    package var had: Int64
    package var tier: String?
    package var available: Int64
    package var isClosed: Bool

    /// Every reason against it; empty when there is none.
    package func refusals(at now: Timestamp) -> [RewardRefusal] {
        let definition = reward.definition
        var refusals: [RewardRefusal] = []
        if isClosed { refusals.append(.closed) }
        if !reward.isOffered { refusals.append(.withdrawn) }
        if let from = definition.from, now < from { refusals.append(.notYet(from)) }
        if let until = definition.until, now >= until { refusals.append(.over) }
        if let stock = reward.stock, stock < quantity { refusals.append(.outOfStock(left: stock)) }
        if let most = definition.memberMax, had + quantity > most {
            refusals.append(.memberLimit(left: max(0, most - had)))
        }
        if !definition.tiers.isEmpty, !(tier.map(definition.tiers.contains) ?? false) {
            refusals.append(.tier(definition.tiers))
        }
        let wanted = definition.points * quantity
        if available < wanted { refusals.append(.insufficient(available: available, wanted: wanted)) }
        return refusals
    }
}
