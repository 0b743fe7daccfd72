import Storage

/// Signing in with email and password, slowed down by account and by address.
package enum SignIn {
    package enum Outcome: Sendable, Equatable {
        case signedIn(OpenedSession)
        /// Right so far; the second factor is asked for next, with this token.
        case challenge(token: String)
        /// Unknown account, wrong password, disabled, or no password chosen yet: never told apart.
        case refused
        case wait(seconds: Int)
    }

    /// Tries to sign in. A session that the browser held before ends (rotation). Throws: `StorageError`.
    package static func attempt(
        email: String, password: String, from origin: SignInOrigin, replacing oldToken: String?,
        on store: any OperationalStore, _ effects: Effects
    ) async throws -> Outcome {
        let account = "account:" + SecretToken.hash(email.lowercased())
        let address = "address:" + origin.address
        let now = effects.now()
        let found = try await store.read { connection -> (wait: Int, user: User?, stored: PasswordHash) in
            let wait = max(
                try SignInThrottle.wait(account, connection, at: now),
                try SignInThrottle.wait(address, connection, at: now))
            let user = try Users.find(email: email, connection)
            let stored = try user.map { try Users.storedPassword(of: $0.id, connection) }
            return (wait, user, stored ?? PasswordHash(stored: ""))
        }
        if found.wait > 0 { return .wait(seconds: found.wait) }
        let matches = await found.stored.matches(password)
        return try await store.write { connection in
            guard matches, let user = found.user, user.disabledAt == nil else {
                try SignInThrottle.failed(account, limit: AccountLimits.failuresByAccount, connection, at: now)
                try SignInThrottle.failed(address, limit: AccountLimits.failuresByAddress, connection, at: now)
                try AuditLog.append(
                    actor: address, action: "session.refused",
                    subject: found.user.map { "user:\($0.id)" } ?? "unknown", detail: "", connection, at: now)
                return .refused
            }
            try SignInThrottle.forget(account, connection)
            return try enter(user, by: .password, from: origin, replacing: oldToken, connection, effects)
        }
    }

    /// Lets in somebody who has proved who they are, or asks for the second factor that they have set up; the identity
    /// provider of a single sign-on has asked for its own.
    static func enter(
        _ user: User, by method: SignInMethod, from origin: SignInOrigin, replacing oldToken: String?,
        _ connection: any SQLConnection, _ effects: Effects
    ) throws -> Outcome {
        if user.twoFactorSince != nil, method != .sso {
            return .challenge(token: try SignInChallenge.open(for: user.id, by: method, connection, effects))
        }
        return .signedIn(try open(user.id, by: method, from: origin, replacing: oldToken, connection, effects))
    }

    /// A new session; the one that the browser held before ends.
    static func open(
        _ userID: Int64, by method: SignInMethod, from origin: SignInOrigin, replacing oldToken: String?,
        _ connection: any SQLConnection, _ effects: Effects
    ) throws -> OpenedSession {
        if let oldToken {
            try connection.execute("DELETE FROM sessions WHERE token_hash = \(SecretToken.hash(oldToken))")
        }
        let action = ["password": "session.open", "link": "session.link", "sso": "session.sso"][method.rawValue]
        try AuditLog.append(
            actor: "user:\(userID)", action: action ?? "session.open", subject: "user:\(userID)",
            detail: origin.address, connection, at: effects.now())
        return try Sessions.open(for: userID, method: method, from: origin, connection, effects)
    }
}

/// Counts wrong passwords by subject; past a limit the subject waits, twice as long each time.
enum SignInThrottle {
    static func wait(_ subject: String, _ connection: any SQLConnection, at now: Timestamp) throws -> Int {
        let row = try connection.first(
            "SELECT blocked_until_ms FROM sign_in_failures WHERE subject = \(subject)")
        // One that waits longer than any may was told to before the clock went back.
        let longest = now.milliseconds + Int64(AccountLimits.longestWaitSeconds) * 1000
        guard let until = try row?.int(0), until > now.milliseconds, until <= longest else { return 0 }
        return Int((until - now.milliseconds + 999) / 1000)
    }

    static func failed(_ subject: String, limit: Int, _ connection: any SQLConnection, at now: Timestamp) throws {
        let memory = Int64(AccountLimits.failureMemoryHours) * 3_600_000
        try connection.execute("DELETE FROM sign_in_failures WHERE first_ms < \(now.milliseconds - memory)")
        try connection.execute(
            """
            INSERT INTO sign_in_failures (subject, failures, first_ms, blocked_until_ms)
            VALUES (\(subject), 1, \(now.milliseconds), 0)
            ON CONFLICT (subject) DO UPDATE SET failures = sign_in_failures.failures + 1, first_ms = excluded.first_ms
            """)
        let row = try connection.first("SELECT failures FROM sign_in_failures WHERE subject = \(subject)")
        let failures = Int(try row?.int(0) ?? 1)
        guard failures >= limit else { return }
        let doublings = min(failures - limit, 10)
        let seconds = min(AccountLimits.firstWaitSeconds << doublings, AccountLimits.longestWaitSeconds)
        try connection.execute(
            """
            UPDATE sign_in_failures SET blocked_until_ms = \(now.milliseconds + Int64(seconds) * 1000)
            WHERE subject = \(subject)
            """)
    }

    static func forget(_ subject: String, _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM sign_in_failures WHERE subject = \(subject)")
    }
}
