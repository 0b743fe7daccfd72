import Storage

/// A link that signs its holder in once and lets them choose a password.
package struct SignInLink: Sendable, Equatable {
    package var token: String
    package var userID: Int64
    package var expiresAt: Timestamp

    /// To be put behind the address of the console: `/sign-in/link/TOKEN`.
    package var path: String { "/sign-in/link/\(token)" }
}

extension Users {
    package enum LinkPurpose: String, Sendable {
        case firstSignIn = "first_sign_in"
        case invitation
        case passwordReset = "password_reset"
    }

    /// Makes a one-time sign-in link; the ones given to this user before stop working.
    /// Throws: `AccountError.unknownUser`, `StorageError`.
    package static func oneTimeLink(
        for userID: Int64, purpose: LinkPurpose, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> SignInLink {
        guard try find(id: userID, connection) != nil else { throw AccountError.unknownUser }
        let token = SecretToken(effects: effects)
        let now = effects.now()
        let hours = purpose == .invitation ? AccountLimits.invitationDays * 24 : AccountLimits.linkHours
        let expires = now.adding(milliseconds: Int64(hours) * 3_600_000)
        try connection.execute(
            "DELETE FROM sign_in_links WHERE user_id = \(userID) OR expires_ms < \(now.milliseconds)")
        try connection.execute(
            """
            INSERT INTO sign_in_links (token_hash, user_id, purpose, created_ms, expires_ms)
            VALUES (\(token.hash), \(userID), \(purpose.rawValue), \(now.milliseconds), \(expires.milliseconds))
            """)
        return SignInLink(token: token.text, userID: userID, expiresAt: expires)
    }

    /// Who a link would sign in, without using it up. Throws: `AccountError.linkNotValid`, `StorageError`.
    package static func holder(
        ofLink token: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> User {
        let row = try connection.first(
            """
            SELECT user_id FROM sign_in_links
            WHERE token_hash = \(SecretToken.hash(token)) AND used_ms IS NULL AND expires_ms > \(now.milliseconds)
            """)
        guard let row, let user = try find(id: row.int(0), connection), user.disabledAt == nil else {
            throw AccountError.linkNotValid
        }
        return user
    }

    /// Uses a link up; sets the password when one was chosen (`PasswordHash.make`). Opens a session, or asks for the
    /// second factor: a link replaces the password, not the phone. A session that the browser held before ends.
    /// Throws: `AccountError.linkNotValid`, `StorageError`.
    package static func redeem(
        link token: String, password: PasswordHash?, from origin: SignInOrigin, replacing oldToken: String? = nil,
        _ connection: any SQLConnection, _ effects: Effects
    ) throws -> SignIn.Outcome {
        let now = effects.now()
        let user = try holder(ofLink: token, connection, at: now)
        let used = try connection.execute(
            """
            UPDATE sign_in_links SET used_ms = \(now.milliseconds)
            WHERE token_hash = \(SecretToken.hash(token)) AND used_ms IS NULL
            """)
        guard used == 1 else { throw AccountError.linkNotValid }
        if let password {
            try change(password: password, of: user.id, keeping: nil, by: "user:\(user.id)", connection, at: now)
        }
        return try SignIn.enter(user, by: .link, from: origin, replacing: oldToken, connection, effects)
    }

    /// The links that wait to be used, by user, with the end of their time. Throws: `StorageError`.
    package static func waitingLinks(_ connection: any SQLConnection, at now: Timestamp) throws -> [Int64: Timestamp] {
        let rows = try connection.query(
            """
            SELECT user_id, expires_ms FROM sign_in_links WHERE used_ms IS NULL AND expires_ms > \(now.milliseconds)
            """)
        return try rows.reduce(into: [:]) { links, row in
            links[try row.int(0)] = Timestamp(milliseconds: try row.int(1))
        }
    }

    /// Takes back every link of a user that is not used yet; somebody who was only invited and never came is removed.
    /// Safe to repeat. Throws: `AccountError.unknownUser`, `StorageError`.
    package static func revokeLinks(
        of userID: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        guard let user = try find(id: userID, connection) else { throw AccountError.unknownUser }
        try connection.execute("DELETE FROM sign_in_links WHERE user_id = \(userID) AND used_ms IS NULL")
        let neverCame = user.signedInAt == nil && !user.hasPassword
        if neverCame {
            if user.role == .admin { try requireAnotherAdministrator(than: userID, connection) }
            try Sessions.closeAll(of: userID, connection)
            try connection.execute("DELETE FROM users WHERE id = \(userID)")
        }
        try AuditLog.append(
            actor: actor, action: "user.link_revoke", subject: "user:\(userID)", detail: user.email, connection,
            at: now)
    }

    /// The link that lets the host in the first time: makes an administrator when there is no user at all, and keeps
    /// giving links until somebody has chosen a password. Nil from then on.
    package static func firstAdministratorLink(
        email: String, language: String, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> SignInLink? {
        try connection.lock("users")
        if try connection.first("SELECT id FROM users WHERE password <> ''") != nil { return nil }
        let row = try connection.first("SELECT id FROM users WHERE role = 'admin' ORDER BY created_ms, id")
        let userID =
            try row?.int(0)
            ?? create(
                email: email, name: "Admin", role: .admin, language: language, by: "system", connection, effects
            ).id
        return try oneTimeLink(for: userID, purpose: .firstSignIn, connection, effects)
    }
}
