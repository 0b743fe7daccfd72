import Engine
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import Storage
import Web

/// One `serve` process: opens the stores, starts the services of its roles, and takes them down in reverse order.
struct Server {
    private let configuration: PlatformConfiguration
    private let logger = Logger(label: "perennial")

    init(_ configuration: PlatformConfiguration) {
        self.configuration = configuration
    }

    func run() async throws {
        let data = configuration.data
        try data.create()
        let lock = configuration.analyticsIsEmbedded ? try DataFolderLock(data) : nil
        defer { lock?.release() }
        let store = try await openOperationalStore(configuration.storeURL)
        try await store.migrate(SchemaFiles.operational())
        let analytics = openAnalyticsInBackground()
        let platform = Platform(store: store, analytics: analytics, logger: logger)
        let result: Result<Void, any Error>
        do { result = .success(try await serve(platform, analytics)) } catch { result = .failure(error) }
        RunningServer.withdraw(from: data)
        await analytics.close()
        await store.close()
        logger.info("Stopped")
        try result.get()
    }

    /// chDB needs a few tenths of a second to open; the first page need not wait for it.
    private func openAnalyticsInBackground() -> DeferredAnalyticsStore {
        DeferredAnalyticsStore { [url = configuration.analyticsURL, logger] in
            do {
                let analytics = try await openAnalyticsStore(url)
                try await analytics.migrate(SchemaFiles.analytics())
                logger.info("Analytics store is open")
                return analytics
            } catch {
                logger.error("The analytics store cannot be opened", metadata: ["error": "\(error)"])
                throw error
            }
        }
    }

    private func serve(_ platform: Platform, _ analytics: DeferredAnalyticsStore) async throws {
        var services: [any Service] = []
        services += try await workers(platform)
        if configuration.roles.contains(.web) { services.append(application(platform, analytics)) }
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(configuration.limits.shutdownSeconds)
        logger.info(
            "Starting",
            metadata: [
                "version": "\(ProductVersion.current)",
                "roles": "\(configuration.roles.map(\.rawValue).sorted().joined(separator: ","))",
            ])
        try await ServiceGroup(configuration: group).run()
    }

    /// The background services of this process's roles.
    private func workers(_ platform: Platform) async throws -> [any Service] {
        []
    }

    private func application(_ platform: Platform, _ analytics: DeferredAnalyticsStore) -> some Service {
        let router = WebServer.router(platform: platform) { await readiness(platform, analytics) }
        return WebServer.application(
            router: router, platform: platform, address: (configuration.host, configuration.port),
            limits: WebServer.Limits(
                connections: configuration.limits.connections, requestSeconds: configuration.limits.requestSeconds,
                idleSeconds: configuration.limits.idleSeconds)
        ) {
            try? announce(platform)
        }
    }

    private func readiness(_ platform: Platform, _ analytics: DeferredAnalyticsStore) async -> [ReadinessCheck] {
        let store: ReadinessCheck.State
        do {
            _ = try await platform.store.read { try $0.query("SELECT 1") }
            store = .ok
        } catch {
            store = .unreachable
        }
        return [ReadinessCheck("store", store), ReadinessCheck("analytics", analytics.isOpen ? .ok : .opening)]
    }

    /// Once the port is open: tells commands and people where the server is.
    private func announce(_ platform: Platform) throws {
        let server = RunningServer(
            processID: getpid(), address: "http://127.0.0.1:\(configuration.port)", version: ProductVersion.current,
            token: platform.effects.randomHex(bytes: 24))
        try server.publish(in: configuration.data)
        print("Perennial \(ProductVersion.current) listens on \(configuration.address)")
    }
}
