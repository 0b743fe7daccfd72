import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Routes of the server") struct RouteTests {
    @Test("all of them stand beside each other: the router refuses two names for one place")
    func together() async throws {
        try await TestDatabase.with(.sqlite) { store in
            let platform = Platform(store: store, analytics: ClosedAnalyticsStore("not in this test"), effects: .live)
            let console = try await Console(
                platform: platform,
                configuration: Console.Configuration(
                    uploadFolder: try TestFolder.make("uploads"), development: true))
            let router = WebServer.router(platform: platform, console: console, append: { _ in }, isReady: { [] })
            _ = router.buildResponder()
            let paths = Set(router.routes.map { "\($0.path)" })
            #expect(paths.isSuperset(of: ["/o/{token}", "/t/{version}/perennial.js", "/u/{token}"]), "\(paths)")
        }
    }
}
