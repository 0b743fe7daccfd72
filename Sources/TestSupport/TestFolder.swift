import Foundation

/// Temporary folders of this test process, all in one place that its watchdog removes.
package enum TestFolder {
    /// Where everything of this process goes.
    package static let root: String = {
        let path = NSTemporaryDirectory() + "perennial-tests-\(ProcessInfo.processInfo.processIdentifier)"
        Watchdog.removeAfterThisProcess(path)
        return path
    }()

    /// A new, empty folder. Throws when the disk refuses.
    package static func make(_ purpose: String) throws -> String {
        let path = "\(root)/\(purpose)-\(UUID().uuidString.lowercased().prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
