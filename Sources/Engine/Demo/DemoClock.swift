import Synchronization

/// A clock that stands where it was put, for days that are lived through after they have passed.
final class DemoClock: Sendable {
    private let state: Mutex<(time: Timestamp, ids: Int64)>

    init(_ time: Timestamp) { state = Mutex((time, 0)) }

    var now: Timestamp {
        get { state.withLock { $0.time } }
        set { state.withLock { $0 = (newValue, 0) } }
    }

    /// The same stores, at this clock's time. New ids are ordered by it.
    func platform(_ platform: Platform) -> Platform {
        let random = platform.effects.randomBytes
        let effects = Effects(
            now: { [self] in now }, newID: { [self] in Effects.identifier(at: tick(), random: random(3)) },
            randomBytes: random)
        return Platform(
            store: platform.store, analytics: platform.analytics, effects: effects, logger: platform.logger,
            metrics: platform.metrics, seal: platform.seal)
    }

    /// A millisecond of its own for each id.
    private func tick() -> Timestamp {
        state.withLock { state in
            state.ids += 1
            return state.time.adding(milliseconds: state.ids)
        }
    }
}
