import Engine
import HTTPTypes
import Hummingbird
import Logging

/// Counts and times every request, and writes an access log line without personal data: no address, no query, no ids.
package struct MeasureMiddleware: RouterMiddleware {
    package typealias Context = WebContext

    private let metrics: Metrics
    private let clock = ContinuousClock()

    package init(metrics: Metrics) {
        self.metrics = metrics
    }

    package func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let start = clock.now
        do {
            let response = try await next(request, context)
            record(request, context, status: response.status.code, since: start)
            return response
        } catch let error as any HTTPResponseError {
            record(request, context, status: error.status.code, since: start)
            throw error
        } catch {
            record(request, context, status: 500, since: start)
            context.logger.error("Request failed", metadata: ["error": "\(error)", "route": "\(route(context))"])
            throw error
        }
    }

    private func record(_ request: Request, _ context: WebContext, status: Int, since start: ContinuousClock.Instant) {
        let seconds = (clock.now - start) / .seconds(1)
        let route = route(context)
        metrics.counter(
            "perennial_http_requests_total", "Requests answered, by route and status.",
            ["method": request.method.rawValue, "route": route, "status": String(status)]
        ).increment()
        metrics.histogram(
            "perennial_http_request_seconds", "Time from the request's head to its answer's head.", ["route": route]
        ).observe(seconds)
        context.logger.log(
            level: status >= 500 ? .error : Self.level(request.uri.path),
            "Request",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(route)", "status": "\(status)",
                "ms": "\(Int(seconds * 1000))",
            ])
    }

    /// The route's pattern (`/api/v1/profiles/{id}`), never the path itself, which names people.
    private func route(_ context: WebContext) -> String {
        context.endpointPath ?? "none"
    }

    /// Collectors, probes and files are too many to tell about at the usual level.
    private static func level(_ path: String) -> Logger.Level {
        let quiet = ["/v1/", "/sa", "/debug", "/api/v1/events", "/healthz", "/readyz", "/metrics", "/assets/"]
        return quiet.contains(where: path.hasPrefix) ? .debug : .info
    }
}
