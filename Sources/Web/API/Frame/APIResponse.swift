import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// The answer of an endpoint.
package struct APIResponse: Sendable {
    package var status: HTTPResponse.Status?
    package var body: JSONValue
    package var headers: HTTPFields

    /// `status` nil means the route's own.
    package init(_ body: JSONValue, status: HTTPResponse.Status? = nil, headers: HTTPFields = HTTPFields()) {
        self.status = status
        self.body = body
        self.headers = headers
    }

    /// A page of a list.
    package init<Item>(page items: [Item], next: JSONValue?, _ render: (Item) throws -> JSONValue) rethrows {
        self.init([
            "items": .array(try items.map(render)), "next_cursor": JSONValue(next.map(APICursor.text)),
        ])
    }
}

extension APIResponse {
    static func http(status: HTTPResponse.Status, text: String, headers: HTTPFields) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
