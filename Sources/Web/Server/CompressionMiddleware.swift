import HTTPTypes
import Hummingbird
import NIOCore

/// Sends texts gzipped (RFC 9110 §8.4.1.3) to clients that accept it; small and compressed bodies go as they are.
package struct CompressionMiddleware: RouterMiddleware {
    package typealias Context = WebContext

    /// Below this a body does not get smaller on the wire.
    private static let smallestBytes = 1_024
    private static let texts = [
        "text/html", "text/css", "text/plain", "text/csv", "text/javascript", "application/javascript",
        "application/json", "application/problem+json", "application/x-ndjson", "image/svg+xml",
    ]

    package init() {}

    package func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard Self.compresses(response) else { return response }
        response.headers[.vary] = response.headers[.vary].map { $0 + ", Accept-Encoding" } ?? "Accept-Encoding"
        guard request.method != .head, Self.acceptsGzip(request) else { return response }
        let plain = response.body
        response.headers[.contentEncoding] = "gzip"
        response.headers[.contentLength] = nil
        if let tag = response.headers[.eTag], !tag.hasPrefix("W/") { response.headers[.eTag] = "W/" + tag }
        response.body = ResponseBody { writer in
            try await plain.write(GzipBodyWriter(writer))
        }
        return response
    }

    private static func compresses(_ response: Response) -> Bool {
        guard response.headers[.contentEncoding] == nil, let type = response.headers[.contentType],
            texts.contains(where: type.hasPrefix), response.status != .partialContent
        else { return false }
        return response.body.contentLength.map { $0 >= smallestBytes } ?? true
    }

    /// `Accept-Encoding: gzip;q=0` means no (RFC 9110 §12.5.3).
    private static func acceptsGzip(_ request: Request) -> Bool {
        guard let header = request.headers[.acceptEncoding]?.lowercased() else { return false }
        return header.split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            return parts.first == "gzip"
                && !parts.dropFirst().contains { ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains($0) }
        }
    }
}
