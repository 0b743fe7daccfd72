import Engine
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ServiceLifecycle

/// The HTTP server: the router with what every request passes through, and the application that listens.
package enum WebServer {
    package struct Limits: Sendable {
        var connections: Int
        var requestSeconds: Int
        var idleSeconds: Int

        package init(connections: Int, requestSeconds: Int, idleSeconds: Int) {
            self.connections = connections
            self.requestSeconds = requestSeconds
            self.idleSeconds = idleSeconds
        }
    }

    /// Headers, all together, of one request.
    private static let headerBytes = 32 * 1024
    private static let headerCount = 100

    /// Every route of the product. A feature's routes are one line here.
    ///
    /// - Parameters:
    ///   - console: the pages for people; nil where only machines are served.
    ///   - regions: places addresses; nil: events have no region but what SDKs say.
    ///   - append: takes events durably; `Ingest.append`.
    package static func router(
        platform: Platform, console: Console? = nil, regions: RegionFile? = nil,
        append: @escaping @Sendable (IncomingBatch) async throws -> Void,
        isReady: @escaping @Sendable () async -> [ReadinessCheck]
    ) -> Router<WebContext> {
        let router = Router(context: WebContext.self)
        router.addMiddleware {
            MeasureMiddleware(metrics: platform.metrics)
            CompressionMiddleware()
        }
        HealthRoutes(platform: platform, isReady: isReady).add(to: router)
        let collect = CollectContext(
            platform: platform, writeKeys: WriteKeyCache(platform: platform),
            lists: TrafficLists(folder: console?.configuration.fetchedFolder), regions: regions,
            providers: console?.configuration.providers ?? .live(), append: append)
        CollectRoutes(context: collect).add(to: router)
        LinkRoutes(context: collect).add(to: router)
        TrackingRoutes(context: collect).add(to: router)
        ReceiptRoutes(context: collect).add(to: router)
        PushRoutes(context: collect).add(to: router)
        let uploads = console?.configuration.uploadFolder
        APIRoutes(context: APIContext(collect: collect, uploadFolder: uploads)).add(to: router)
        if let console {
            ConsoleRoutes.register(console, on: router)
            CentreRoutes.register(console, on: router)
        }
        return router
    }

    package static func application(
        router: Router<WebContext>, platform: Platform, address: (host: String, port: Int), limits: Limits,
        onListening: @escaping @Sendable () async -> Void
    ) -> some Service {
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: headerBytes, maxHeaderListSize: headerBytes, maxHeaderFieldCount: headerCount)
        return Application(
            responder: TimeLimitResponder(router.buildResponder(), seconds: limits.requestSeconds),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [StalledAnswerHandler(limit: .seconds(Int64(limits.idleSeconds)))],
                    idleTimeout: .seconds(Int64(limits.idleSeconds)), httpDecoderConfiguration: decoder)),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "Perennial", backlog: 1024,
                availableConnectionsDelegate: .maximum(limits.connections, logger: platform.logger)),
            onServerRunning: { _ in await onListening() },
            logger: platform.logger)
    }
}
