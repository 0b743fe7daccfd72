import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// The Segment HTTP API, which RudderStack's SDKs speak too.
enum SegmentCollector {
    static let dialect = CollectorDialect(
        name: SegmentBody.dialect,
        add: { router, context in SegmentRoutes(context: context).add(to: router) },
        read: read)

    /// A quarantined item, or a whole batch that could not be read.
    @Sendable private static func read(_ raw: [UInt8], _ name: String, _ moment: CollectMoment) -> CollectedBatch {
        let kind = name.split(separator: ":").dropFirst().first.flatMap { EventKind(rawValue: String($0)) }
        return raw.withUnsafeBufferPointer { bytes in
            do {
                return try SegmentBody.batch(bytes, moment)
            } catch {
                // Most items are single events.
                return CollectedBatch.reading(raw, name) { try SegmentBody.single(bytes, kind: kind, moment) }
            }
        }
    }
}

/// The paths of the dialect.
private struct SegmentRoutes: Sendable {
    let context: CollectContext

    /// The calls with a path of their own, with the letter that Segment's browser SDK uses.
    private static let calls: [(path: String, kind: EventKind)] = [
        ("identify", .identify), ("track", .track), ("page", .page), ("screen", .screen), ("group", .group),
        ("alias", .alias), ("i", .identify), ("t", .track), ("p", .page), ("s", .screen), ("g", .group), ("a", .alias),
    ]

    func add(to router: Router<WebContext>) {
        for path in ["batch", "b", "import"] {
            register("/v1/\(path)", router) { bytes, moment in try SegmentBody.batch(bytes, moment) }
        }
        for (path, kind) in Self.calls {
            register("/v1/\(path)", router) { bytes, moment in
                try SegmentBody.single(bytes, kind: kind, moment)
            }
        }
    }

    private typealias Parse = @Sendable (UnsafeBufferPointer<UInt8>, CollectMoment) throws -> CollectedBatch

    private func register(_ path: String, _ router: Router<WebContext>, _ parse: @escaping Parse) {
        let isSingle = !path.hasSuffix("/batch") && !path.hasSuffix("/b") && !path.hasSuffix("/import")
        router.on(RouterPath(path), method: .options) { request, _ in CORS.preflight(request) }
        router.on(RouterPath(path), method: .post) { request, _ in
            CORS.allow(await respond(request, isSingle: isSingle, parse), for: request)
        }
    }

    private func respond(_ request: Request, isSingle: Bool, _ parse: Parse) async -> Response {
        do {
            let batch = try await take(request, parse)
            if isSingle, let rejected = batch.rejected.first {
                return CollectFailure(.badRequest, rejected.item.reason.rawValue, rejected.item.explanation).response()
            }
            return CollectAnswer.json(.ok, CollectAnswer.text(batch))
        } catch {
            return CollectFailure(error, context.platform).response()
        }
    }

    /// Reads, stores durably, and only then returns.
    private func take(_ request: Request, _ parse: Parse) async throws -> CollectedBatch {
        let key = APIAuthentication.credential(request) ?? request.uri.queryParameters["writeKey"].map(String.init)
        let body: ByteBuffer
        do {
            body = try await CollectBody.read(request, limit: EventLimits.batchBytes)
        } catch let unreadable as CollectBody.Unreadable {
            let flaw = ItemFlaw(.badEncoding, unreadable.failure.message)
            try await setAside(flaw, raw: unreadable.raw, key: key)
            throw unreadable.failure
        }
        let moment = await context.moment()
        let batch: CollectedBatch
        do {
            batch = try body.withUnsafeReadableBytes { try parse($0.bindMemory(to: UInt8.self), moment) }
        } catch {
            let flaw = ItemFlaw(any: error)
            try await setAside(flaw, raw: Array(body.readableBytesView.prefix(EventLimits.rawBytes)), key: key)
            throw CollectFailure(.badRequest, flaw.reason.rawValue, flaw.explanation)
        }
        let source = try await context.source(of: key.map { [$0] } ?? batch.keys)
        try await context.append(batch.placed(by: context.traffic.regions).incoming(sourceID: source))
        return batch
    }

    /// Keeps a body that cannot be read, when it is known whose it is.
    private func setAside(_ flaw: ItemFlaw, raw: [UInt8], key: String?) async throws {
        let source = try await context.source(of: [key])
        let refusal = flaw.refusal(raw: raw, messageID: nil, dialect: SegmentBody.dialect)
        try await context.append(IncomingBatch(sourceID: source, events: [], rejected: [refusal.item]))
    }
}

extension CollectedBatch {
    /// What `parse` makes of the bytes, or one rejected item when they cannot be read.
    static func reading(
        _ raw: [UInt8], _ dialect: String, _ parse: () throws -> CollectedBatch
    ) -> CollectedBatch {
        do {
            return try parse()
        } catch {
            var batch = CollectedBatch()
            batch.add(.failure(ItemFlaw(any: error).refusal(raw: raw, messageID: nil, dialect: dialect)))
            return batch
        }
    }
}
