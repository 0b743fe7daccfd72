import Foundation

/// Shell processes that outlive a crash of the tests just long enough to clean up after them.
enum Watchdog {
    static var pid: Int32 { ProcessInfo.processInfo.processIdentifier }

    static func removeAfterThisProcess(_ path: String) {
        do {
            try start("while kill -0 \(pid) 2>/dev/null; do sleep 1; done; sleep 2; rm -rf '\(path)'")
        } catch {
            // Without a shell the folder stays in the temporary directory.
            return
        }
    }

    /// Runs `script` detached from the terminal and from the pipes of the test run.
    static func start(_ script: String) throws {
        _ = try TestProgram.start(["/usr/bin/setsid", "/bin/sh", "-c", script])
    }
}
