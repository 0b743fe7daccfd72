import Storage

extension SignIn {
    /// Asks for the password again before something that matters; a user without one passes.
    /// Throws: `AccountError.wrongPassword`, `StorageError`.
    package static func confirm(password: String, of user: User, on store: any OperationalStore) async throws {
        guard user.hasPassword else { return }
        let stored = try await store.read { try Users.storedPassword(of: user.id, $0) }
        guard await stored.matches(password) else { throw AccountError.wrongPassword }
    }
}
