import Logging
import Storage

/// What every feature is handed: the two stores, the effects and a logger. There is no global state.
package struct Platform: Sendable {
    package let store: any OperationalStore
    package let analytics: any AnalyticsStore
    package let effects: Effects
    package let logger: Logger
    package let metrics: Metrics
    package let seal: Seal

    /// Without a `seal`, secrets are sealed under a key that ends with the process: for tests.
    package init(
        store: any OperationalStore, analytics: any AnalyticsStore, effects: Effects = .live,
        logger: Logger = Logger(label: "perennial"), metrics: Metrics = Metrics(),
        seal: Seal? = nil
    ) {
        self.store = store
        self.analytics = analytics
        self.effects = effects
        self.logger = logger
        self.metrics = metrics
        self.seal = seal ?? Seal(key: effects.randomBytes(Seal.keyBytes))
    }
}
