import Engine
import Synchronization

/// The settings that collectors obey.
package struct CollectSettings: Sendable {
    /// The zone of times that carry none.
    package var zone: LocalCalendar
    package var sensorsMapping: SensorsEventMapping
    /// What becomes of hits that are no person's.
    package var traffic = TrafficPolicy.apart
    /// By which visitors without storage are told apart for a day.
    package var visitorSalt = ""

    package init(zone: LocalCalendar = .utc, sensorsMapping: SensorsEventMapping = .standard) {
        self.zone = zone
        self.sensorsMapping = sensorsMapping
    }
}

/// Holds the settings and reads them again when they are older than a few seconds; the last ones stand while the store
/// cannot be read.
package final class CollectSettingsCache: Sendable {
    private static let refreshMilliseconds: Int64 = 5_000

    private struct State {
        var settings = CollectSettings()
        var readAt: Timestamp?
    }

    private let platform: Platform
    private let state = Mutex(State())

    init(platform: Platform) {
        self.platform = platform
    }

    func current() async -> CollectSettings {
        let now = platform.effects.now()
        let isMine = state.withLock { state in
            if let readAt = state.readAt, now.elapsedMilliseconds(since: readAt) < Self.refreshMilliseconds {
                return false
            }
            // Taken before reading, so that one request in five seconds reads and the others go on.
            state.readAt = now
            return true
        }
        if isMine { await read() }
        return state.withLock { $0.settings }
    }

    private func read() async {
        do {
            var settings = try await platform.store.read { connection in
                let workspace = try Workspace.load(connection)
                var settings = CollectSettings(
                    zone: LocalCalendar(timeZone: workspace.timeZone) ?? .utc,
                    sensorsMapping: try SensorsEventMapping.load(connection))
                settings.traffic = try TrafficPolicy.load(connection)
                return settings
            }
            settings.visitorSalt = try await VisitorSalt.today(settings.zone, platform)
            let read = settings
            state.withLock { $0.settings = read }
        } catch {
            platform.logger.warning("Collection settings could not be read", metadata: ["error": "\(error)"])
        }
    }
}
