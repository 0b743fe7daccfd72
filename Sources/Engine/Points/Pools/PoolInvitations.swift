import Storage

/// How members come into a pool: its owner invites, they accept.
package enum PoolInvitations {
    /// Throws: `PoolError.invitationNotFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> PoolInvitation {
        try PoolRows.invitation(id, connection)
    }

    /// Of a pool, the newest first. Throws: `StorageError`.
    package static func of(pool: Int64, _ connection: any SQLConnection) throws -> [PoolInvitation] {
        try PoolRows.invitations("pool_id = \(pool)", connection)
    }

    /// That wait for a member's answer, the newest first. Throws: `StorageError`.
    package static func waiting(
        for account: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [PoolInvitation] {
        try PoolRows.invitations(
            "account_id = \(account) AND state = 'open' AND expires_ms > \(now.milliseconds)", connection)
    }

    /// Asks a member; the same again while it is open is answered as it stands. `by`: the owner; nil: the brand, in the
    /// owner's name. Throws: `PoolError`, `PointsError`, `StorageError`.
    package static func invite(
        _ account: Int64, to pool: Int64, by member: Int64?, actor: String, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> (invitation: PoolInvitation, isRepeat: Bool) {
        let now = effects.now()
        _ = try PointsPools.locked(pool, [account], at: now, connection)
        if let member, try !PointsPools.membership(member, in: pool, connection).isOwner { throw PoolError.notOwner }
        guard try PoolRows.membership(of: account, connection)?.pool != pool else { throw PoolError.inPool }
        let open = try PoolRows.invitations(
            "pool_id = \(pool) AND state = 'open' AND expires_ms > \(now.milliseconds)", connection)
        if let known = open.first(where: { $0.account == account }) { return (known, true) }
        guard open.count < PoolLimits.invitations else {
            throw PoolError.tooManyInvitations(limit: PoolLimits.invitations)
        }
        try checkRoom(in: pool, connection)
        let id = effects.newID()
        try connection.execute(
            """
            INSERT INTO points_pool_invitations (id, pool_id, account_id, state, created_ms, expires_ms)
            VALUES (\(id), \(pool), \(account), 'open', \(now.milliseconds),
                \(now.adding(days: PoolLimits.invitationDays).milliseconds))
            """)
        try AuditLog.append(
            actor: actor, action: "pool.invite", subject: "pool:\(pool)", detail: "member \(account)", connection,
            at: now)
        try PointsPools.say(PoolEvents.invited, to: [account], of: pool, at: now, effects, connection)
        return (try get(id, connection), false)
    }

    /// The invited member joins. `by`: who answers, who has to be the invited; nil: the brand, in their name.
    /// Throws: `PoolError`, `PointsError`, `StorageError`.
    package static func accept(
        _ id: Int64, by member: Int64?, actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> PointsPool {
        let now = effects.now()
        let asked = try mine(id, member, connection)
        let batch = try PointsPools.locked(asked.pool, [asked.account], at: now, connection)
        let invitation = try get(id, connection)
        // Accepted twice is accepted once.
        if invitation.state == .accepted,
            try PoolRows.membership(of: invitation.account, connection)?.pool == invitation.pool
        {
            return try PointsPools.get(invitation.pool, connection)
        }
        guard invitation.isOpen(at: now) else { throw PoolError.invitationEnded }
        guard try PoolRows.membership(of: invitation.account, connection) == nil else { throw PoolError.inPool }
        try checkRoom(in: invitation.pool, connection)
        try PoolRows.insert(
            PoolRows.Membership(
                pool: invitation.pool, account: invitation.account, isOwner: false, maySpend: true, share: 0,
                swept: batch.accounts[invitation.account]?.sequence ?? 0, joinedAt: now), connection)
        try close([id], .accepted, at: now, connection)
        var changed = batch
        let events = try changed.save(request: nil, connection)
        try AuditLog.append(
            actor: actor, action: "pool.join", subject: "pool:\(invitation.pool)",
            detail: "member \(invitation.account)", connection, at: now)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        try PointsPools.say(
            PoolEvents.joined, to: [invitation.account], of: invitation.pool, at: now, effects, connection)
        return try PointsPools.get(invitation.pool, connection)
    }

    /// The invited member does not join. Again: nothing. Throws: `PoolError`, `StorageError`.
    package static func refuse(
        _ id: Int64, by member: Int64?, actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> PoolInvitation {
        try end(try mine(id, member, connection), .refused, "pool.refuse", actor: actor, at: now, connection)
    }

    /// The pool takes it back. Again: nothing. `by`: its owner; nil: the brand. Throws: `PoolError`, `StorageError`.
    package static func withdraw(
        _ id: Int64, by member: Int64?, actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> PoolInvitation {
        let invitation = try get(id, connection)
        if let member {
            let own = try PoolRows.membership(of: member, connection)
            // Of other pools nothing is told.
            guard own?.pool == invitation.pool else { throw PoolError.invitationNotFound(id) }
            guard own?.isOwner == true else { throw PoolError.notOwner }
        }
        return try end(invitation, .withdrawn, "pool.withdraw", actor: actor, at: now, connection)
    }

    // MARK: -

    /// Somebody else's is not there.
    private static func mine(
        _ id: Int64, _ member: Int64?, _ connection: any SQLConnection
    ) throws -> PoolInvitation {
        let invitation = try get(id, connection)
        guard member == nil || member == invitation.account else { throw PoolError.invitationNotFound(id) }
        return invitation
    }

    private static func end(
        _ invitation: PoolInvitation, _ state: PoolInvitation.State, _ action: String, actor: String,
        at now: Timestamp, _ connection: any SQLConnection
    ) throws -> PoolInvitation {
        if invitation.state == state { return invitation }
        guard try close([invitation.id], state, at: now, connection) == 1 else { throw PoolError.invitationEnded }
        try AuditLog.append(
            actor: actor, action: action, subject: "pool:\(invitation.pool)", detail: "member \(invitation.account)",
            connection, at: now)
        return try get(invitation.id, connection)
    }

    /// The condition decides between two who answer at once.
    @discardableResult
    private static func close(
        _ ids: [Int64], _ state: PoolInvitation.State, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Int {
        try connection.execute(
            """
            UPDATE points_pool_invitations SET state = \(state.rawValue), decided_ms = \(now.milliseconds)
            WHERE id IN (\(list: ids)) AND state = 'open'
            """)
    }

    private static func checkRoom(in pool: Int64, _ connection: any SQLConnection) throws {
        guard try PoolRows.members(of: pool, connection).count < PoolLimits.members else {
            throw PoolError.full(limit: PoolLimits.members)
        }
    }
}
