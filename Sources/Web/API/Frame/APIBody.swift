import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the JSON body of a request within its limits.
enum APIBody {
    /// Throws: `Problem` 415 for other content, 413 beyond `EventLimits.requestBytes`.
    static func bytes(of request: Request) async throws -> [UInt8] {
        let type = request.headers[.contentType].map { $0.prefix { $0 != ";" }.lowercased() } ?? "application/json"
        guard type.hasPrefix("application/json") else {
            throw Problem(.unsupportedMediaType, "unsupported_media_type", "Send application/json.")
        }
        guard request.headers[.contentEncoding] == nil else {
            throw Problem(.unsupportedMediaType, "unsupported_encoding", "Send the body without compression.")
        }
        do {
            let buffer = try await request.body.collect(upTo: EventLimits.requestBytes)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem(
                .contentTooLarge, "too_large", "A request has at most \(EventLimits.requestBytes) bytes.")
        }
    }

    /// Throws: `Problem` 400 for what is not JSON, 422 for what does not have the shape.
    static func parse(_ bytes: [UInt8], _ schema: APISchema) throws -> JSONValue {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes, maximumDepth: EventLimits.depth)
        } catch {
            throw Problem(.badRequest, "malformed_json", "The body is not JSON: \(error).")
        }
        let flaws = schema.flaws(of: value, at: "body")
        guard flaws.isEmpty else {
            throw Problem(
                .unprocessableContent, "invalid_body", "The body does not have the right shape.", flaws: flaws)
        }
        return value
    }
}
