import Storage

/// What opening the mailbox came to; no letter is read.
package struct BounceMailboxTrial: Sendable, Equatable {
    package var isOpen: Bool
    /// In the folder; 0 when it did not open.
    package var letters: Int64
    /// Why it did not open, in the server's or libcurl's words.
    package var answer: String

    /// Signs in and opens the folder, as the settings say. Throws: `EmailError.noMailbox`, `StorageError`.
    package static func run(_ platform: Platform) async throws -> BounceMailboxTrial {
        let settings = try await platform.store.read { try BounceMailbox.load($0) }
        guard settings.isSetUp else { throw EmailError.noMailbox }
        do {
            let folder = try await IMAPConnection(try settings.server(platform.seal)).open()
            return BounceMailboxTrial(isOpen: true, letters: folder.letters, answer: "")
        } catch {
            let words = String(BounceMailboxPoll.words(error).prefix(BounceMailboxLimits.errorCharacters))
            return BounceMailboxTrial(isOpen: false, letters: 0, answer: words)
        }
    }
}
