import Foundation

/// Opens the analytics store at `url` (see `AnalyticsAddress`).
///
/// Returns at once: the embedded engine starts on a thread of its own, and the first call waits for it. `library` is
/// the folder of the embedded engine, by default `chdb-core-26.9.0` in `$PERENNIAL_CACHE` or `~/.cache/perennial`.
/// Throws: `StorageError.badAddress`.
package func openAnalyticsStore(_ url: String, library: String? = nil) async throws -> any AnalyticsStore {
    let address = try AnalyticsAddress(url)
    switch address {
    case .embedded(let folder, let database):
        let library = library ?? ChDBDriver.defaultFolder(environment: ProcessInfo.processInfo.environment)
        return EmbeddedAnalyticsStore(address: address, folder: folder, database: database, library: library)
    case .server(let server):
        return ClusterAnalyticsStore(address: address, server: server)
    }
}
