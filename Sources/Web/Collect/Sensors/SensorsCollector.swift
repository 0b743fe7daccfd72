import Engine
import HTTPTypes
import Hummingbird

/// The collector of Sensors Analytics (神策): `/sa`, `/sa.gif` and `/debug`, for server and browser SDKs.
enum SensorsCollector {
    static let dialect = CollectorDialect(
        name: SensorsReader.dialect,
        add: { router, context in SensorsRoutes(context: context).add(to: router) },
        read: read)

    /// A quarantined item, or a whole form that could not be read.
    @Sendable private static func read(_ raw: [UInt8], _ name: String, _ moment: CollectMoment) -> CollectedBatch {
        CollectedBatch.reading(raw, name) {
            let first = raw.first { $0 > 0x20 }
            let isJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
            let json = isJSON ? raw : try SensorsForm(raw).payload()
            return try json.withUnsafeBufferPointer { try SensorsBody.read($0, moment) }
        }
    }
}

/// The paths of the dialect.
private struct SensorsRoutes: Sendable {
    let context: CollectContext

    /// A form is base64 of what it carries, escaped: nearly twice its size.
    private static let formBytes = EventLimits.batchBytes * 2

    func add(to router: Router<WebContext>) {
        for path in ["/sa", "/sa.gif", "/debug"] {
            router.on(RouterPath(path), method: .options) { request, _ in CORS.preflight(request) }
            for method in [HTTPRequest.Method.get, .post] {
                router.on(RouterPath(path), method: method) { request, _ in
                    CORS.allow(await respond(request, isDebug: path == "/debug"), for: request)
                }
            }
        }
    }

    private func respond(_ request: Request, isDebug: Bool) async -> Response {
        do {
            let isDryRun = isDebug && request.headers[SensorsHeader.dryRun]?.lowercased() == "true"
            let batch = try await take(request, isDryRun: isDryRun)
            if isDebug, let rejected = batch.rejected.first {
                return CollectFailure(.badRequest, rejected.item.reason.rawValue, rejected.item.explanation).response()
            }
            if isDebug { return CollectAnswer.json(.ok, CollectAnswer.success) }
            return request.method == .get ? CollectAnswer.pixel : Self.empty
        } catch {
            return CollectFailure(error, context.platform).response()
        }
    }

    /// Reads, stores durably (unless it is a dry run), and only then returns.
    private func take(_ request: Request, isDryRun: Bool) async throws -> CollectedBatch {
        let query = SensorsForm((request.uri.query ?? "").utf8)
        var keys = [query["token"], query["project"], APIAuthentication.credential(request)]
        let raw = try await form(request)
        let moment = await context.moment()
        let batch: CollectedBatch
        do {
            let payload = try (request.method == .get ? query : SensorsForm(raw)).payload()
            batch = try payload.withUnsafeBufferPointer { try SensorsBody.read($0, moment) }
        } catch let failure as CollectFailure {
            throw failure
        } catch {
            let flaw = ItemFlaw(any: error)
            if !isDryRun { try await setAside(flaw, raw: raw, keys: keys) }
            throw CollectFailure(.badRequest, flaw.reason.rawValue, flaw.explanation)
        }
        keys += batch.keys
        let source = try await context.source(of: keys)
        if !isDryRun { try await context.append(batch.placed(by: context.traffic.regions).incoming(sourceID: source)) }
        return batch
    }

    /// The form as it was sent: the body, or the query of a pixel.
    private func form(_ request: Request) async throws -> [UInt8] {
        guard request.method == .post else { return Array((request.uri.query ?? "").utf8) }
        do {
            return Array(try await CollectBody.read(request, limit: Self.formBytes).readableBytesView)
        } catch let unreadable as CollectBody.Unreadable {
            throw unreadable.failure
        }
    }

    /// Keeps a form that cannot be read, when it is known whose it is.
    private func setAside(_ flaw: ItemFlaw, raw: [UInt8], keys: [String?]) async throws {
        let source = try await context.source(of: keys)
        let refusal = flaw.refusal(raw: raw, messageID: nil, dialect: SensorsReader.dialect)
        try await context.append(IncomingBatch(sourceID: source, events: [], rejected: [refusal.item]))
    }

    private static let empty = Response(
        status: .ok, headers: [.contentType: "text/plain", .cacheControl: "no-store"], body: ResponseBody())
}

private enum SensorsHeader {
    static let dryRun: HTTPField.Name = {
        guard let name = HTTPField.Name("Dry-Run") else { preconditionFailure("Dry-Run is a header name") }
        return name
    }()
}
