import Engine
import Foundation
import Logging
import ServiceLifecycle

/// Mails the digests of dashboards when they fall due. Any number of processes may run it: `DigestSendings` sees to it that a
/// recipient is mailed once.
package struct DigestService: Service {
    private let platform: Platform
    private let channel: EmailChannel
    private let strings: StringCatalogues
    /// What links in letters begin with.
    private let address: String
    private static let interval = Duration.seconds(20)

    /// Throws: `ConsoleFault` when the program's resources are missing.
    package init(platform: Platform, channel: EmailChannel, address: String) throws {
        guard let resources = Bundle.module.resourcePath else { throw ConsoleFault.missingResources("Web") }
        self.platform = platform
        self.channel = channel
        self.address = address
        strings = try StringCatalogues(folder: resources + "/Strings", languages: Workspace.languages)
    }

    package func run() async throws {
        for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
            do {
                try await round()
            } catch is CancellationError {
                return
            } catch {
                platform.logger.warning("Digests could not be mailed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Mails everything that is due now. Without a mail server nothing is claimed, so what is due waits for one.
    /// Throws: `StorageError`; `CancellationError`.
    func round() async throws {
        let now = platform.effects.now()
        let (due, workspace) = try await platform.store.read { connection in
            guard try EmailSettings.load(connection).isSetUp else {
                return ([DigestSendings.Due](), Workspace(name: ""))
            }
            return (try DigestSendings.due(connection, at: now), try Workspace.load(connection))
        }
        guard !due.isEmpty else { return }
        try await platform.store.write { try DigestSendings.tidy($0, at: now) }
        for one in due {
            try await mail(one, workspace)
        }
    }

    private func mail(_ due: DigestSendings.Due, _ workspace: Workspace) async throws {
        let wording = Wording(catalogue: try strings[workspace.language], workspace: workspace)
        // The figures first: a store that does not answer leaves nobody half mailed.
        let digest = try await DigestLetter.compose(
            due.dashboard, due.digest, at: due.at, workspace, wording, address: address, platform)
        let letter = EmailLetter(subject: digest.subject, html: digest.html, text: digest.text)
        let claimed = try await platform.store.write {
            try DigestSendings.claim(due, $0, at: platform.effects.now())
        }
        for recipient in claimed {
            let outcome = await channel.write(letter, to: recipient, platform)
            try await platform.store.write {
                try DigestSendings.settle(due, recipient, outcome, $0, at: platform.effects.now())
            }
        }
    }
}
