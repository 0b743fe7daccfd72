import Storage

/// A session just opened; the token goes into the cookie and is kept nowhere.
package struct OpenedCentre: Sendable, Equatable {
    package var token: String
    package var expiresAt: Timestamp
}

/// A member in the member centre, as a request finds them.
package struct CentreSession: Sendable, Equatable {
    package var tokenHash: String
    /// The living person.
    package var profileID: Int64
    package var account: MemberAccount
    package var name: String?
    package var csrfToken: String
    package var isPreview: Bool

    /// How the audit log names them.
    package var actor: String { "member:\(account.id)" }

    /// Throws: `CentreError.preview`.
    func requireWriting() throws {
        guard !isPreview else { throw CentreError.preview }
    }
}

/// Members who came in. A session ends with its time, with what opened it, when the person is erased, when the account
/// closes, and when the member centre is turned off. After a merge it is of the person that the two became.
package enum CentreSessions {
    /// Throws: `CentreError.throttled`, `.notMember`, `StorageError`.
    static func open(
        _ profile: Int64, origin: String, isPreview: Bool, replacing old: String?, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> OpenedCentre {
        guard let account = try member(profile, connection) else { throw CentreError.notMember }
        let (token, csrf, now) = (SecretToken(effects: effects), SecretToken(effects: effects), effects.now())
        try CentreThrottle.take(.open, account.profileID, at: now, connection)
        let minutes =
            isPreview
            ? Int64(CentreLimits.previewMinutes) : Int64(try CentreSettings.required(connection).sessionHours) * 60
        let expires = now.adding(milliseconds: minutes * 60_000)
        try connection.execute("DELETE FROM centre_sessions WHERE expires_ms <= \(now.milliseconds)")
        if let old { try close(tokenHash: SecretToken.hash(old), connection) }
        try connection.execute(
            """
            DELETE FROM centre_sessions WHERE token_hash IN (
                SELECT token_hash FROM centre_sessions WHERE profile_id = \(account.profileID)
                ORDER BY created_ms DESC, token_hash LIMIT 1000 OFFSET \(CentreLimits.sessions - 1))
            """)
        try connection.execute(
            """
            INSERT INTO centre_sessions (token_hash, profile_id, origin, is_preview, csrf_token, created_ms, expires_ms)
            VALUES (\(token.hash), \(account.profileID), \(origin), \(isPreview), \(csrf.text), \(now.milliseconds),
                \(expires.milliseconds))
            """)
        try AuditLog.append(
            actor: "member:\(account.id)", action: "centre.open", subject: "member:\(account.id)", detail: origin,
            connection, at: now)
        return OpenedCentre(token: token.text, expiresAt: expires)
    }

    /// Comes in by the brand's own token, which opens one session and no second. Throws: `CentreError`, `StorageError`,
    /// `SealError.unreadable`.
    package static func open(
        brandToken text: String, replacing old: String?, _ seal: Seal, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> OpenedCentre {
        let now = effects.now()
        let token = try CentreToken(text, try CentreSettings.required(connection), seal, at: now)
        let row = try connection.first(
            "SELECT profile_id FROM identities WHERE kind = \(IdentityKind.userID) AND value = \(token.userID)")
        guard let profile = try row?.int(0) else { throw CentreError.notMember }
        try connection.execute("DELETE FROM centre_tokens WHERE expires_ms <= \(now.milliseconds)")
        // Its signature is another's if it is written another way: what is signed stands for it.
        let signed = text.prefix(upTo: text.lastIndex(of: ".") ?? text.endIndex)
        let fresh = try connection.execute(
            """
            INSERT INTO centre_tokens (token_hash, expires_ms)
            VALUES (\(SecretToken.hash(String(signed))), \(token.expiresAt.milliseconds)) ON CONFLICT DO NOTHING
            """)
        guard fresh == 1 else { throw CentreError.badToken("used") }
        return try open(profile, origin: token.key, isPreview: false, replacing: old, effects, connection)
    }

    /// The living session behind a cookie's token; nil where there is none. Throws: `StorageError`.
    package static func find(
        token: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> CentreSession? {
        guard token.utf8.count <= 128 else { return nil }
        let hash = SecretToken.hash(token)
        let row = try connection.first(
            """
            SELECT profile_id, csrf_token, is_preview FROM centre_sessions
            WHERE token_hash = \(hash) AND expires_ms > \(now.milliseconds)
            """)
        guard let row, let account = try member(row.int(0), connection) else { return nil }
        let person = try PeopleByID.load([account.profileID], connection).first
        return CentreSession(
            tokenHash: hash, profileID: account.profileID, account: account, name: person?.displayName,
            csrfToken: try row.text(1), isPreview: try row.bool(2))
    }

    /// The open account of a person, or of whom they became by a merge; nil of who is erased or no member.
    /// Throws: `StorageError`.
    static func member(_ profile: Int64, _ connection: any SQLConnection) throws -> MemberAccount? {
        let living: Int64
        do {
            living = try ProfileDetail.resolve(profile, connection)
        } catch is ProfileError {
            return nil
        }
        guard let account = try PointsAccounts.ofProfile(living, connection), account.closedAt == nil else {
            return nil
        }
        return account
    }

    /// Throws: `StorageError`.
    package static func close(tokenHash: String, _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM centre_sessions WHERE token_hash = \(tokenHash)")
    }

    static func close(origin: String, _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM centre_sessions WHERE origin = \(origin)")
    }

    static func closeAll(_ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM centre_sessions")
    }

    /// The people were erased: nothing leads to them any more. Throws: `StorageError`.
    static func forget(_ profiles: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM centre_sessions WHERE profile_id IN (\(list: profiles))")
        try connection.execute("DELETE FROM centre_links WHERE profile_id IN (\(list: profiles))")
        let subjects = profiles.flatMap { id in ["write \(id)", "find \(id)", "open \(id)"] }
        try connection.execute("DELETE FROM centre_attempts WHERE subject IN (\(list: subjects))")
    }
}
