import Storage

/// Claims on rewards: the points are spent when one is made and come back, with the expiry they had, when it is cancelled.
///
/// Invariants: a claim takes from the stock and from the member in one transaction, or neither; claims of one reward wait
/// for each other, so that neither stock nor a member's limit is ever exceeded; a key stands for one claim for all time.
/// Locks are taken in this order: claim, reward, account.
package enum RewardClaims {
    /// Claims; the same request again is answered as it stands. Throws: `RewardError`, `PointsError`, `StorageError`.
    package static func claim(
        _ request: RewardRequest, by actor: String, tier: RewardTierLookup = RewardTiers.current, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> (claim: RewardClaim, isRepeat: Bool) {
        try request.check()
        if let first = try repeated(request, connection) { return (first, true) }
        let now = effects.now()
        // Locks the reward; what is over the stock changes nothing.
        let taken = try connection.execute(
            """
            UPDATE rewards SET stock = stock - \(request.quantity), claimed = claimed + \(request.quantity)
            WHERE id = \(request.rewardID) AND (stock IS NULL OR stock >= \(request.quantity))
            """)
        if let first = try repeated(request, connection) {
            try putBack(request.rewardID, taken == 1 ? request.quantity : 0, restock: true, connection)
            return (first, true)
        }
        var check = try check(request, tier, at: now, connection)
        // As it was before this claim took its part.
        if taken == 1 { check.reward.stock = check.reward.stock.map { $0 + request.quantity } }
        if let refusal = check.refusals(at: now).first { throw RewardError.refused(refusal) }
        // Restocked since it was found empty: nothing was taken.
        guard taken == 1 else { throw RewardError.refused(.outOfStock(left: 0)) }
        let definition = check.reward.definition
        let claim = RewardClaim(
            id: effects.newID(), key: request.key, rewardID: request.rewardID, account: request.account,
            pool: request.isOfPool ? try PointsPools.of(request.account, connection)?.id : nil,
            quantity: request.quantity, currency: definition.currency, points: definition.points * request.quantity,
            money: definition.money * request.quantity, state: .requested, delivery: request.delivery,
            requestedAt: now, changedAt: now, steps: [])
        try RewardClaimRows.insert(claim, request.fingerprint, by: actor, connection)
        do {
            _ = try Points.perform(payment(of: claim, definition), effects: effects, connection)
        } catch PointsError.insufficient(let available, let wanted) {
            throw RewardError.refused(.insufficient(available: available, wanted: wanted))
        }
        try say(claim, definition, at: now, effects, connection)
        return (try RewardClaimRows.get(claim.id, connection), false)
    }

    /// Takes a claim one step on; a cancelled one gives back its points, and its goods unless they are lost.
    /// `note`: payment, parcel number, code or reason. Throws: `RewardError`, `PointsError`, `StorageError`.
    package static func step(
        _ id: Int64, to state: RewardClaim.State, note: String, restock: Bool = true, by actor: String,
        _ effects: Effects, _ connection: any SQLConnection
    ) throws -> RewardClaim {
        guard note.utf8.count <= RewardLimits.noteBytes else { throw RewardError.note(limit: RewardLimits.noteBytes) }
        let claim = try RewardClaimRows.get(id, locking: true, connection)
        let reward = try Rewards.get(claim.rewardID, connection)
        // Done twice is done once: a till that heard no answer asks again.
        if claim.state == state { return claim }
        guard claim.state.next(reward.definition.fulfilment).contains(state) else {
            throw RewardError.step(from: claim.state, to: state)
        }
        if state == .confirmed, claim.money > 0, note.isEmpty { throw RewardError.unpaid(money: claim.money) }
        let now = effects.now()
        try RewardClaimRows.advance(claim, to: state, note: note, by: actor, at: now, connection)
        if state == .cancelled {
            try putBack(claim.rewardID, claim.quantity, restock: restock, connection)
            _ = try Points.perform(
                .giveBack(
                    redemption: claim.redemptionKey, nil, key: claim.redemptionKey,
                    note: note.isEmpty ? [:] : ["reason": note]),
                effects: effects, connection)
        }
        var after = claim
        (after.state, after.changedAt) = (state, now)
        try say(after, reward.definition, at: now, effects, connection)
        try AuditLog.append(
            actor: actor, action: "reward_claim.\(state.rawValue)", subject: "reward_claim:\(id)", detail: note,
            connection, at: now)
        return try RewardClaimRows.get(id, connection)
    }

    private static func payment(of claim: RewardClaim, _ definition: RewardDefinition) -> PointsCommand {
        let note = ["reward": definition.name("en"), "claim": String(claim.id)]
        guard let pool = claim.pool else {
            return .redeem(
                account: claim.account, currency: claim.currency, claim.points, key: claim.redemptionKey, note: note)
        }
        return .spendPool(
            pool: pool, member: claim.account, currency: claim.currency, claim.points, key: claim.redemptionKey,
            note: note)
    }

    /// What a member may have, with every reason why not; `isOfPool`: for points of their pool.
    /// Throws: `PointsError.accountNotFound`, `StorageError`.
    package static func offers(
        to account: Int64, isOfPool: Bool = false, tier: RewardTierLookup = RewardTiers.current, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> [(reward: Reward, refusals: [RewardRefusal])] {
        let member = try PointsAccounts.get(account, connection)
        let code = try tier(member.profileID, connection)
        let balances = try self.balances(of: member, isOfPool: isOfPool, connection)
        return try Rewards.list(onlyOffered: true, connection).map { reward in
            let check = RewardCheck(
                reward: reward, quantity: 1, had: try had(reward, by: account, at: now, connection), tier: code,
                available: balances[reward.definition.currency]?.available ?? 0,
                isClosed: member.closedAt != nil)
            return (reward, check.refusals(at: now))
        }
    }

    /// Of who may not spend of a pool nothing.
    private static func balances(
        of member: MemberAccount, isOfPool: Bool, _ connection: any SQLConnection
    ) throws -> [String: PointsBalance] {
        guard isOfPool else { return member.balances }
        return try PointsPools.spendable(by: member.id, connection)?.balances ?? [:]
    }

    private static func check(
        _ request: RewardRequest, _ tier: RewardTierLookup, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> RewardCheck {
        let reward = try Rewards.get(request.rewardID, connection)
        let member = try PointsAccounts.get(request.account, connection)
        return RewardCheck(
            reward: reward, quantity: request.quantity,
            had: try had(reward, by: request.account, at: now, connection),
            tier: reward.definition.tiers.isEmpty ? nil : try tier(member.profileID, connection),
            available: try balances(of: member, isOfPool: request.isOfPool, connection)[reward.definition.currency]?
                .available ?? 0, isClosed: member.closedAt != nil)
    }

    /// How many the member has within the reward's days, by accounts that were merged into this one too.
    private static func had(
        _ reward: Reward, by account: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Int64 {
        guard reward.definition.memberMax != nil else { return 0 }
        let since = reward.definition.memberDays.map { now.adding(days: -$0).milliseconds } ?? 0
        let row = try connection.first(
            """
            WITH RECURSIVE own (id) AS (
                SELECT CAST(\(account) AS BIGINT)
                UNION SELECT m.loser_account FROM points_merges m JOIN own ON m.winner_account = own.id
                WHERE m.undone_ms IS NULL
            )
            SELECT CAST(coalesce(sum(c.quantity), 0) AS BIGINT) FROM reward_claims c JOIN own ON c.account_id = own.id
            WHERE c.reward_id = \(reward.id) AND c.state <> 'cancelled' AND c.requested_ms > \(since)
            """)
        return try row?.int(0) ?? 0
    }

    private static func putBack(
        _ reward: Int64, _ quantity: Int64, restock: Bool, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            UPDATE rewards SET stock = stock + \(restock ? quantity : 0), claimed = claimed - \(quantity)
            WHERE id = \(reward)
            """)
    }

    /// What the same request made before. Throws: `RewardError.keyReused` when it was another one.
    private static func repeated(_ request: RewardRequest, _ connection: any SQLConnection) throws -> RewardClaim? {
        guard let found = try RewardClaimRows.keyed(request.key, connection) else { return nil }
        guard found.hash == request.fingerprint else { throw RewardError.keyReused(request.key) }
        return found.claim
    }

    private static func say(
        _ claim: RewardClaim, _ definition: RewardDefinition, at now: Timestamp, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws {
        let profile = try PointsAccounts.get(claim.account, connection).profileID
        guard profile != 0 else { return }
        let event = SystemEvent(
            name: RewardEvents.name(claim.state), profileID: profile, time: now,
            properties: JSONValue.object([
                "claim": JSONValue(id: claim.id), "reward": JSONValue(id: claim.rewardID),
                "name": .string(definition.name("en")), "quantity": .integer(claim.quantity),
                "currency": .string(claim.currency), "points": .integer(claim.points),
                "money": .integer(claim.money),
            ]).text())
        try SystemEventLog.append([event], now: now, effects: effects, to: connection)
    }
}

/// What rewards say happened.
package enum RewardEvents {
    /// `Reward Requested`, …
    package static func name(_ state: RewardClaim.State) -> String {
        "Reward " + state.rawValue.prefix(1).uppercased() + state.rawValue.dropFirst()
    }
}
