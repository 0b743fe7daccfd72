import Engine
import HTTPTypes

/// One endpoint: what the router registers, what the OpenAPI document shows, and what checks a request.
package struct APIRoute: Sendable {
    /// Who may call.
    package enum Access: Sendable, Equatable {
        case open
        /// A secret key with this scope.
        case scope(APIScope)
        /// A secret key with both of these scopes.
        case scopes(APIScope, APIScope)
        /// A secret key with this scope, or the write key of a source.
        case scopeOrWriteKey(APIScope)
    }

    package enum Body: Sendable {
        case none
        case json(APISchema)
        /// Read by the handler as it arrives; the schema of one item and the media types are for the document.
        case stream(APISchema, contentTypes: [String])
    }

    package typealias Handler = @Sendable (APIRequest, APIContext) async throws -> APIResponse

    package var method: HTTPRequest.Method
    /// With parameters in braces: `/api/v1/profiles/{id}`.
    package var path: String
    package var operation: String
    package var tag: String
    package var summary: String
    package var access: Access
    package var parameters: [APIParameter]
    package var body: Body
    package var status: HTTPResponse.Status
    /// What was done before under its natural key is answered again, with 200 in place of `status`.
    package var isRepeatable: Bool
    package var response: APISchema
    /// The media type of the answer.
    package var responseType: String
    /// The answer shows a secret once: it is not kept for repeats under an `Idempotency-Key`.
    package var isSecret: Bool
    /// The answer has the `ETag` of one definition, and a change obeys `If-Match`.
    package var isRevised: Bool
    package var handler: Handler

    package init(
        _ method: HTTPRequest.Method, _ path: String, _ operation: String, tag: String, _ summary: String,
        access: Access, parameters: [APIParameter] = [], body: Body = .none, status: HTTPResponse.Status = .ok,
        isRepeatable: Bool = false, response: APISchema, responseType: String = "application/json",
        isSecret: Bool = false,
        isRevised: Bool = false, handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.operation = operation
        self.tag = tag
        self.summary = summary
        self.access = access
        self.parameters = parameters
        self.body = body
        self.status = status
        self.isRepeatable = isRepeatable
        self.response = response
        self.responseType = responseType
        self.isSecret = isSecret
        self.isRevised = isRevised
        self.handler = handler
    }

    /// What it may answer when nothing is wrong; the document names them all.
    var statuses: [HTTPResponse.Status] { isRepeatable && status != .ok ? [status, .ok] : [status] }

    /// Whether browsers may call it from pages of any origin.
    var isOpenToPages: Bool {
        if case .scopeOrWriteKey = access { return true }
        return false
    }

    /// Whether `If-Match` is honoured.
    var isConditional: Bool { isRevised && method != .get }

    /// Whether an `Idempotency-Key` is honoured: on every write but streams, which have message ids.
    var isIdempotent: Bool {
        if case .stream = body { return false }
        return method != .get
    }
}
