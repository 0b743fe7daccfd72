import Foundation

/// Where `scripts/fetch` unpacks what is not part of the repository.
enum FetchedFolder {
    /// `PERENNIAL_CACHE`, or `~/.cache/perennial`.
    static var path: String {
        let environment = ProcessInfo.processInfo.environment
        return environment["PERENNIAL_CACHE"] ?? (environment["HOME"] ?? "/root") + "/.cache/perennial"
    }
}
