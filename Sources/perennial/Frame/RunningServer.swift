import Foundation

/// What `serve` leaves in the data folder (`server.json`, readable by its owner only), so that commands can find it.
struct RunningServer: Codable, Equatable, Sendable {
    var processID: Int32
    /// `http://127.0.0.1:8080`: reachable from this machine.
    var address: String
    var version: String

    /// The server that is running on the folder now, if any; a record left by a killed one is ignored.
    static func find(in folder: DataFolder) -> RunningServer? {
        guard let content = FileManager.default.contents(atPath: folder.serverFile),
            let server = try? JSONDecoder().decode(RunningServer.self, from: content)
        else { return nil }
        return kill(server.processID, 0) == 0 || errno == EPERM ? server : nil
    }

    /// Writes the record in one step, so that a reader never sees half of it.
    func publish(in folder: DataFolder) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let temporary = folder.serverFile + ".new"
        let made = FileManager.default.createFile(
            atPath: temporary, contents: try encoder.encode(self), attributes: [.posixPermissions: 0o600])
        guard made, rename(temporary, folder.serverFile) == 0 else {
            throw CommandFailure(
                "\(folder.serverFile) cannot be written: \(String(cString: strerror(errno))).",
                remedy: "Give this user the right to write in \(folder.path), or free disk space.")
        }
    }

    static func withdraw(from folder: DataFolder) {
        unlink(folder.serverFile)
    }
}
