import Storage

/// Rewards that members claim for themselves.
package enum CentreRewards {
    /// The claims of the member, of accounts that were merged into theirs too, the newest first. Throws: `StorageError`.
    package static func claims(
        of session: CentreSession, limit: Int, _ connection: any SQLConnection
    ) throws -> [RewardClaim] {
        let all = try accounts(session.account.id, connection).flatMap { account in
            try RewardClaimRows.list(
                RewardClaimRows.Filter(account: account), before: nil, limit: limit, connection)
        }
        return Array(all.sorted { $0.id > $1.id }.prefix(limit))
    }

    /// One of them with its steps. Throws: `RewardError.claimNotFound`, `StorageError`.
    package static func claim(
        _ id: Int64, of session: CentreSession, _ connection: any SQLConnection
    ) throws -> RewardClaim {
        let claim = try RewardClaimRows.get(id, connection)
        guard try accounts(session.account.id, connection).contains(claim.account) else {
            throw RewardError.claimNotFound(id)
        }
        return claim
    }

    /// Throws: `CentreError`, `RewardError`, `PointsError`, `StorageError`.
    package static func claim(
        _ reward: Int64, delivery: [String: String], isOfPool: Bool = false, key: String, _ session: CentreSession,
        _ platform: Platform
    ) async throws -> RewardClaim {
        try session.requireWriting()
        let effects = platform.effects
        let request = RewardRequest(
            rewardID: reward, account: session.account.id, key: try CentreKeys.natural(key, session),
            delivery: delivery, isOfPool: isOfPool)
        return try await platform.store.write { connection in
            let settings = try CentreSettings.required(connection)
            try settings.require(.rewards)
            if isOfPool { try settings.require(.pool) }
            try CentreThrottle.take(.write, session.profileID, at: effects.now(), connection)
            let made = try RewardClaims.claim(request, by: session.actor, effects, connection)
            if !made.isRepeat {
                try AuditLog.append(
                    actor: session.actor, action: "centre.claim", subject: "reward_claim:\(made.claim.id)",
                    detail: "\(made.claim.points) \(made.claim.currency)", connection, at: effects.now())
            }
            return made.claim
        }
    }

    /// Takes back what nobody confirmed yet. Throws: `CentreError`, `RewardError`, `PointsError`, `StorageError`.
    package static func cancel(_ id: Int64, _ session: CentreSession, _ platform: Platform) async throws {
        try session.requireWriting()
        let effects = platform.effects
        try await platform.store.write { connection in
            try CentreSettings.required(connection).require(.rewards)
            try CentreThrottle.take(.write, session.profileID, at: effects.now(), connection)
            _ = try claim(id, of: session, connection)
            // Locked, so that it is not confirmed meanwhile.
            let now = try RewardClaimRows.get(id, locking: true, connection)
            guard now.state == .requested || now.state == .cancelled else {
                throw RewardError.step(from: now.state, to: .cancelled)
            }
            _ = try RewardClaims.step(id, to: .cancelled, note: "", by: session.actor, effects, connection)
        }
    }

    /// A member may take back only what is not confirmed.
    package static func mayCancel(_ claim: RewardClaim) -> Bool { claim.state == .requested }

    private static func accounts(_ account: Int64, _ connection: any SQLConnection) throws -> [Int64] {
        try connection.query(
            """
            WITH RECURSIVE own (id) AS (
                SELECT CAST(\(account) AS BIGINT)
                UNION SELECT m.loser_account FROM points_merges m JOIN own ON m.winner_account = own.id
                WHERE m.undone_ms IS NULL
            )
            SELECT id FROM own ORDER BY id LIMIT \(accountsMax)
            """
        ).map { try $0.int(0) }
    }

    private static let accountsMax = 100
}
