import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// What went wrong, as a problem document (RFC 9457, `application/problem+json`).
///
/// `code` is the stable word that programs look at; `detail` says what was wrong, where, and what would be right.
package struct Problem: HTTPResponseError, Sendable, Equatable {
    package struct Flaw: Sendable, Equatable {
        /// `body.items[0].name`, `query.limit`, `path.id`.
        package var place: String
        package var message: String

        package init(_ place: String, _ message: String) {
            self.place = place
            self.message = message
        }
    }

    package var status: HTTPResponse.Status
    package var code: String
    package var detail: String
    package var flaws: [Flaw]
    package var headers: HTTPFields

    package init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, flaws: [Flaw] = [],
        headers: HTTPFields = HTTPFields()
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.flaws = flaws
        self.headers = headers
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "type": .string("urn:perennial:problem:" + code), "title": .string(Self.title(status)),
            "status": JSONValue(status.code), "detail": .string(detail), "code": .string(code),
        ]
        if !flaws.isEmpty {
            members["errors"] = .array(
                flaws.map { ["place": .string($0.place), "message": .string($0.message)] })
        }
        return .object(members)
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        response()
    }

    package func response() -> Response {
        var headers = self.headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.utf8Text())))
    }

    private static func title(_ status: HTTPResponse.Status) -> String {
        switch status.code {
        case 413: return "Content Too Large"
        case 422: return "Unprocessable Content"
        default: return status.reasonPhrase
        }
    }
}

extension Problem {
    package static func notFound(_ what: String) -> Problem {
        Problem(.notFound, "not_found", "There is no \(what) at this address.")
    }

    /// The store cannot take or give anything now; nothing was done.
    package static func unavailable(_ detail: String) -> Problem {
        Problem(.serviceUnavailable, "unavailable", detail, headers: [.retryAfter: "2"])
    }
}
