import Engine
import Foundation
import Storage

/// A folder with the copies of both stores and `manifest.json`, which is written last: without it there is no backup.
struct BackupFolder {
    struct Manifest: Codable, Equatable, Sendable {
        struct File: Codable, Equatable, Sendable {
            var path: String
            var bytes: Int64
            var sha256: String
        }

        var version: String
        var host: String
        var madeAtMilliseconds: Int64
        var store: String
        var analytics: String
        var files: [File]

        var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }
    }

    let path: String

    init(_ path: String) {
        self.path = path
    }

    var storeFolder: String { path + "/store" }
    var analyticsFolder: String { path + "/analytics" }
    private var manifestFile: String { path + "/manifest.json" }

    /// Copies both stores. No archiver may run meanwhile; what the operational copy has beyond the analytics copy is in
    /// its log then, and is archived after a restore.
    func make(of platform: Platform) async throws -> Manifest {
        for folder in [storeFolder, analyticsFolder] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        try await platform.analytics.backup(to: analyticsFolder)
        try await platform.store.backup(to: storeFolder)
        let store = try await platform.store.diagnose()
        let analytics = try await platform.analytics.diagnose()
        let manifest = Manifest(
            version: ProductVersion.current, host: ProcessInfo.processInfo.hostName,
            madeAtMilliseconds: platform.effects.now().milliseconds,
            store: "\(store.product) \(store.version), schema \(store.schemaVersion)",
            analytics: "\(analytics.product) \(analytics.version), schema \(analytics.schemaVersion)",
            files: try names().map(file))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(manifest).write(to: URL(fileURLWithPath: manifestFile), options: .atomic)
        return manifest
    }

    /// Reads the manifest and checks every file against it. Throws: `CommandFailure` naming the first that differs.
    func verified() throws -> Manifest {
        guard let content = FileManager.default.contents(atPath: manifestFile) else {
            throw CommandFailure(
                "\(path) has no manifest.json: it is no finished backup.", remedy: "Name a folder that `backup` made.")
        }
        let manifest = try JSONDecoder().decode(Manifest.self, from: content)
        for expected in manifest.files {
            guard FileManager.default.fileExists(atPath: path + "/" + expected.path),
                try file(expected.path) == expected
            else {
                throw CommandFailure(
                    "\(expected.path) differs from what the manifest says.",
                    remedy: "The backup is damaged; take another one.")
            }
        }
        return manifest
    }

    private func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
                && !isFolder.boolValue && name != "manifest.json"
        }.sorted()
    }

    private func file(_ name: String) throws -> Manifest.File {
        let (bytes, hash) = try FileDigest.sha256(path + "/" + name)
        return Manifest.File(path: name, bytes: bytes, sha256: hash)
    }
}
