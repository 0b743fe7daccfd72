import Foundation
import Storage

/// The people who may sign in. Emails are kept in lower case and are unique; somebody can always manage users.
package enum Users {
    /// Adds a user without a password; hand over a `oneTimeLink` next.
    /// Throws: `AccountError.badEmail`, `.emailTaken`, `.badName`, `StorageError`.
    package static func create(
        email: String, name: String, role: Role, language: String, by actor: String,
        _ connection: any SQLConnection, _ effects: Effects
    ) throws -> User {
        let address = try normalised(email: email)
        let title = try normalised(name: name.isEmpty ? String(address.prefix { $0 != "@" }) : name)
        guard try find(email: address, connection) == nil else { throw AccountError.emailTaken(address) }
        let user = User(
            id: effects.newID(), email: address, name: title, role: role,
            language: Workspace.languages.contains(language) ? language : Workspace().language, theme: .system,
            createdAt: effects.now(), disabledAt: nil, hasPassword: false, twoFactorSince: nil, signedInAt: nil)
        try connection.execute(
            """
            INSERT INTO users (id, email, name, role, password, language, theme, created_ms)
            VALUES (\(user.id), \(user.email), \(user.name), \(role.rawValue), '', \(user.language),
                \(user.theme.rawValue), \(user.createdAt.milliseconds))
            """)
        try AuditLog.append(
            actor: actor, action: "user.create", subject: "user:\(user.id)", detail: "\(role.rawValue) \(address)",
            connection, at: effects.now())
        return user
    }

    package static func find(id: Int64, _ connection: any SQLConnection) throws -> User? {
        try connection.first("SELECT \(raw: User.columns) FROM users WHERE id = \(id)").map(User.init(row:))
    }

    package static func find(email: String, _ connection: any SQLConnection) throws -> User? {
        try connection.first("SELECT \(raw: User.columns) FROM users WHERE email = \(email.lowercased())")
            .map(User.init(row:))
    }

    /// Everyone, those who can sign in first, by name.
    package static func list(_ connection: any SQLConnection) throws -> [User] {
        try connection.query(
            """
            SELECT \(raw: User.columns) FROM users
            ORDER BY CASE WHEN disabled_ms IS NULL THEN 0 ELSE 1 END, name, id
            """
        ).map(User.init(row:))
    }

    /// Gives a user another role and ends their sessions: they sign in anew with the new rights.
    /// Throws: `AccountError.unknownUser`, `.lastAdministrator`, `StorageError`.
    package static func change(
        role: Role, of id: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        let user = try existing(id, connection)
        guard user.role != role else { return }
        if user.role == .admin { try requireAnotherAdministrator(than: id, connection) }
        try connection.execute("UPDATE users SET role = \(role.rawValue) WHERE id = \(id)")
        try Sessions.closeAll(of: id, connection)
        try AuditLog.append(
            actor: actor, action: "user.role", subject: "user:\(id)",
            detail: "\(user.role.rawValue) → \(role.rawValue)", connection, at: now)
    }

    /// Lets a user in again, or keeps one out and ends all of their sessions.
    /// Throws: `AccountError.unknownUser`, `.lastAdministrator`, `StorageError`.
    package static func change(
        disabled: Bool, of id: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        let user = try existing(id, connection)
        guard (user.disabledAt != nil) != disabled else { return }
        if disabled, user.role == .admin { try requireAnotherAdministrator(than: id, connection) }
        let since: SQLValue = disabled ? .integer(now.milliseconds) : .null
        try connection.execute("UPDATE users SET disabled_ms = \(since) WHERE id = \(id)")
        if disabled { try Sessions.closeAll(of: id, connection) }
        try AuditLog.append(
            actor: actor, action: disabled ? "user.disable" : "user.enable", subject: "user:\(id)",
            detail: user.email, connection, at: now)
    }

    /// What a user may say about themselves. Throws: `AccountError.badName`, `.unknownUser`, `StorageError`.
    package static func change(
        name: String, language: String, theme: User.Theme, of id: Int64, _ connection: any SQLConnection
    ) throws {
        _ = try existing(id, connection)
        let title = try normalised(name: name)
        let tongue = Workspace.languages.contains(language) ? language : Workspace().language
        try connection.execute(
            """
            UPDATE users SET name = \(title), language = \(tongue), theme = \(theme.rawValue) WHERE id = \(id)
            """)
    }

    /// Sets a password that was hashed before, and ends every session but the one with `keeping`.
    package static func change(
        password: PasswordHash, of id: Int64, keeping session: String?, by actor: String,
        _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        _ = try existing(id, connection)
        try connection.execute("UPDATE users SET password = \(password.text) WHERE id = \(id)")
        try connection.execute(
            "DELETE FROM sessions WHERE user_id = \(id) AND token_hash <> \(session ?? "")")
        try AuditLog.append(
            actor: actor, action: "user.password", subject: "user:\(id)", detail: "", connection, at: now)
    }

    static func storedPassword(of id: Int64, _ connection: any SQLConnection) throws -> PasswordHash {
        let row = try connection.first("SELECT password FROM users WHERE id = \(id)")
        return PasswordHash(stored: try row?.text(0) ?? "")
    }

    private static func existing(_ id: Int64, _ connection: any SQLConnection) throws -> User {
        guard let user = try find(id: id, connection) else { throw AccountError.unknownUser }
        return user
    }

    static func requireAnotherAdministrator(than id: Int64, _ connection: any SQLConnection) throws {
        try connection.lock("users")
        let others = try connection.first(
            "SELECT count(*) FROM users WHERE role = 'admin' AND disabled_ms IS NULL AND id <> \(id)")
        guard try others?.int(0) ?? 0 > 0 else { throw AccountError.lastAdministrator }
    }

    private static func normalised(email: String) throws -> String {
        let address = email.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        let sides = address.split(separator: "@", omittingEmptySubsequences: false)
        let printable = address.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
        guard sides.count == 2, sides.allSatisfy({ !$0.isEmpty }), printable,
            address.count <= AccountLimits.emailCharacters
        else { throw AccountError.badEmail(email) }
        return address
    }

    private static func normalised(name: String) throws -> String {
        let title = name.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !title.isEmpty, title.count <= AccountLimits.nameCharacters else { throw AccountError.badName }
        return title
    }
}
