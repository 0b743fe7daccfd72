import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial backup FOLDER`: both stores, with a manifest that `restore` checks.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy both stores into a folder.",
        discussion: """
            The copy is consistent and complete; the folder must not exist yet. No archiver may run meanwhile: stop the
            server, or, where roles are split, the processes with the archive role; collection goes on.

            EXAMPLES
              perennial backup ./backup-2026-11-22 --data ./data
            """)

    @OptionGroup var options: PlatformOptions
    @Argument(help: "The folder to make.")
    var folder: String

    func run() async throws {
        let path = URL(fileURLWithPath: folder).standardizedFileURL.path
        guard !FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure("\(path) exists already.", remedy: "Name a folder that does not exist.")
        }
        try await options.withPlatform { platform in
            try await refuseWhileArchiving(platform)
            let backup = BackupFolder(path)
            let manifest = try await backup.make(of: platform)
            _ = try backup.verified()
            let record = BackupRecord(
                madeAt: Timestamp(milliseconds: manifest.madeAtMilliseconds), verifiedAt: platform.effects.now(),
                bytes: manifest.bytes, files: manifest.files.count, folder: path)
            try await platform.store.write { try record.save($0) }
            print("Backed up \(manifest.files.count) files, \(manifest.bytes / 1_000_000) MB, to \(path), read back")
        }
    }

    /// The two copies belong together only when nothing moves between the stores while they are made.
    private func refuseWhileArchiving(_ platform: Platform) async throws {
        let now = platform.effects.now()
        let progress = try await platform.store.read { try LogProgress.load($0, now: now) }
        let living = progress.processes.filter {
            $0.role == "archiver" && now.milliseconds - $0.seen.milliseconds < Self.aliveMilliseconds
        }
        guard living.isEmpty else {
            throw CommandFailure(
                "An archiver is running on these stores.",
                remedy: "Stop the processes with the archive role, wait 10 seconds, and try again.")
        }
    }

    /// A process that was heard of more recently is taken to live.
    private static let aliveMilliseconds: Int64 = 10_000
}

/// `perennial restore FOLDER`: a backup into empty stores.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring a backup back into empty stores.",
        discussion: """
            Every file is checked against the manifest before anything is written.

            EXAMPLES
              perennial restore ./backup-2026-11-22 --data ./restored
              perennial restore ./backup-2026-11-22 --store postgres://perennial@db/perennial
            """)

    @OptionGroup var options: PlatformOptions
    @Argument(help: "The folder that `backup` made.")
    var folder: String

    func run() async throws {
        let backup = BackupFolder(URL(fileURLWithPath: folder).standardizedFileURL.path)
        let manifest = try backup.verified()
        let configuration = try await options.loadConfiguration()
        try await configuration.withEmptyStores { store, analytics in
            try await store.restore(from: backup.storeFolder)
            try await analytics.restore(from: backup.analyticsFolder)
        }
        print("Restored \(manifest.files.count) files made by version \(manifest.version) on \(manifest.host)")
    }
}
