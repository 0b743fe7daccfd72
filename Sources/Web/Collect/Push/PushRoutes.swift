import Engine
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// Browsers that subscribe to push messages: their scripts under `/t/`, the key that they subscribe with, and where they
/// register and leave. The write key stands in the address and the body is text, so that pages of any origin need no
/// preflight.
///
/// Only the visitor's anonymous id is believed: a page that names somebody else's user id gets none of their messages.
struct PushRoutes: Sendable {
    private let exchange: CollectExchange
    private let files: [String: [UInt8]]

    private static let bodyBytes = 8_000
    private static let keptSeconds = 3_600
    private static let scripts = ["push.js": "perennial-push.js", "push-worker.js": "perennial-push-worker.js"]

    init(context: CollectContext) {
        var exchange = CollectExchange(context: context, dialect: NativeBody.dialect)
        exchange.bodyBytes = Self.bodyBytes
        exchange.headerIsVisitor = true
        self.exchange = exchange
        let folder = (Bundle.module.resourcePath ?? "") + "/Assets/push/"
        files = Self.scripts.compactMapValues { FileManager.default.contents(atPath: folder + $0).map { [UInt8]($0) } }
    }

    func add(to router: Router<WebContext>) {
        for (path, bytes) in files {
            router.on(RouterPath("/t/\(path)"), method: .get) { request, _ in Self.serve(bytes, request) }
        }
        exchange.register("/t/push/key", [.get], router) { request, web in await key(request, web) }
        exchange.register("/t/push/subscriptions", [.post], router) { request, web in
            await answer(request, web, subscribe)
        }
        exchange.register("/t/push/unsubscriptions", [.post], router) { request, web in
            await answer(request, web, unsubscribe)
        }
    }

    private static func serve(_ bytes: [UInt8], _ request: Request) -> Response {
        let mark = "\"\(Digest.sha256(bytes).prefix(24))\""
        var headers: HTTPFields = [
            .contentType: "text/javascript; charset=utf-8", .eTag: mark,
            .cacheControl: "public, max-age=\(keptSeconds)",
        ]
        headers[.accessControlAllowOrigin] = "*"
        headers[.xContentTypeOptions] = "nosniff"
        // On the brand's own host it may be the worker of the whole site.
        if let name = HTTPField.Name("Service-Worker-Allowed") { headers[name] = "/" }
        if request.headers[.ifNoneMatch] == mark { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func key(_ request: Request, _ web: WebContext) async -> Response {
        await answer(request, web) { _, _ in
            guard let key = try await WebPush.applicationKey(exchange.context.platform) else {
                throw CollectFailure(.notFound, "not_set_up", "Web push is not set up.")
            }
            return ["key": .string(key)]
        }
    }

    private func answer(
        _ request: Request, _ web: WebContext,
        _ work: (CollectExchange.Call, _ source: Int64) async throws -> JSONValue
    ) async -> Response {
        do {
            let call = try await exchange.call(request, web) { [$0["key"]] }
            let source = try await exchange.context.source(of: call.keys)
            return CollectAnswer.json(.ok, try await work(call, source).text())
        } catch PushSubscriptions.Failure.badEndpoint {
            return Self.refused("bad_endpoint", "“subscription.endpoint” is no address of a push service.")
        } catch PushSubscriptions.Failure.badKeys {
            return Self.refused("bad_keys", "“subscription.keys” has p256dh of 65 and auth of 16 bytes, in Base64.")
        } catch PushSubscriptions.Failure.noVisitor {
            return Self.refused("no_visitor", "Send the visitor's “anonymousId”, which is kept in the cookie pn_id.")
        } catch {
            return CollectFailure(error, exchange.context.platform).response()
        }
    }

    private static func refused(_ code: String, _ words: String) -> Response {
        CollectFailure(.badRequest, code, words).response()
    }

    private static func body(_ call: CollectExchange.Call) throws -> JSONValue {
        do { return try JSONValue(parsing: call.body) } catch {
            throw CollectFailure(.badRequest, "bad_json", "The body is no JSON.")
        }
    }

    private func subscribe(_ call: CollectExchange.Call, _ source: Int64) async throws -> JSONValue {
        let (body, platform) = (try Self.body(call), exchange.context.platform)
        let target = try PushSubscriptions.target(body["subscription"])
        let visitor = Whitespace.trim(body["anonymousId"]?.stringValue ?? "")
        let old = body["replaces"]?.stringValue
        let (owner, isNew) = try await platform.store.write {
            try PushSubscriptions.add(
                target, visitor: visitor, replacing: old, source: source, platform.effects, $0)
        }
        if isNew {
            try await tell(
                [("Push Subscribed", [:]), ("Consent Changed", ["channel": "push", "granted": true])], owner, source)
        }
        return ["success": true]
    }

    private func unsubscribe(_ call: CollectExchange.Call, _ source: Int64) async throws -> JSONValue {
        let (body, platform) = (try Self.body(call), exchange.context.platform)
        let endpoint = body["endpoint"]?.stringValue ?? ""
        let owner = try await platform.store.write { try PushSubscriptions.remove(endpoint, $0) }
        if let owner { try await tell([("Push Unsubscribed", [:])], owner, source) }
        return ["success": true]
    }

    private func tell(_ events: [(name: String, properties: JSONValue)], _ visitor: String, _ source: Int64)
        async throws
    {
        let effects = exchange.context.platform.effects
        let now = effects.now()
        let batch = events.map { name, properties in
            IncomingEvent(
                kind: .track, name: name, messageID: effects.randomHex(bytes: 16),
                identities: [IdentityClaim(kind: IdentityKind.anonymousID, value: visitor)], time: now,
                receivedAt: now, properties: properties.text())
        }
        try await exchange.context.append(IncomingBatch(sourceID: source, events: batch))
    }
}
