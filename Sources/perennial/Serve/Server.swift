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
    private let providers: ProviderCatalog

    init(_ configuration: PlatformConfiguration) {
        self.configuration = configuration
        providers = .live(allowPrivate: configuration.webhooksAllowPrivate)
    }

    func run() async throws {
        let data = configuration.data
        try data.create()
        let lock = configuration.analyticsIsEmbedded ? try DataFolderLock(data) : nil
        defer { lock?.release() }
        let seal = try SecretKey.seal(configuration)
        let store = try await openOperationalStore(
            configuration.storeURL, options: configuration.storeOptions)
        try await store.migrate(SchemaFiles.operational())
        let analytics = openAnalyticsInBackground(turnsIn: store)
        let platform = Platform(store: store, analytics: analytics, logger: logger, seal: seal)
        let result: Result<Void, any Error>
        do { result = .success(try await serve(platform, analytics)) } catch { result = .failure(error) }
        RunningServer.withdraw(from: data)
        await analytics.close()
        await store.close()
        logger.info("Stopped")
        try result.get()
    }

    /// chDB needs a few tenths of a second to open; the first page need not wait for it.
    private func openAnalyticsInBackground(turnsIn store: any OperationalStore) -> DeferredAnalyticsStore {
        DeferredAnalyticsStore { [url = configuration.analyticsURL, logger] in
            do {
                let analytics = try await openAnalyticsStore(url)
                try await analytics.migrate(turnsIn: store)
                logger.info("Analytics store is open")
                return analytics
            } catch {
                logger.error("The analytics store cannot be opened", metadata: ["error": "\(error)"])
                throw error
            }
        }
    }

    private func serve(_ platform: Platform, _ analytics: DeferredAnalyticsStore) async throws {
        let signal = LogSignal()
        var services = try workers(platform, signal)
        if configuration.roles.contains(.web) { services.append(try await application(platform, signal, analytics)) }
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
    private func workers(_ platform: Platform, _ signal: LogSignal) throws -> [any Service] {
        let roles = configuration.roles
        var services: [any Service] = [signal]
        if roles.contains(.process) { services.append(Processor(platform: platform, signal: signal)) }
        if roles.contains(.archive) { services.append(Archiver(platform: platform, signal: signal)) }
        if roles.contains(.schedule) {
            services.append(JobRunner(platform: platform))
            let transport = WebhookMessage.transport(allowPrivate: configuration.webhooksAllowPrivate)
            services.append(WebhookService(platform: platform, transport: transport))
            services.append(JourneyService(platform: platform))
        }
        if roles.contains(.send) {
            // To people, to the team and of dashboards: all letters go over the same connections.
            let email = EmailChannel.overSMTP()
            services.append(
                MessageService(
                    platform: platform,
                    channels: .all(
                        email: email, webhooksAllowPrivate: configuration.webhooksAllowPrivate, providers: providers),
                    address: configuration.address))
            services.append(ReceiptService(platform: platform, providers: providers))
            services.append(
                try DigestService(platform: platform, channel: email, address: configuration.address))
            services.append(WeComService(platform: platform, providers: providers))
            services.append(BounceMailboxService(platform: platform))
        }
        services.append(Gauges(platform: platform))
        return services
    }

    private func application(
        _ platform: Platform, _ signal: LogSignal, _ analytics: DeferredAnalyticsStore
    ) async throws -> some Service {
        let ingest = Ingest(platform: platform, signal: signal)
        let regions = try regions()
        let console = try await Console(
            platform: platform,
            configuration: Console.Configuration(
                secureCookies: configuration.publicURL?.hasPrefix("https://") ?? false,
                fetchedFolder: FetchedFolder.path, uploadFolder: configuration.data.path + "/uploads",
                development: configuration.logLevel <= .debug, version: ProductVersion.current,
                regions: regions, providers: providers))
        let router = WebServer.router(
            platform: platform, console: console, regions: regions, append: { try await ingest.append($0) },
            isReady: { await readiness(platform, analytics) })
        return WebServer.application(
            router: router, platform: platform, address: (configuration.host, configuration.port),
            limits: WebServer.Limits(
                connections: configuration.limits.connections, requestSeconds: configuration.limits.requestSeconds,
                idleSeconds: configuration.limits.idleSeconds)
        ) {
            await announce(platform)
        }
    }

    /// Throws: `CommandFailure` naming the setting.
    private func regions() throws -> RegionFile? {
        guard let path = configuration.regionsFile else { return nil }
        do {
            return try RegionFile(path: path)
        } catch {
            throw CommandFailure(
                "Regions cannot be told: \(error)",
                remedy: "Let regions.file (PERENNIAL_REGIONS_FILE) name an .mmdb or .xdb file, or leave it out.")
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

    /// Once the port is open: tells commands and people where the server is, and lets the first administrator in.
    private func announce(_ platform: Platform) async {
        let server = RunningServer(
            processID: getpid(), address: "http://127.0.0.1:\(configuration.port)", version: ProductVersion.current)
        do {
            try server.publish(in: configuration.data)
            print("Perennial \(ProductVersion.current) listens on \(configuration.address)")
            let link = try await platform.store.write { connection in
                try Users.firstAdministratorLink(
                    email: "admin@localhost", language: Workspace.load(connection).language, connection,
                    platform.effects)
            }
            if let link { print("Sign in once as the first administrator: \(configuration.address)\(link.path)") }
        } catch {
            logger.error("The server's address could not be told", metadata: ["error": "\(error)"])
        }
        fflush(nil)
    }
}
