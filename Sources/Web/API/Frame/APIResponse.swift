import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// The answer of an endpoint.
package struct APIResponse: Sendable {
    package var status: HTTPResponse.Status?
    package var body: JSONValue
    package var headers: HTTPFields
    /// In place of `body`, from an endpoint that writes its JSON itself.
    package var text: String?
    /// In place of `body`, for an endpoint whose answer is a file.
    package var file: ResponseBody?

    /// `status` nil means the route's own.
    package init(_ body: JSONValue, status: HTTPResponse.Status? = nil, headers: HTTPFields = HTTPFields()) {
        self.status = status
        self.body = body
        self.headers = headers
    }

    /// JSON as `JSONValue` would write it, for an answer that is long and asked for at every till.
    init(json written: JSONWriter, status: HTTPResponse.Status? = nil) {
        self.init(.null, status: status)
        text = String(decoding: written.bytes, as: UTF8.self)
    }

    /// A file under a name, written while it is sent; its media type is the route's.
    package init(file: ResponseBody, name: String) {
        body = .null
        headers = [.contentDisposition: "attachment; filename*=UTF-8''\(Fields.encoded(name))"]
        self.file = file
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
