import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// The web tracker: its script under `/t/`, and `POST /t/events`, which takes native events from pages without asking
/// a browser for a preflight (the write key stands in the address, the body is text).
enum TrackerCollector {
    static let dialect = CollectorDialect(
        name: "tracker",
        add: { router, context in
            var exchange = CollectExchange(context: context, dialect: NativeBody.dialect)
            exchange.headerIsVisitor = true
            TrackerRoutes(exchange: exchange, script: .shared).add(to: router)
        },
        read: { raw, name, moment in NativeCollector.dialect.read(raw, name, moment) })
}

private struct TrackerRoutes: Sendable {
    let exchange: CollectExchange
    let script: TrackerScript

    func add(to router: Router<WebContext>) {
        exchange.register("/t/events", [.post], router) { request, web in await take(request, web) }
        for name in [TrackerScript.script, TrackerScript.module] {
            router.on(RouterPath("/t/\(name)"), method: .get) { request, _ in
                serve(request, script.file(version: TrackerScript.latest, name), keptSeconds: Self.latestSeconds)
            }
            router.on(RouterPath("/t/{version}/\(name)"), method: .get) { request, web in
                let file = web.parameters.get("version").flatMap { script.file(version: $0, name) }
                return serve(request, file, keptSeconds: Self.foreverSeconds)
            }
        }
        exchange.register("/t/versions", [.get], router) { _, _ in
            let files = script.files.sorted { $0.key < $1.key }.map { path, file -> JSONValue in
                ["path": .string("/t/" + path), "integrity": .string(file.integrity)]
            }
            let body: JSONValue = ["latest": .string(TrackerScript.latest), "files": .array(files)]
            return CollectAnswer.json(.ok, body.text())
        }
    }

    private static let latestSeconds = 3_600
    private static let foreverSeconds = 31_536_000

    private func take(_ request: Request, _ web: WebContext) async -> Response {
        do {
            let call = try await exchange.call(request, web) { [$0["key"]] }
            _ = try await exchange.take(call) { moment in
                var batch = try call.body.withUnsafeBufferPointer { try NativeBody.read($0, moment) }
                let key = call.query["key"] ?? ""
                let today = VisitorSalt.visitor(call.visitor, key: key, salt: moment.settings.visitorSalt)
                for index in batch.events.indices { Self.nameVisitor(&batch.events[index], today) }
                return batch
            }
            return CollectAnswer.json(.ok, CollectAnswer.success)
        } catch {
            return CollectFailure(error, exchange.context.platform).response()
        }
    }

    /// Pages without storage say `cookieless`: today's id of the visitor takes its place.
    private static func nameVisitor(_ event: inout IncomingEvent, _ today: String) {
        for index in event.identities.indices
        where event.identities[index].kind == IdentityKind.anonymousID && event.identities[index].value == "cookieless"
        {
            event.identities[index].value = today
        }
    }

    private func serve(_ request: Request, _ file: TrackerScript.File?, keptSeconds: Int) -> Response {
        guard let file else { return Response(status: .notFound, headers: [.cacheControl: "no-store"]) }
        let mark = "\"\(file.integrity.suffix(24))\""
        var headers: HTTPFields = [
            .contentType: "text/javascript; charset=utf-8", .vary: "Accept-Encoding", .eTag: mark,
            .cacheControl: "public, max-age=\(keptSeconds)" + (keptSeconds == Self.foreverSeconds ? ", immutable" : ""),
        ]
        headers[.accessControlAllowOrigin] = "*"
        headers[.xContentTypeOptions] = "nosniff"
        if request.headers[.ifNoneMatch] == mark { return Response(status: .notModified, headers: headers) }
        guard let gzipped = file.gzipped, SecurityHeaders.acceptsGzip(request) else {
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: file.bytes)))
        }
        headers[.contentEncoding] = "gzip"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: gzipped)))
    }
}
