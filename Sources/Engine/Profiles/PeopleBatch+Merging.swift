import Storage

extension PeopleBatch {
    /// Merges two people that an operator named.
    mutating func mergeByHand(_ one: Int64, _ other: Int64) throws {
        try loadPeople([one, other])
        guard let first = person(one) else { throw ProfileError.notFound(one) }
        guard let second = person(other) else { throw ProfileError.notFound(other) }
        let position = try EventLog.nextPosition(connection)
        _ = try merge(first, second, .manual, at: context.now, evidence: 0, position: position)
    }

    /// Makes two people one and returns the one that stays. Everything the other had moves; the record can undo it.
    mutating func merge(
        _ one: Person, _ other: Person, _ rule: MergeRule, at time: Timestamp, evidence: Int64, position: Int64
    ) throws -> Person {
        let (winner, loser) = try rank(one, other)
        let winnerBefore = winner.snapshot()
        let loserBefore = loser.snapshot()
        let identities = try moveIdentities(of: loser, to: winner)
        let orderIDs = try orders.move(
            from: loser.row.id, to: winner.row.id, isNew: loser.isNew, position: position, connection)
        let loserState = try loser.state()
        try winner.changeState { $0 = $0.merged(with: loserState) }
        winner.change { Merging.absorb(loser.row, into: &$0) }
        winner.row.displayName = DisplayName.of(try winner.state()) ?? winner.row.displayName
        try loser.changeState { $0 = ProfileState() }
        let winnerID = winner.row.id
        loser.change { Merging.empty(&$0, mergedInto: winnerID) }
        if !orderIDs.isEmpty || orderPeople.contains(loser.row.id) { orderPeople.insert(winner.row.id) }
        orderPeople.remove(loser.row.id)

        let record = MergeRecord(
            id: context.effects.newID(), winnerID: winner.row.id, loserID: loser.row.id,
            atMS: time.milliseconds, rule: rule, evidence: evidence,
            detail: MergeDetail(
                identities: identities, orders: orderIDs, winnerBefore: winnerBefore, loserBefore: loserBefore,
                stateAfter: winner.snapshot().state))
        merges.append(record)
        happened.append(IdentityEvents.merged(record))
        return winner
    }

    private func rank(_ one: Person, _ other: Person) throws -> (winner: Person, loser: Person) {
        let left = Owner(
            profileID: one.row.id, isKnown: one.row.isIdentified, counts: try one.state().identityCounts,
            createdMS: one.row.createdMS)
        let right = Owner(
            profileID: other.row.id, isKnown: other.row.isIdentified, counts: try other.state().identityCounts,
            createdMS: other.row.createdMS)
        return right.outranks(left) ? (other, one) : (one, other)
    }

    /// Moves the links of the loser, those in memory and those only in the store. Returns their keys.
    private mutating func moveIdentities(of loser: Person, to winner: Person) throws -> [IdentityKey] {
        var keys = Set(links.filter { $0.value.profileID == loser.row.id }.keys)
        if !loser.isNew {
            let stored = try IdentityLinks.keys(of: loser.row.id, connection)
            let unseen = stored.filter { links[$0] == nil && !unlinkedKeys.contains($0) }
            links.merge(try IdentityLinks.load(unseen, connection)) { $1 }
            keys.formUnion(unseen.filter { links[$0]?.profileID == loser.row.id })
        }
        for key in keys {
            links[key]?.profileID = winner.row.id
            changedLinks.insert(key)
        }
        return keys.sorted()
    }
}
