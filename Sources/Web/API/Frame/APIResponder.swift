import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Carries one request through: who calls, may they, is it well-formed, was it answered before; then the handler.
struct APIResponder: Sendable {
    let route: APIRoute
    let context: APIContext

    func respond(
        to request: Request, parameters: Parameters, requestID: String, peer: SocketAddress? = nil
    ) async -> Response {
        var response: Response
        do {
            response = try await answer(request, parameters, requestID, peer)
        } catch {
            response = failure(error, requestID).response()
        }
        response.headers[APIHeader.requestID] = requestID
        return response
    }

    private func answer(
        _ request: Request, _ parameters: Parameters, _ requestID: String, _ peer: SocketAddress?
    ) async throws -> Response {
        let caller = try await APIAuthentication(context: context).caller(of: request, for: route.access)
        var checked = APIRequest(
            id: requestID, caller: caller, network: ClientNetwork.of(request, peer), body: .null, raw: request,
            parameters: try APIParameters.checked(route.parameters, path: parameters, request: request))
        var bytes: [UInt8] = []
        if case .json(let schema) = route.body {
            bytes = try await APIBody.bytes(of: request)
            checked.body = try APIBody.parse(bytes, schema)
        }
        guard route.isIdempotent, let key = request.headers[APIHeader.idempotencyKey] else {
            return try await perform(checked).response
        }
        return try await performOnce(checked, key: key, bytes: bytes)
    }

    private func perform(_ request: APIRequest) async throws -> (status: Int, text: String, response: Response) {
        let answer = try await route.handler(request, context)
        let status = answer.status ?? route.status
        assert(route.statuses.contains(status), "\(route.operation) answers \(status.code), which it does not declare")
        if let file = answer.file {
            var headers = answer.headers
            headers[.contentType] = route.responseType
            headers[.cacheControl] = "no-store"
            return (status.code, "", Response(status: status, headers: headers, body: file))
        }
        let text = answer.text ?? answer.body.text()
        return (status.code, text, APIResponse.http(status: status, text: text, headers: answer.headers))
    }

    /// As `perform`, but a repeat under the same key gets the first answer.
    private func performOnce(_ request: APIRequest, key: String, bytes: [UInt8]) async throws -> Response {
        guard (1...IdempotentAnswers.keyCharacters).contains(key.count) else {
            throw Problem(
                .badRequest, "bad_idempotency_key",
                "An Idempotency-Key has 1 to \(IdempotentAnswers.keyCharacters) characters.")
        }
        let store = context.platform.store
        let caller = request.caller.actor
        let target = "\(route.method.rawValue) \(request.raw.head.path ?? "")\n"
        let hash = Digest.sha256(Array(target.utf8) + bytes)
        let now = context.platform.effects.now()
        let claim = try await store.write { connection in
            try IdempotentAnswers.claim(caller: caller, key: key, requestHash: hash, connection, at: now)
        }
        switch claim {
        case .stored(let status, let text):
            return APIResponse.http(
                status: HTTPResponse.Status(code: status), text: text, headers: [APIHeader.replayed: "true"])
        case .mismatch:
            throw Problem(
                .unprocessableContent, "idempotency_mismatch", "This Idempotency-Key came with another request before.")
        case .busy:
            throw Problem(
                .conflict, "idempotency_busy", "The first request with this Idempotency-Key is still at work.",
                headers: [.retryAfter: "1"])
        case .reserved: break
        }
        do {
            let done = try await perform(request)
            let kept = route.isSecret ? #"{"repeated":true}"# : done.text
            try await store.write { connection in
                try IdempotentAnswers.store(caller: caller, key: key, status: done.status, response: kept, connection)
            }
            return done.response
        } catch {
            try await store.write { try IdempotentAnswers.release(caller: caller, key: key, $0) }
            throw error
        }
    }

    private func failure(_ error: any Error, _ requestID: String) -> Problem {
        if let problem = Problem(error) { return problem }
        context.platform.logger.error(
            "An API request failed",
            metadata: ["operation": "\(route.operation)", "request": "\(requestID)", "error": "\(error)"])
        return Problem(
            .internalServerError, "internal", "Something went wrong on our side; the log knows it as \(requestID).")
    }
}

/// Header names beyond the common ones.
enum APIHeader {
    static let requestID = Self.name("X-Request-Id")
    static let idempotencyKey = Self.name("Idempotency-Key")
    static let replayed = Self.name("Idempotency-Replayed")

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }
}
