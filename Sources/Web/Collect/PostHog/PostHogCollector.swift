import Engine
import HTTPTypes
import Hummingbird

/// PostHog: capture in its old and new forms. Feature flags, remote configuration and recordings answer what lets the
/// SDKs go on: none, nothing, and taken notice of.
enum PostHogCollector {
    static let dialect = CollectorDialect(
        name: PostHogBody.dialect,
        add: { router, context in
            PostHogRoutes(exchange: CollectExchange(context: context, dialect: PostHogBody.dialect)).add(to: router)
        },
        read: { raw, name, moment in
            CollectedBatch.reading(raw, name) {
                try PostHogBody.read(try PostHogBody.payload(raw, compression: nil), moment)
            }
        })
}

/// The paths of the dialect. posthog-js gives up events for every 4xx and repeats for everything that is neither 200
/// nor 4xx, so that an answer is 200 only when all is durable.
private struct PostHogRoutes: Sendable {
    let exchange: CollectExchange

    func add(to router: Router<WebContext>) {
        for path in ["/batch", "/capture", "/e", "/i/v0/e"] {
            // The newer servers say “Ok”, the browser SDK is used to 1.
            let body = path == "/e" || path == "/capture" ? #"{"status":1}"# : #"{"status":"Ok"}"#
            exchange.register(path, [.post, .get], router) { request, web in
                await answer {
                    _ = try await take(try await call(request, web))
                    return CollectAnswer.json(.ok, body)
                }
            }
        }
        exchange.register("/i/v1/analytics/events", [.post], router) { request, web in
            await answer { try await eachResult(try await call(request, web)) }
        }
        for path in ["/flags", "/decide"] {
            exchange.register(path, [.post, .get], router) { request, web in
                await answer { try await flags(try await call(request, web)) }
            }
        }
        // Recordings of sessions are not kept.
        exchange.register("/s", [.post], router) { _, _ in CollectAnswer.json(.ok, #"{"status":1}"#) }
        exchange.register("/array/{token}/config", [.get], router) { _, _ in
            CollectAnswer.json(.ok, Self.configuration)
        }
    }

    private func call(_ request: Request, _ web: WebContext) async throws -> CollectExchange.Call {
        try await exchange.call(request, web) { [$0["token"], $0["api_key"]] }
    }

    private func take(_ call: CollectExchange.Call) async throws -> CollectedBatch {
        let sentAt = call.request.headers[PostHogHeader.timestamp] ?? call.query["sent_at"]
        return try await exchange.take(call) { moment in
            var body = call.body
            if call.request.method == .get { body = Array((call.request.uri.query ?? "").utf8) }
            let payload = try PostHogBody.payload(body, compression: call.query["compression"])
            return try PostHogBody.read(
                payload, sentAt: ItemTime.believed(sentAt.map { .string($0) }, moment), moment)
        }.batch
    }

    /// The newest form of capture has a result for each event.
    private func eachResult(_ call: CollectExchange.Call) async throws -> Response {
        let batch = try await take(call)
        var results: [String: JSONValue] = [:]
        for event in batch.events where !event.messageID.hasPrefix("sha256-") {
            results[String(event.messageID.prefix { $0 != "." })] = ["result": "ok"]
        }
        for rejected in batch.rejected {
            guard let id = Self.tree(rejected.item.raw)?["uuid"]?.stringValue else { continue }
            results[id] = ["result": "drop", "details": .string(rejected.item.explanation)]
        }
        return CollectAnswer.json(.ok, JSONValue.object(["results": .object(results)]).text())
    }

    /// No flags: the SDKs fall back to the defaults that the caller gave.
    private func flags(_ call: CollectExchange.Call) async throws -> Response {
        let body = Self.tree(call.body)
        _ = try await exchange.context.source(
            of: call.keys + [body?["api_key"]?.stringValue, body?["token"]?.stringValue])
        return CollectAnswer.json(.ok, Self.noFlags)
    }

    /// The JSON of a body or form; nil for anything else.
    private static func tree(_ bytes: [UInt8]) -> JSONValue? {
        do {
            return try JSONValue(parsing: PostHogBody.payload(bytes, compression: nil))
        } catch {
            return nil
        }
    }

    private static let noFlags =
        #"{"flags":{},"featureFlags":{},"featureFlagPayloads":{},"errorsWhileComputingFlags":false,"#
        + #""supportedCompression":["gzip-js","base64"],"sessionRecording":false,"isAuthenticated":false,"config":{}}"#
    private static let configuration =
        #"{"supportedCompression":["gzip-js","base64"],"hasFeatureFlags":false,"sessionRecording":false,"#
        + #""autocapture_opt_out":false,"surveys":false,"heatmaps":false,"capturePerformance":false,"config":{}}"#

    /// Failures in PostHog's own form.
    private func answer(_ work: () async throws -> Response) async -> Response {
        do {
            return try await work()
        } catch {
            let failure = CollectFailure(error, exchange.context.platform)
            let isKey = failure.status == .unauthorized
            let body: JSONValue = [
                "type": isKey
                    ? "authentication_error" : failure.status.code < 500 ? "validation_error" : "server_error",
                "code": isKey ? "invalid_api_key" : .string(failure.code), "detail": .string(failure.message),
                "attr": isKey ? "api_key" : .null,
            ]
            return CollectAnswer.json(failure.status, body.text(), headers: failure.headers)
        }
    }
}

private enum PostHogHeader {
    static let timestamp: HTTPField.Name = {
        guard let name = HTTPField.Name("PostHog-Request-Timestamp") else { preconditionFailure("a header name") }
        return name
    }()
}
