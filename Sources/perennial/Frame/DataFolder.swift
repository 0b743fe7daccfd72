import Foundation

/// The folder of one installation and the names of what lies in it.
struct DataFolder: Sendable, Equatable {
    let path: String

    init(_ path: String) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    var storeFile: String { path + "/perennial.sqlite" }
    var storeURL: String { "sqlite://" + storeFile }
    var analyticsURL: String { "chdb://\(path)/analytics" }
    var lockFile: String { path + "/server.lock" }
    var secretKeyFile: String { path + "/secret.key" }
    var serverFile: String { path + "/server.json" }

    /// Makes the folder, readable by its owner only. Throws: `CommandFailure` when that is impossible.
    func create() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(
                "The data folder \(path) cannot be made: \(error.localizedDescription)",
                remedy: "Choose another with --data or PERENNIAL_DATA, or give this user the right to write there.")
        }
    }
}
