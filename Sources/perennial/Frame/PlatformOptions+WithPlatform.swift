import Engine
import Logging
import Storage

extension PlatformOptions {
    /// What a command wants of the analytics store.
    enum AnalyticsUse {
        /// Opened and migrated; refused with a clear message while a server holds an embedded one.
        case required
        /// Left closed: the command also works beside a running server.
        case none
    }

    /// Reads the settings (with further flags of the command) and sets up logging.
    func loadConfiguration(flags: [String: String] = [:]) async throws -> PlatformConfiguration {
        let all = overrides.merging(flags) { $1 }
        let configuration = try await PlatformConfiguration.load(flags: all, file: config)
        LoggingSystem.bootstrap { _ in
            LineLogHandler(logLevel: configuration.logLevel, format: configuration.logFormat)
        }
        return configuration
    }

    /// Opens and migrates the stores, runs `body`, and closes them however it ends.
    ///
    /// ```swift
    /// try await options.withPlatform { platform in … }
    /// try await options.withPlatform(analytics: .none) { platform in … }   // also while a server runs
    /// ```
    func withPlatform<T: Sendable>(
        analytics use: AnalyticsUse = .required, _ body: (Platform) async throws -> T
    ) async throws -> T {
        let configuration = try await loadConfiguration()
        return try await configuration.withPlatform(analytics: use, body)
    }
}

extension PlatformConfiguration {
    /// As `PlatformOptions.withPlatform`, for a command that has read its settings itself.
    func withPlatform<T: Sendable>(
        analytics use: PlatformOptions.AnalyticsUse = .required, _ body: (Platform) async throws -> T
    ) async throws -> T {
        try data.create()
        let lock = use == .required && analyticsIsEmbedded ? try DataFolderLock(data) : nil
        defer { lock?.release() }
        let seal = try SecretKey.seal(self)
        let store = try await openOperationalStore(storeURL, options: storeOptions)
        return try await closing(store) {
            try await store.migrate(SchemaFiles.operational())
            let analytics = try await openAnalytics(use, turnsIn: store)
            return try await closing(analytics) {
                try await body(Platform(store: store, analytics: analytics, seal: seal))
            }
        }
    }

    /// Opens both stores for `restore`: the operational one as it is, for a backup brings its schema with its rows; the
    /// analytics one with its tables made, for a backup brings rows only.
    func withEmptyStores(
        _ body: (any OperationalStore, any AnalyticsStore) async throws -> Void
    ) async throws {
        try data.create()
        let lock = analyticsIsEmbedded ? try DataFolderLock(data) : nil
        defer { lock?.release() }
        let store = try await openOperationalStore(storeURL, options: storeOptions)
        try await closing(store) {
            let analytics = try await openAnalyticsStore(analyticsURL)
            try await closing(analytics) {
                try await analytics.migrate(SchemaFiles.analytics())
                try await body(store, analytics)
            }
        }
    }

    private func openAnalytics(
        _ use: PlatformOptions.AnalyticsUse, turnsIn store: any OperationalStore
    ) async throws -> any AnalyticsStore {
        guard use == .required else { return ClosedAnalyticsStore("This command does not open the analytics store.") }
        let analytics = try await openAnalyticsStore(analyticsURL)
        do {
            try await analytics.migrate(turnsIn: store)
        } catch {
            await analytics.close()
            throw error
        }
        return analytics
    }

    private func closing<T>(_ store: any OperationalStore, _ body: () async throws -> T) async throws -> T {
        let result: Result<T, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await store.close()
        return try result.get()
    }

    private func closing<T>(_ store: any AnalyticsStore, _ body: () async throws -> T) async throws -> T {
        let result: Result<T, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await store.close()
        return try result.get()
    }
}
