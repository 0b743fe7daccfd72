import HTTPTypes
import Hummingbird

/// Lets pages of any origin send to collectors (WHATWG Fetch, CORS protocol). Collectors look at write keys only, never
/// at cookies, so answering with credentials allowed gives nothing away.
enum CORS {
    private static let headers = "authorization, content-type, content-encoding, x-retry-count, anonymousid, dry-run"

    /// The answer to a preflight.
    static func preflight(_ request: Request) -> Response {
        var fields = HTTPFields()
        fields[.accessControlAllowMethods] = "GET, POST, OPTIONS"
        fields[.accessControlAllowHeaders] = request.headers[.accessControlRequestHeaders] ?? headers
        fields[.accessControlMaxAge] = "86400"
        return allow(Response(status: .noContent, headers: fields), for: request)
    }

    static func allow(_ response: Response, for request: Request) -> Response {
        guard let origin = request.headers[.origin] else { return response }
        var response = response
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlAllowCredentials] = "true"
        response.headers[.vary] = "Origin"
        return response
    }
}
