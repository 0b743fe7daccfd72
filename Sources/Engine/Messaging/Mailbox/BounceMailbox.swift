import Storage

/// The mailbox that letters come back to, and how it is read: delivery reports and complaints are fetched from it by IMAP.
///
/// What a letter says is taken in the transaction that moves the mark beyond it, so a letter counts once whatever dies
/// when; flags of the mailbox decide nothing. The password is kept sealed.
package struct BounceMailbox: Codable, Sendable, Equatable {
    /// What becomes of a letter that was taken.
    package enum Keeping: String, Codable, Sendable, CaseIterable {
        /// It stays, marked as read: fetching it does that (RFC 9051 §6.4.5).
        case seen
        /// Reports are deleted; any other letter stays, marked as read.
        case deleted
    }

    package var isOn = false
    package var host = ""
    package var port = 993
    package var security = SMTPServer.Security.tls
    package var user = ""
    /// Sealed; empty: none.
    var password = ""
    /// As the server names it; beyond ASCII in modified UTF-7.
    package var folder = "INBOX"
    package var everyMinutes: Int64 = 5
    package var keeping = Keeping.seen

    package init() {}

    package var isSetUp: Bool { !host.isEmpty && !user.isEmpty }
    package var hasPassword: Bool { !password.isEmpty }

    static let name = "bounce_mailbox"
    private static let purpose = "bounce_mailbox:password"

    /// Throws: `StorageError`, `DecodingError`.
    package static func load(_ connection: any SQLConnection) throws -> BounceMailbox {
        try Settings.load(BounceMailbox.self, name, connection) ?? BounceMailbox()
    }

    /// A change: a `password` that stays nil is kept, unless it would go to another host; an empty one is taken away.
    /// It is looked into anew at once.
    /// Throws: `EmailError`, `StorageError`.
    package static func save(
        _ draft: BounceMailbox, password: String?, by actor: String, _ seal: Seal, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> BounceMailbox {
        var saved = draft
        let before = try load(connection)
        try saved.validate()
        if let password {
            guard password.utf8.count <= EmailLimits.textBytes, !password.contains(where: \.isNewline) else {
                throw EmailError.badText(field: "password")
            }
            saved.password = password.isEmpty ? "" : seal.seal(password, for: purpose, effects)
        } else {
            saved.password = try saved.passwordPlace.kept(before.password, from: before.passwordPlace)
        }
        let now = effects.now()
        try Settings.save(saved, name, connection, at: now)
        try BounceMailboxState.hurry(connection)
        try AuditLog.append(
            actor: actor, action: "email.mailbox_save", subject: "email", detail: saved.host, connection, at: now)
        return saved
    }

    private var passwordPlace: PasswordPlace { PasswordPlace(host: host, security: security, user: user) }

    /// Which mailbox the marks of the state are of.
    var place: String { "\(host):\(port) \(user) \(folder)" }

    /// Throws: `EmailError.noMailbox`, `SealError`.
    func server(_ seal: Seal) throws -> IMAPServer {
        guard isSetUp else { throw EmailError.noMailbox }
        return IMAPServer(
            host: host, port: port, security: security, user: user,
            password: password.isEmpty ? "" : try seal.open(password, for: Self.purpose), folder: folder)
    }

    private func validate() throws {
        try EmailSettings.check(host: host, port: port)
        if isOn, host.isEmpty { throw EmailError.badHost(host) }
        let isUser = user.utf8.count <= EmailLimits.textBytes && !user.contains(where: \.isNewline)
        guard isUser, !isOn || !user.isEmpty else { throw EmailError.badText(field: "user") }
        let isFolder = folder.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && !"%*\"\\".utf8.contains($0) }
        guard isFolder, (1...BounceMailboxLimits.folderBytes).contains(folder.utf8.count) else {
            throw EmailError.badFolder(folder)
        }
        guard BounceMailboxLimits.everyMinutes.contains(everyMinutes) else {
            throw EmailError.badInterval(everyMinutes)
        }
    }
}

package enum BounceMailboxLimits {
    package static let everyMinutes: ClosedRange<Int64> = 1...1_440
    package static let folderBytes = 200
    /// Letters, and bytes of them, that are read before what was read is deleted and the next look begins.
    static let letters = 50
    static let bytes = 20_000_000
    /// UIDs that one search covers: as many answers fit the line that libcurl reads.
    static let searchSpan: Int64 = 5_000
    static let searches = 100
    /// How often a letter that cannot be read is tried before it is left out.
    static let tries: Int64 = 5
    /// Letters that wait to be deleted; beyond that the oldest stay where they are.
    static let pending = 1_000
    static let leaseMilliseconds: Int64 = 180_000
    /// The first pause after a failure, doubled each time.
    static let backoffMilliseconds: Int64 = 60_000
    static let backoffMaxMilliseconds: Int64 = 3_600_000
    static let errorCharacters = 300
}
