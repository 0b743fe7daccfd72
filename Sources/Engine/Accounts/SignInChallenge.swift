import Storage

/// The second step of a sign-in: the first factor is proved, the code of the authenticator app is asked for.
package enum SignInChallenge {
    package enum Outcome: Sendable, Equatable {
        case signedIn(OpenedSession)
        case wrongCode
        case wait(seconds: Int)
        /// Too old, used, or never given: the first step is to be repeated.
        case notValid
    }

    /// Returns the token that the browser keeps meanwhile.
    static func open(
        for userID: Int64, by method: SignInMethod, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> String {
        let token = SecretToken(effects: effects)
        let now = effects.now()
        let expires = now.adding(milliseconds: Int64(AccountLimits.challengeMinutes) * 60_000)
        try connection.execute("DELETE FROM sign_in_challenges WHERE expires_ms <= \(now.milliseconds)")
        try connection.execute(
            """
            INSERT INTO sign_in_challenges (token_hash, user_id, method, expires_ms)
            VALUES (\(token.hash), \(userID), \(method.rawValue), \(expires.milliseconds))
            """)
        return token.text
    }

    /// Whether a token still waits for its code. Throws: `StorageError`.
    package static func isOpen(_ token: String, _ connection: any SQLConnection, at now: Timestamp) throws -> Bool {
        try holder(token, connection, at: now) != nil
    }

    /// Takes a code of the app, or a recovery code. Wrong ones make the account wait as wrong passwords do.
    /// Throws: `SealError.unreadable` when the secret was sealed under another key, `StorageError`.
    package static func answer(
        _ token: String, code: String, from origin: SignInOrigin, replacing oldToken: String?, _ platform: Platform
    ) async throws -> Outcome {
        try await platform.store.write { connection in
            let now = platform.effects.now()
            guard let (userID, method) = try holder(token, connection, at: now),
                let user = try Users.find(id: userID, connection), user.disabledAt == nil
            else { return .notValid }
            let subject = "code:\(userID)"
            let wait = try SignInThrottle.wait(subject, connection, at: now)
            if wait > 0 { return .wait(seconds: wait) }
            guard try TwoFactor.accept(code, of: userID, platform.seal, connection, at: now) else {
                try SignInThrottle.failed(subject, limit: AccountLimits.failuresByAccount, connection, at: now)
                try AuditLog.append(
                    actor: "address:\(origin.address)", action: "session.refused", subject: "user:\(userID)",
                    detail: "code", connection, at: now)
                return .wrongCode
            }
            try SignInThrottle.forget(subject, connection)
            try connection.execute("DELETE FROM sign_in_challenges WHERE user_id = \(userID)")
            return .signedIn(
                try SignIn.open(
                    userID, by: method, from: origin, replacing: oldToken, connection, platform.effects))
        }
    }

    private static func holder(
        _ token: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> (userID: Int64, method: SignInMethod)? {
        let row = try connection.first(
            """
            SELECT user_id, method FROM sign_in_challenges
            WHERE token_hash = \(SecretToken.hash(token)) AND expires_ms > \(now.milliseconds)
            """)
        return try row.map { (try $0.int(0), SignInMethod(rawValue: try $0.text(1)) ?? .password) }
    }
}
