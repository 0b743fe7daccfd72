import Storage

extension PeopleBatch {
    /// Lifts members whose orders reach a higher tier, at once.
    ///
    /// Call it after `settle`, before segments are decided, inside the processor's transaction. Throws: `StorageError`.
    mutating func applyTiers(at now: Timestamp) throws {
        let people = changedOrderProfiles.filter { profile($0)?.isLiving ?? false }
        guard !people.isEmpty, let published = try TierLadders.current(connection) else { return }
        let members = try TierReview.members(of: people, connection)
        guard !members.isEmpty else { return }
        var batch = try TierBatch(members, published, at: now, connection)
        batch.bringUpToDate()
        for event in try batch.save(connection) { say(event) }
        for (id, tier) in batch.moved {
            changeProfile(id) {
                $0.tier = tier.tier
                $0.tierSinceMS = tier.since?.milliseconds
            }
        }
    }
}
