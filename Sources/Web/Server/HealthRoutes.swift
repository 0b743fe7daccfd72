import Engine
import HTTPTypes
import Hummingbird

/// What load balancers and monitoring ask: `/healthz` (the process lives), `/readyz` (it can work), `/metrics`.
package struct HealthRoutes {
    private let platform: Platform
    private let isReady: @Sendable () async -> [ReadinessCheck]

    /// - Parameter isReady: asks every part this process needs, at most a few seconds.
    package init(platform: Platform, isReady: @escaping @Sendable () async -> [ReadinessCheck]) {
        self.platform = platform
        self.isReady = isReady
    }

    package func add(to router: Router<WebContext>) {
        router.get("healthz") { _, _ in Self.json(.ok, #"{"status":"ok","version":"\#(ProductVersion.current)"}"#) }
        router.get("readyz") { _, _ in await ready() }
        router.get("metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: platform.metrics.text())))
        }
    }

    private func ready() async -> Response {
        let checks = await isReady()
        let parts = checks.map { #""\#($0.name)":"\#($0.state)""# }.joined(separator: ",")
        let allReady = checks.allSatisfy { $0.state == .ok }
        return Self.json(
            allReady ? .ok : .serviceUnavailable, #"{"status":"\#(allReady ? "ok" : "unready")","checks":{\#(parts)}}"#)
    }

    private static func json(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// Whether one part of the server can work now.
package struct ReadinessCheck: Sendable, Equatable {
    package enum State: String, Sendable {
        case ok, opening, unreachable
    }

    package var name: String
    package var state: State

    package init(_ name: String, _ state: State) {
        self.name = name
        self.state = state
    }
}
