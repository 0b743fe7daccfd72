import ServiceLifecycle
import Storage

/// Follows what arrives for one watcher, look by look, until the watcher goes, the server stops or the time is over.
package enum LiveFeed {
    private static let interval = Duration.milliseconds(500)
    /// A watcher comes back after so long; so a connection cannot stay for ever.
    private static let looksMax = 1_800

    /// Calls `deliver` at every look, also when nothing came; false ends it. Ends with a graceful shutdown.
    package static func follow(
        from place: LiveEvents.Place, _ filter: LiveEvents.Filter, _ platform: Platform,
        deliver: (LiveEvents) async throws -> Bool
    ) async throws {
        var place = place
        var looks = 0
        for await _ in AsyncTimer(every: interval).cancelOnGracefulShutdown() {
            let (from, now) = (place, platform.effects.now())
            let found = try await platform.store.read { try LiveEvents.next(after: from, filter, $0, at: now) }
            place = found.next
            looks += 1
            guard try await deliver(found), looks < looksMax else { return }
        }
    }
}
