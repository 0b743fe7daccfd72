import Foundation

/// Held by the one process that has the embedded analytics store of a data folder open.
///
/// An advisory lock (`flock`) on `server.lock`: the kernel gives it back when the process ends, however it ends.
final class DataFolderLock: Sendable {
    private let descriptor: Int32

    /// Throws: `CommandFailure` naming the process that holds the folder.
    init(_ folder: DataFolder) throws {
        descriptor = open(folder.lockFile, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(
                "The lock file \(folder.lockFile) cannot be opened: \(String(cString: strerror(errno))).",
                remedy: "Give this user the right to write in \(folder.path).")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Self.held(folder)
        }
    }

    /// Gives the folder free for the next process. The kernel does so too when this one ends.
    func release() {
        flock(descriptor, LOCK_UN)
    }

    deinit {
        close(descriptor)
    }

    private static func held(_ folder: DataFolder) -> CommandFailure {
        guard let server = RunningServer.find(in: folder) else {
            return CommandFailure(
                "Another perennial command is working on \(folder.path).",
                remedy: "Wait until it has finished: the embedded analytics store can be open in one process only.")
        }
        return CommandFailure(
            "A server (process \(server.processID), \(server.address)) is running on \(folder.path), and the embedded "
                + "analytics store can be open in one process only.",
            remedy: "Stop the server first, or use its console or API at \(server.address).")
    }
}
