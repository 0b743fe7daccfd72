import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// What every handler of a collector does whatever the dialect: reads the body, has it parsed, finds the source,
/// stores durably, and only then returns. What cannot be read is kept when it is known whose it is.
struct CollectExchange: Sendable {
    let context: CollectContext
    var dialect: String
    /// Bytes of a body, as sent and inflated.
    var bodyBytes = EventLimits.batchBytes
    /// The user agent of the request is the visitor's own, whoever sends it on.
    var headerIsVisitor = false
    /// The visitor's address is kept with the event; dialects made to forget it do not.
    var keepsAddress = true

    /// One request with what was found in its address.
    struct Call {
        var request: Request
        var query: FormFields
        var body: [UInt8]
        /// Keys outside the body, in the order to try them.
        var keys: [String?] = []
        var visitor: Visitor
    }

    /// Reads the request. Throws: `CollectFailure`, `StorageError`.
    func call(
        _ request: Request, _ web: WebContext, keys: (FormFields) -> [String?] = { _ in [] }
    ) async throws -> Call {
        let query = FormFields((request.uri.query ?? "").utf8)
        var call = Call(request: request, query: query, body: [], visitor: Visitor(request, web))
        call.keys = keys(query) + [APIAuthentication.credential(request)]
        guard request.method == .post else { return call }
        do {
            call.body = Array(try await CollectBody.read(request, limit: bodyBytes).readableBytesView)
        } catch let unreadable as CollectBody.Unreadable {
            try await setAside(ItemFlaw(.badEncoding, unreadable.failure.message), raw: unreadable.raw, call.keys)
            throw unreadable.failure
        }
        return call
    }

    /// What became of a request.
    struct Taken {
        var batch: CollectedBatch
        /// Why nothing of it was a person's doing, if so.
        var machine: TrafficFilter.Verdict?
    }

    /// Parses and stores. Throws: `CollectFailure` 400 for what is no request of the dialect, 401 without a live key.
    func take(_ call: Call, _ parse: (CollectMoment) throws -> CollectedBatch) async throws -> Taken {
        let moment = await context.moment()
        var batch: CollectedBatch
        do {
            batch = try parse(moment)
        } catch let failure as CollectFailure {
            throw failure
        } catch {
            let flaw = ItemFlaw(any: error)
            let raw = call.body.isEmpty ? Array((call.request.uri.query ?? "").utf8) : call.body
            try await setAside(flaw, raw: Array(raw.prefix(EventLimits.rawBytes)), call.keys)
            throw CollectFailure(.badRequest, flaw.reason.rawValue, flaw.explanation)
        }
        let source = try await context.source(of: call.keys + batch.keys.map { $0 })
        var visitor = call.visitor
        if headerIsVisitor { visitor.isBrowser = true }
        let verdict = context.traffic.sort(&batch, visitor, moment, source: source, keepsAddress: keepsAddress)
        if !batch.events.isEmpty || !batch.rejected.isEmpty {
            try await context.append(batch.incoming(sourceID: source))
        }
        await context.traffic.flush()
        return Taken(batch: batch, machine: verdict)
    }

    private func setAside(_ flaw: ItemFlaw, raw: [UInt8], _ keys: [String?]) async throws {
        let source = try await context.source(of: keys)
        let refusal = flaw.refusal(raw: raw, messageID: nil, dialect: dialect)
        try await context.append(IncomingBatch(sourceID: source, events: [], rejected: [refusal.item]))
    }

    /// Registers a path for these methods with the preflight of browsers.
    func register(
        _ path: String, _ methods: [HTTPRequest.Method], _ router: Router<WebContext>,
        _ respond: @escaping @Sendable (Request, WebContext) async -> Response
    ) {
        router.on(RouterPath(path), method: .options) { request, _ in CORS.preflight(request) }
        for method in methods {
            router.on(RouterPath(path), method: method) { request, web in
                CORS.allow(await respond(request, web), for: request)
            }
        }
    }
}

extension CollectAnswer {
    static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// A transparent GIF of one pixel.
    static let pixel = Response(
        status: .ok, headers: [.contentType: "image/gif", .cacheControl: "no-store"],
        body: ResponseBody(
            byteBuffer: ByteBuffer(bytes: [
                0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF,
                0xFF, 0xFF, 0x21, 0xF9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2C, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
                0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3B,
            ])))
}
