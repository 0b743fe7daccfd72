import Storage

/// Where a sign-in came from, kept with the session so that its owner can recognise it.
package struct SignInOrigin: Sendable, Equatable {
    package var address: String
    package var userAgent: String

    package init(address: String, userAgent: String) {
        self.address = String(address.prefix(64))
        self.userAgent = String(userAgent.prefix(300))
    }
}

/// A session just opened; the token goes into the cookie and is kept nowhere.
package struct OpenedSession: Sendable, Equatable {
    package var token: String
    /// For the forms of a page that is answered together with the session.
    package var csrfToken: String
    package var userID: Int64
    package var expiresAt: Timestamp
}

/// A signed-in visit as a request finds it.
package struct Session: Sendable, Equatable {
    package var tokenHash: String
    package var user: User
    package var csrfToken: String
    package var seenAt: Timestamp
    package var createdAt: Timestamp
    package var address: String
    package var userAgent: String
    package var method: SignInMethod
}

/// How somebody proved who they are.
package enum SignInMethod: String, Sendable, Codable {
    case password, link
    /// By the identity provider, which has its own second factor.
    case sso
}

/// Signed-in visits. Only the SHA-256 of a token is kept; a session ends when it idles, when it is old, when its user
/// is disabled, gets another role, changes the password or signs out. A new password and a second factor end the others.
package enum Sessions {
    /// Opens a session for a user who has proved who they are.
    static func open(
        for userID: Int64, method: SignInMethod, from origin: SignInOrigin, _ connection: any SQLConnection,
        _ effects: Effects
    ) throws -> OpenedSession {
        let token = SecretToken(effects: effects)
        let csrf = SecretToken(effects: effects)
        let now = effects.now()
        let expires = now.adding(days: AccountLimits.sessionDays)
        try connection.execute("DELETE FROM sessions WHERE expires_ms <= \(now.milliseconds)")
        try connection.execute(
            """
            INSERT INTO sessions
                (token_hash, user_id, csrf_token, created_ms, seen_ms, expires_ms, address, user_agent, method)
            VALUES (\(token.hash), \(userID), \(csrf.text), \(now.milliseconds), \(now.milliseconds),
                \(expires.milliseconds), \(origin.address), \(origin.userAgent),
                \(method.rawValue))
            """)
        try connection.execute("UPDATE users SET signed_in_ms = \(now.milliseconds) WHERE id = \(userID)")
        return OpenedSession(token: token.text, csrfToken: csrf.text, userID: userID, expiresAt: expires)
    }

    /// The living session behind a cookie's token, or nil. Throws: `StorageError`.
    package static func find(token: String, _ connection: any SQLConnection, at now: Timestamp) throws -> Session? {
        guard token.utf8.count <= 128 else { return nil }
        return try select(
            "s.token_hash = \(SecretToken.hash(token))", connection, at: now
        ).first
    }

    /// The same session as it stands now, for answers that last longer than a request; nil when it has ended.
    package static func find(
        tokenHash: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> Session? {
        try select("s.token_hash = \(tokenHash)", connection, at: now).first
    }

    /// The living sessions of one user, newest first.
    package static func list(of userID: Int64, _ connection: any SQLConnection, at now: Timestamp) throws -> [Session] {
        try select("s.user_id = \(userID)", connection, at: now)
    }

    /// Whether the session's last-seen time is old enough to be written again.
    package static func needsTouch(_ session: Session, at now: Timestamp) -> Bool {
        now.seconds - session.seenAt.seconds >= Int64(AccountLimits.sessionSeenSeconds)
    }

    package static func touch(_ session: Session, _ connection: any SQLConnection, at now: Timestamp) throws {
        try connection.execute(
            "UPDATE sessions SET seen_ms = \(now.milliseconds) WHERE token_hash = \(session.tokenHash)")
    }

    /// Gives a session another token after its user's password or second factor changed; the old token is worth nothing
    /// from then on.
    package static func rotate(
        _ session: Session, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> OpenedSession {
        let token = SecretToken(effects: effects)
        let csrf = SecretToken(effects: effects)
        try connection.execute(
            """
            UPDATE sessions SET token_hash = \(token.hash), csrf_token = \(csrf.text)
            WHERE token_hash = \(session.tokenHash)
            """)
        return OpenedSession(
            token: token.text, csrfToken: csrf.text, userID: session.user.id,
            expiresAt: session.createdAt.adding(days: AccountLimits.sessionDays))
    }

    /// Ends every session of a user.
    static func closeAll(of userID: Int64, _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM sessions WHERE user_id = \(userID)")
    }

    /// Ends one session of a user.
    package static func close(tokenHash: String, of userID: Int64, _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM sessions WHERE token_hash = \(tokenHash) AND user_id = \(userID)")
    }

    /// Ends every session of a user but one.
    package static func closeOthers(than tokenHash: String, of userID: Int64, _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM sessions WHERE user_id = \(userID) AND token_hash <> \(tokenHash)")
    }

    private static func select(_ filter: SQL, _ connection: any SQLConnection, at now: Timestamp) throws -> [Session] {
        let idleSince = now.adding(milliseconds: -Int64(AccountLimits.sessionIdleHours) * 3_600_000)
        let rows = try connection.query(
            """
            SELECT u.id, u.email, u.name, u.role, u.language, u.theme, u.created_ms, u.disabled_ms, u.password,
                u.two_factor_ms, u.signed_in_ms, s.method, s.token_hash, s.csrf_token, s.seen_ms, s.created_ms, s.address, s.user_agent
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE \(filter) AND s.expires_ms > \(now.milliseconds) AND s.seen_ms > \(idleSince.milliseconds)
                AND u.disabled_ms IS NULL
            ORDER BY s.seen_ms DESC
            """)
        return try rows.map { row in
            Session(
                tokenHash: try row.text(12), user: try User(row: row), csrfToken: try row.text(13),
                seenAt: Timestamp(milliseconds: try row.int(14)), createdAt: Timestamp(milliseconds: try row.int(15)),
                address: try row.text(16), userAgent: try row.text(17),
                method: SignInMethod(rawValue: try row.text(11)) ?? .password)
        }
    }
}
