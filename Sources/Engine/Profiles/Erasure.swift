import Storage

/// Forgetting a person: everything that says who they were goes, the figures that belong to the brand stay.
///
/// Identities become tombstones, the profile an empty row, log rows of the person lose their content, merges their
/// detail. Orders stay in both stores as nobody's (profile 0), with amounts, lines and times and without anything that
/// says whose they were: the brand's revenue stays what it was. The analytics store forgets the person when the archiver
/// meets the event `Profile Erased`; texts and files in which only the values of the person tell of them are searched by
/// `ErasureSweep`. Erasing again changes nothing.
package enum Erasure {
    /// Notes that the analytics store has forgotten these people too. Throws: `StorageError`.
    static func confirm(_ profileIDs: [Int64], at now: Timestamp, _ connection: any SQLConnection) throws {
        guard !profileIDs.isEmpty else { return }
        try connection.execute(
            """
            UPDATE profile_erasures SET erased_ms = \(now.milliseconds)
            WHERE erased_ms IS NULL AND profile_id IN (\(list: profileIDs))
            """)
    }

    /// Erases a person and everyone merged into them, in the open transaction; merged ids lead to the winner.
    /// Append the event that it returns to the log. Throws: `ProfileError.notFound`, `StorageError`.
    static func erase(
        _ profileID: Int64, at now: Timestamp, effects: Effects, seal: Seal, _ connection: any SQLConnection
    ) throws -> SystemEvent {
        let id = try ProfileDetail.resolve(profileID, connection)
        let merged = try ProfileDetail.mergedIDs(into: id, connection)
        let ids = [id] + merged
        for one in ids.sorted() {
            _ = try connection.query("SELECT id FROM profiles WHERE id = \(one)\(raw: connection.dialect.forUpdate)")
        }
        var keys: [IdentityKey] = []
        for one in ids { keys += try IdentityLinks.keys(of: one, connection) }
        let sought = SoughtValues(keys: keys, traits: try traits(of: ids, connection))
        try connection.executeMany(
            "DELETE FROM identity_conflicts WHERE kind = ? AND value = ?",
            keys.map { [.text($0.kind), .text($0.value)] })
        try Tombstones.leave(keys, at: now, effects: effects, connection)
        try wipe(ids, as: id, at: now, connection)
        let text = JSONValue.array(merged.map { .string(String($0)) }).text()
        try connection.execute(
            """
            INSERT INTO profile_erasures (profile_id, merged_ids, requested_ms)
            VALUES (\(id), \(text), \(now.milliseconds)) ON CONFLICT (profile_id) DO NOTHING
            """)
        if !sought.isEmpty { try ErasureSweep.ask(for: id, sought, at: now, effects: effects, seal, connection) }
        return IdentityEvents.erased(id, merged: merged, at: now)
    }

    /// Forgets a person on request, with everything that belongs to it, in one transaction: the way of the console and
    /// the API. Throws: `ProfileError.notFound`, `StorageError`.
    package static func request(_ profileID: Int64, by actor: String, _ platform: Platform) async throws {
        try await platform.store.write { connection in
            let now = platform.effects.now()
            let event = try erase(profileID, at: now, effects: platform.effects, seal: platform.seal, connection)
            try AuditLog.append(
                actor: actor, action: "profile.erase", subject: "profile:\(profileID)", detail: "", connection, at: now)
            try SystemEventLog.append([event], now: now, effects: platform.effects, to: connection)
        }
    }

    private static func traits(
        of ids: [Int64], _ connection: any SQLConnection
    ) throws -> [String: JSONValue] {
        let rows = try connection.query("SELECT state FROM profiles WHERE id IN (\(list: ids))")
        return try rows.reduce(into: [:]) { all, row in
            for (name, value) in try ProfileState(parsing: try row.text(0)).values {
                all[name] = all[name].map { .array([$0, value]) } ?? value
            }
        }
    }

    /// Empties log rows of the person whose outcome is not written yet.
    static func wipeLog(_ positions: [Int64], _ connection: any SQLConnection) throws {
        guard !positions.isEmpty else { return }
        try connection.executeMany(
            """
            UPDATE event_log SET identities = '', properties = '{}', traits = '{}', context = '{}' WHERE position = ?
            """, positions.map { [.integer($0)] })
    }

    /// Tells the archiver at which place of the log the orders of an erased person became nobody's.
    static func place(_ events: [(event: SystemEvent, position: Int64)], _ connection: any SQLConnection) throws {
        for (event, position) in events where event.name == IdentityEvents.erased {
            let properties = try JSONValue(parsing: event.properties)
            guard let id = properties["profile"]?.stringValue.flatMap({ Int64($0) }) else { continue }
            try connection.execute("UPDATE orders SET position = \(position) WHERE position = \(-id)")
        }
    }

    private static func wipe(_ ids: [Int64], as id: Int64, at now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE event_log SET identities = '', properties = '{}', traits = '{}', context = '{}'
            WHERE position IN (
                SELECT position FROM event_outcomes WHERE profile_id IN (\(list: ids))
                    AND position >= (SELECT min(position) FROM event_log)
            )
            """)
        try MessageForgetting.forget(ids, connection)
        try connection.execute("DELETE FROM identities WHERE profile_id IN (\(list: ids))")
        try connection.execute("DELETE FROM identity_unlinks WHERE profile_id IN (\(list: ids))")
        try connection.execute("DELETE FROM identity_conflicts WHERE profile_id IN (\(list: ids))")
        try connection.execute(
            """
            UPDATE profile_merges SET detail = '{}', undone_ms = coalesce(undone_ms, \(now.milliseconds))
            WHERE winner_id IN (\(list: ids)) OR loser_id IN (\(list: ids))
            """)
        // The place in the log follows when the event has one (`place`).
        try connection.execute(
            "UPDATE orders SET profile_id = 0, position = \(-id) WHERE profile_id IN (\(list: ids))")
        try connection.execute("DELETE FROM stage_history WHERE profile_id IN (\(list: ids))")
        try SegmentMembers.forget(ids, connection)
        try TagHolders.forget(ids, connection)
        try ScoreRows.forget(ids, connection)
        try KeptFeatures.forget(ids, connection)
        try RewardClaimRows.forget(ids, connection)
        try PointsMerge.forget(ids, at: now, connection)
        try EarningRecords.forget(ids, connection)
        try CouponMerge.forget(ids, at: now, connection)
        try TierMerge.forget(ids, connection)
        try CentreSessions.forget(ids, connection)
        try Exposures.forget(ids, connection)
        try StaffTasks.forget(ids, at: now, connection)
        try JourneyGifts.forget(ids, connection)
        try Broadcasts.forget(ids, connection)
        try connection.execute(
            """
            UPDATE profiles SET deleted_ms = coalesce(deleted_ms, \(now.milliseconds)), identified = 0,
                identified_ms = NULL, display_name = NULL, event_count = 0, order_count = 0, net_spend = 0,
                first_order_ms = NULL, last_order_ms = NULL, stage = NULL, stage_since_ms = NULL,
                stage_due_ms = NULL, rfm_r = 0, rfm_f = 0, rfm_m = 0, rfm_class = NULL, tier = NULL,
                tier_since_ms = NULL, state = '{}', version = version + 1
            WHERE id IN (\(list: ids))
            """)
    }
}
