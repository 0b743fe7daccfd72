/// Where a kept password goes: nobody who changes the place sends a password there that they do not know.
struct PasswordPlace: Sendable, Equatable {
    var host: String
    var security: SMTPServer.Security
    var user: String

    /// What stays of a sealed password that a change says nothing of. Throws: `EmailError.passwordAgain` where it would go
    /// to another host, or there in the clear.
    func kept(_ sealed: String, from before: PasswordPlace) throws -> String {
        guard !sealed.isEmpty, isElsewhere(from: before) else { return sealed }
        // Without a host or a user nothing is signed in to; whoever names them later brings the password.
        guard !host.isEmpty, !user.isEmpty else { return "" }
        throw EmailError.passwordAgain
    }

    /// `tls` and `starttls` both send nothing before TLS, so only `none` is weaker.
    private func isElsewhere(from before: PasswordPlace) -> Bool {
        host.lowercased() != before.host.lowercased() || security == .none && before.security != .none
    }
}
