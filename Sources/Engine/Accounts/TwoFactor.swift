import Storage

/// A person's second factor: an authenticator app, with recovery codes for the day when the phone is gone.
///
/// Invariants: the secret is stored sealed only, recovery codes as SHA-256 only; a code, and a recovery code, is taken
/// once; the factor counts from the moment when a first code proved that the app has the secret.
package enum TwoFactor {
    /// What the account page says.
    package struct Standing: Sendable, Equatable {
        package var since: Timestamp?
        package var recoveryCodesLeft: Int
    }

    private static let purpose = "two_factor"

    package static func standing(of userID: Int64, _ connection: any SQLConnection) throws -> Standing {
        let row = try connection.first("SELECT confirmed_ms FROM two_factors WHERE user_id = \(userID)")
        let left = try connection.first(
            "SELECT count(*) FROM recovery_codes WHERE user_id = \(userID) AND used_ms IS NULL")
        return Standing(
            since: try row?.intOrNil(0).map(Timestamp.init(milliseconds:)),
            recoveryCodesLeft: Int(try left?.int(0) ?? 0))
    }

    /// Begins: a new secret that does not count yet. A factor that is confirmed stays until `turnOff`.
    /// Throws: `AccountError.unknownUser` when there is a confirmed one, `StorageError`.
    package static func begin(_ user: User, _ seal: Seal, _ connection: any SQLConnection, _ effects: Effects) throws {
        guard user.twoFactorSince == nil else { throw AccountError.unknownUser }
        let secret = Base32.text(effects.randomBytes(TOTP.secretBytes))
        let sealed = seal.seal(secret, for: "\(purpose):\(user.id)", effects)
        try connection.execute("DELETE FROM two_factors WHERE user_id = \(user.id)")
        try connection.execute(
            """
            INSERT INTO two_factors (user_id, secret, created_ms, last_step)
            VALUES (\(user.id), \(sealed), \(effects.now().milliseconds), 0)
            """)
    }

    /// The secret that waits for its first code, to be shown; nil when there is none.
    /// Throws: `SealError.unreadable`, `StorageError`.
    package static func pending(of user: User, _ seal: Seal, _ connection: any SQLConnection) throws -> TOTP? {
        guard
            let row = try connection.first(
                "SELECT secret FROM two_factors WHERE user_id = \(user.id) AND confirmed_ms IS NULL"),
            let secret = Base32.bytes(try seal.open(try row.text(0), for: "\(purpose):\(user.id)"))
        else { return nil }
        return TOTP(secret: secret)
    }

    /// Makes the pending factor count, proved by a first code. Returns the recovery codes, which nobody can show again.
    /// Throws: `AccountError.wrongCode`, `SealError.unreadable`, `StorageError`.
    package static func confirm(
        _ user: User, code: String, _ seal: Seal, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> [String] {
        let now = effects.now()
        guard let totp = try pending(of: user, seal, connection),
            let step = totp.step(matching: digits(code), at: now, after: 0)
        else { throw AccountError.wrongCode }
        try connection.execute(
            """
            UPDATE two_factors SET confirmed_ms = \(now.milliseconds), last_step = \(step) WHERE user_id = \(user.id)
            """)
        try connection.execute("UPDATE users SET two_factor_ms = \(now.milliseconds) WHERE id = \(user.id)")
        try AuditLog.append(
            actor: "user:\(user.id)", action: "two_factor.on", subject: "user:\(user.id)", detail: "", connection,
            at: now)
        return try renewRecoveryCodes(of: user.id, connection, effects)
    }

    /// Ends the factor: by its owner, or by an administrator for somebody whose phone and codes are gone, whose sessions
    /// end with it.
    /// Throws: `AccountError.twoFactorRequired` when its owner may not be without, `StorageError`.
    package static func turnOff(
        _ userID: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        if actor == "user:\(userID)", try Workspace.load(connection).requiresTwoFactor {
            throw AccountError.twoFactorRequired
        }
        try connection.execute("DELETE FROM two_factors WHERE user_id = \(userID)")
        try connection.execute("DELETE FROM recovery_codes WHERE user_id = \(userID)")
        try connection.execute("DELETE FROM sign_in_challenges WHERE user_id = \(userID)")
        try connection.execute("UPDATE users SET two_factor_ms = NULL WHERE id = \(userID)")
        if actor != "user:\(userID)" { try Sessions.closeAll(of: userID, connection) }
        try AuditLog.append(
            actor: actor, action: "two_factor.off", subject: "user:\(userID)", detail: "", connection, at: now)
    }

    /// New recovery codes; the old ones end. Throws: `StorageError`.
    package static func renewRecoveryCodes(
        of userID: Int64, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> [String] {
        let codes = (0..<AccountLimits.recoveryCodes).map { _ in recoveryCode(effects) }
        try connection.execute("DELETE FROM recovery_codes WHERE user_id = \(userID)")
        try connection.executeMany(
            "INSERT INTO recovery_codes (code_hash, user_id) VALUES (?, ?)",
            codes.map { [.text(hash($0, of: userID)), .integer(userID)] })
        try AuditLog.append(
            actor: "user:\(userID)", action: "two_factor.codes", subject: "user:\(userID)", detail: "", connection,
            at: effects.now())
        return codes
    }

    /// Whether this is the code of the app now, or an unused recovery code; either is used up by it.
    /// Throws: `SealError.unreadable`, `StorageError`.
    package static func accept(
        _ code: String, of userID: Int64, _ seal: Seal, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> Bool {
        guard
            let row = try connection.first(
                """
                SELECT secret, last_step FROM two_factors
                WHERE user_id = \(userID) AND confirmed_ms IS NOT NULL\(raw: connection.dialect.forUpdate)
                """)
        else { return false }
        if code.utf8.filter({ $0 >= 0x30 && $0 <= 0x39 }).count == 6, digits(code).utf8.count == 6 {
            let text = try seal.open(try row.text(0), for: "\(purpose):\(userID)")
            guard let secret = Base32.bytes(text),
                let step = TOTP(secret: secret).step(matching: digits(code), at: now, after: try row.int(1))
            else { return false }
            try connection.execute("UPDATE two_factors SET last_step = \(step) WHERE user_id = \(userID)")
            return true
        }
        let used = try connection.execute(
            """
            UPDATE recovery_codes SET used_ms = \(now.milliseconds)
            WHERE code_hash = \(hash(code, of: userID)) AND user_id = \(userID) AND used_ms IS NULL
            """)
        return used == 1
    }

    /// Two groups of five Base32 characters: 50 bits.
    private static func recoveryCode(_ effects: Effects) -> String {
        let text = Base32.text(effects.randomBytes(7)).prefix(10).lowercased()
        return text.prefix(5) + "-" + text.suffix(5)
    }

    private static func hash(_ code: String, of userID: Int64) -> String {
        let plain = code.lowercased().filter { $0.isLetter || $0.isNumber }
        return SecretToken.hash("recovery:\(userID):\(plain)")
    }

    /// People type codes with spaces.
    private static func digits(_ code: String) -> String {
        code.filter { !$0.isWhitespace }
    }
}
