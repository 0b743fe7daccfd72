import Storage

/// Someone who may sign in to the console.
package struct User: Sendable, Hashable, Codable {
    package var id: Int64
    /// Lower case; unique.
    package var email: String
    package var name: String
    package var role: Role
    /// `zh-Hans` or `en`.
    package var language: String
    package var theme: Theme
    package var createdAt: Timestamp
    package var disabledAt: Timestamp?
    /// False until the first one-time link was used to choose a password.
    package var hasPassword: Bool
    /// When the second factor was confirmed; nil without one.
    package var twoFactorSince: Timestamp?
    package var signedInAt: Timestamp?

    /// How the console looks to this person; `system` follows the device.
    package enum Theme: String, Sendable, Codable, CaseIterable {
        case light, dark, system
    }
}

extension User {
    /// Eleven columns; `Sessions` joins its own behind them.
    static let columns =
        "id, email, name, role, language, theme, created_ms, disabled_ms, password, two_factor_ms, signed_in_ms"

    /// Reads a row of `columns`. Throws: `AccountError.unknownRole` when a newer program wrote a role unknown here.
    init(row: SQLRow) throws {
        let roleWord = try row.text(3)
        guard let role = Role(rawValue: roleWord) else { throw AccountError.unknownRole(roleWord) }
        id = try row.int(0)
        email = try row.text(1)
        name = try row.text(2)
        self.role = role
        language = try row.text(4)
        theme = Theme(rawValue: try row.text(5)) ?? .system
        createdAt = Timestamp(milliseconds: try row.int(6))
        disabledAt = try row.intOrNil(7).map(Timestamp.init(milliseconds:))
        hasPassword = try !row.text(8).isEmpty
        twoFactorSince = try row.intOrNil(9).map(Timestamp.init(milliseconds:))
        signedInAt = try row.intOrNil(10).map(Timestamp.init(milliseconds:))
    }
}
