import Synchronization

/// Notices that the clock went back. What was given a moment while it was ahead would wait until that moment comes again.
///
/// A process cannot know what happened before it started: its first look counts as one that found the clock gone back.
final class ClockWatch: Sendable {
    /// What lies less far ahead comes by itself, and the clocks of two machines may differ by so much.
    static let toleranceMilliseconds: Int64 = 10_000

    private let latest = Mutex<Timestamp?>(nil)

    /// Runs `mend` when the clock has gone back since the last look. One that fails runs again at the next look.
    func look(at now: Timestamp, _ mend: () async throws -> Void) async throws {
        let isBack = latest.withLock { latest -> Bool in
            guard let known = latest, now.milliseconds >= known.milliseconds - Self.toleranceMilliseconds else {
                latest = nil
                return true
            }
            latest = max(known, now)
            return false
        }
        guard isBack else { return }
        try await mend()
        latest.withLock { $0 = now }
    }

    /// The first moment that nobody whose clock is right has written down by now.
    static func beyond(_ now: Timestamp) -> Int64 { now.milliseconds + toleranceMilliseconds }
}
