/// What a merge does to the two rows. Pure; identities, orders and traits are moved by the caller.
enum Merging {
    /// The winner gains what the loser saw.
    static func absorb(_ loser: Profile, into winner: inout Profile) {
        winner.firstSeenMS = min(winner.firstSeenMS, loser.firstSeenMS)
        winner.lastSeenMS = max(winner.lastSeenMS, loser.lastSeenMS)
        winner.eventCount += loser.eventCount
        if loser.isIdentified {
            winner.identifiedMS = min(winner.identifiedMS ?? .max, loser.identifiedMS ?? .max)
            winner.isIdentified = true
        }
    }

    /// The loser stays as a sign that points to the winner; nothing of it is listed or counted.
    static func empty(_ loser: inout Profile, mergedInto winnerID: Int64) {
        loser.mergedInto = winnerID
        loser.displayName = nil
        loser.eventCount = 0
        loser.orderCount = 0
        loser.netSpend = 0
        loser.firstOrderMS = nil
        loser.lastOrderMS = nil
        loser.stage = nil
        loser.stageSinceMS = nil
        loser.stageDueMS = nil
        loser.rfmR = 0
        loser.rfmF = 0
        loser.rfmM = 0
        loser.rfmClass = nil
        loser.tier = nil
        loser.tierSinceMS = nil
    }
}
