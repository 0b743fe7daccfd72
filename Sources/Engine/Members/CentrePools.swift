import Storage

/// The household's pool in the member centre: the same commands as everywhere, with the member as who asks.
///
/// Invariants: a member does for others only what the pool's owner may; who is a member is told by an invitation alone,
/// as sparingly as by giving points (`CentreThrottle.find`); who only looks changes nothing.
package enum CentrePools {
    /// Throws: `CentreError`, `PoolError`, `StorageError`.
    package static func create(
        _ name: String, key: String, _ session: CentreSession, _ platform: Platform
    ) async throws {
        let (effects, natural) = (platform.effects, try CentreKeys.natural(key, session))
        try await write(session, platform) { connection in
            _ = try PointsPools.create(
                name, by: session.account.id, key: natural, actor: session.actor, effects, connection)
        }
    }

    /// Invites whoever has the member number, phone or address. Throws: `CentreError`, `PoolError`, `StorageError`.
    package static func invite(
        _ recipient: String, _ session: CentreSession, _ platform: Platform
    ) async throws {
        try session.requireWriting()
        let effects = platform.effects
        // By itself, so that it counts whatever comes of it.
        let found = try await platform.store.write { connection -> Int64? in
            try CentreSettings.required(connection).require(.pool)
            try CentreThrottle.take(.write, session.profileID, at: effects.now(), connection)
            return try CentreGiving.find(recipient, session, at: effects.now(), connection)
        }
        guard let found else { throw CentreError.noRecipient }
        try await platform.store.write { connection in
            let pool = try own(session, connection)
            _ = try PoolInvitations.invite(
                found, to: pool, by: session.account.id, actor: session.actor, effects, connection)
        }
    }

    /// Throws: `CentreError`, `PoolError`, `PointsError`, `StorageError`.
    package static func accept(_ invitation: Int64, _ session: CentreSession, _ platform: Platform) async throws {
        let effects = platform.effects
        try await write(session, platform) { connection in
            _ = try PoolInvitations.accept(
                invitation, by: session.account.id, actor: session.actor, effects, connection)
        }
    }

    /// Throws: `CentreError`, `PoolError`, `StorageError`.
    package static func refuse(_ invitation: Int64, _ session: CentreSession, _ platform: Platform) async throws {
        let now = platform.effects.now()
        try await write(session, platform) { connection in
            _ = try PoolInvitations.refuse(
                invitation, by: session.account.id, actor: session.actor, at: now, connection)
        }
    }

    /// Throws: `CentreError`, `PoolError`, `StorageError`.
    package static func withdraw(_ invitation: Int64, _ session: CentreSession, _ platform: Platform) async throws {
        let now = platform.effects.now()
        try await write(session, platform) { connection in
            _ = try PoolInvitations.withdraw(
                invitation, by: session.account.id, actor: session.actor, at: now, connection)
        }
    }

    /// Throws: `CentreError`, `PoolError`, `PointsError`, `StorageError`.
    package static func put(
        _ gift: CentreGiving.Gift, _ session: CentreSession, _ platform: Platform
    ) async throws {
        let (effects, key) = (platform.effects, try CentreKeys.natural(gift.key, session))
        try await write(session, platform) { connection in
            _ = try Points.perform(
                .contribute(
                    member: session.account.id, pool: try own(session, connection), currency: gift.currency,
                    gift.amount, key: key, note: [:]), effects: effects, connection)
        }
    }

    /// What the member shares, or whom they as owner let spend. Throws: `CentreError`, `PoolError`, `StorageError`.
    package static func change(
        _ change: PointsPools.Change, of member: Int64, _ session: CentreSession, _ platform: Platform
    ) async throws {
        let effects = platform.effects
        try await write(session, platform) { connection in
            _ = try PointsPools.change(
                change, of: member, in: try own(session, connection), by: session.account.id, actor: session.actor,
                effects, connection)
        }
    }

    /// The member themself, or another whom they as owner send away. Throws: `CentreError`, `PoolError`, `StorageError`.
    package static func leave(_ member: Int64, _ session: CentreSession, _ platform: Platform) async throws {
        let effects = platform.effects
        try await write(session, platform) { connection in
            _ = try PointsPools.leave(
                member, pool: try own(session, connection), by: session.account.id, actor: session.actor, effects,
                connection)
        }
    }

    /// Throws: `CentreError`, `PoolError`, `StorageError`.
    package static func dissolve(_ session: CentreSession, _ platform: Platform) async throws {
        let effects = platform.effects
        try await write(session, platform) { connection in
            _ = try PointsPools.dissolve(
                try own(session, connection), by: session.account.id, actor: session.actor, effects, connection)
        }
    }

    private static func own(_ session: CentreSession, _ connection: any SQLConnection) throws -> Int64 {
        guard let pool = try PoolRows.membership(of: session.account.id, connection)?.pool else {
            throw PoolError.notInPool
        }
        return pool
    }

    private static func write(
        _ session: CentreSession, _ platform: Platform, _ body: @escaping @Sendable (any SQLConnection) throws -> Void
    ) async throws {
        try session.requireWriting()
        let now = platform.effects.now()
        try await platform.store.write { connection in
            try CentreSettings.required(connection).require(.pool)
            try CentreThrottle.take(.write, session.profileID, at: now, connection)
            try body(connection)
        }
    }
}
