import Storage

/// Undoes a merge: what came with the loser goes back, and the loser lives again.
///
/// Identities and orders that came with the loser go back if they are still the winner's. A trait that was not touched
/// since is the winner's as it was before; one that was touched stays. Events after the merge stay with the winner. A
/// merge can be undone only while the winner has not itself been merged away since; undo that merge first.
package enum Unmerge {
    /// In the open transaction; append the events that it returns to the log, the first of which tells of the undoing.
    /// Throws: `ProfileError.mergeNotFound`, `.mergeIsBuriedUnder`, `.erased`; `StorageError`.
    package static func undo(
        _ mergeID: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> (event: SystemEvent, moved: [SystemEvent]) {
        let record = try load(mergeID, connection)
        let profiles = try ProfileRows.load([record.winnerID, record.loserID], connection)
        guard var winner = profiles.first(where: { $0.id == record.winnerID }),
            var loser = profiles.first(where: { $0.id == record.loserID })
        else { throw ProfileError.mergeNotFound(mergeID) }
        guard winner.deletedMS == nil, loser.deletedMS == nil else { throw ProfileError.erased(winner.id) }
        if let later = winner.mergedInto { throw ProfileError.mergeIsBuriedUnder(later) }
        guard loser.mergedInto == winner.id else { throw ProfileError.mergeNotFound(mergeID) }

        let identities = try returnIdentities(record, connection)
        let orders = try returnOrders(record, connection)
        try restore(&winner, &loser, record.detail, returned: identities)
        let totals = try OrderTotals.load(of: [winner.id, loser.id], connection)
        totals[0].note(in: &winner)
        totals[1].note(in: &loser)
        winner.version += 1
        loser.version += 1
        try ProfileRows.update([winner, loser].sorted { $0.id < $1.id }, connection)
        try connection.execute(
            "UPDATE profile_merges SET undone_ms = \(now.milliseconds) WHERE id = \(mergeID)")
        try TagHolders.part(winner: winner.id, loser: loser.id, at: now, connection)
        var moved = try PointsMerge.undo(mergeID, at: now, connection)
        try EarningRecords.part(orders, to: loser.id, connection)
        try CouponMerge.undo(mergeID, winner: winner.id, loser: loser.id, at: now, connection)
        moved += try TierMerge.undo(mergeID, winner: winner.id, loser: loser.id, at: now, connection)
        return (IdentityEvents.unmerged(record, orders: orders, at: now), moved)
    }

    private static func load(_ id: Int64, _ connection: any SQLConnection) throws -> MergeRecord {
        let row = try connection.first(
            """
            SELECT winner_id, loser_id, at_ms, rule, evidence, detail FROM profile_merges
            WHERE id = \(id) AND undone_ms IS NULL\(raw: connection.dialect.forUpdate)
            """)
        guard let row else { throw ProfileError.mergeNotFound(id) }
        return try MergeRecord(
            id: id, winnerID: row.int(0), loserID: row.int(1), atMS: row.int(2),
            rule: MergeRule(rawValue: row.text(3)) ?? .manual, evidence: row.int(4),
            detail: MergeDetail(parsing: row.text(5)), undoneMS: nil)
    }

    private static func returnIdentities(
        _ record: MergeRecord, _ connection: any SQLConnection
    ) throws -> [IdentityKey] {
        let moved = try connection.executeMany(
            "UPDATE identities SET profile_id = ? WHERE kind = ? AND value = ? AND profile_id = ?",
            record.detail.identities.sorted().map {
                [.integer(record.loserID), .text($0.kind), .text($0.value), .integer(record.winnerID)]
            })
        return zip(record.detail.identities.sorted(), moved).filter { $0.1 > 0 }.map(\.0)
    }

    private static func returnOrders(
        _ record: MergeRecord, _ connection: any SQLConnection
    ) throws -> [String] {
        let position = try EventLog.nextPosition(connection)
        let orders = record.detail.orders.sorted()
        let moved = try connection.executeMany(
            "UPDATE orders SET profile_id = ?, position = ? WHERE order_id = ? AND profile_id = ?",
            orders.map { [.integer(record.loserID), .integer(position), .text($0), .integer(record.winnerID)] })
        return zip(orders, moved).filter { $0.1 > 0 }.map(\.0)
    }

    private static func restore(
        _ winner: inout Profile, _ loser: inout Profile, _ detail: MergeDetail, returned: [IdentityKey]
    ) throws {
        let before = detail.winnerBefore
        let came = detail.loserBefore
        let after = try ProfileState(parsing: detail.stateAfter)
        let lost = try ProfileState(parsing: came.state)
        var state = try UnmergedState(
            current: ProfileState(parsing: winner.state), after: after, before: ProfileState(parsing: before.state)
        ).state
        for key in returned { state.lose(key.kind) }
        winner.state = state.text()
        winner.displayName = DisplayName.of(state)
        winner.eventCount = max(winner.eventCount - came.eventCount, 0)
        winner.firstSeenMS = max(winner.firstSeenMS, before.firstSeenMS)
        winner.lastSeenMS = winner.lastSeenMS == came.lastSeenMS ? before.lastSeenMS : winner.lastSeenMS
        winner.isIdentified = hasKnown(state)
        winner.identifiedMS = winner.isIdentified ? before.identifiedMS ?? winner.identifiedMS : nil

        var back = lost
        back.identityCounts = returned.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
        loser.mergedInto = nil
        loser.state = back.text()
        loser.displayName = came.displayName
        loser.eventCount = came.eventCount
        loser.firstSeenMS = came.firstSeenMS
        loser.lastSeenMS = came.lastSeenMS
        loser.isIdentified = hasKnown(back)
        loser.identifiedMS = loser.isIdentified ? came.identifiedMS : nil
        loser.stage = came.stage
        loser.stageSinceMS = came.stageSinceMS
        loser.stageDueMS = came.stageDueMS
    }

    private static func hasKnown(_ state: ProfileState) -> Bool {
        state.identityCounts.contains { $0.value > 0 && IdentityKind.named($0.key)?.isKnown == true }
    }
}

/// The winner's state with the merge taken out of it. Pure.
struct UnmergedState {
    private(set) var state: ProfileState

    /// `after` is the state right after the merge: what still equals it was not touched since.
    init(current: ProfileState, after: ProfileState, before: ProfileState) {
        state = current
        for (name, entry) in current.traits where after.traits[name] == entry {
            state.traits[name] = before.traits[name]
        }
        for (channel, consent) in current.consent where after.consent[channel] == consent {
            state.consent[channel] = before.consent[channel]
        }
    }
}
