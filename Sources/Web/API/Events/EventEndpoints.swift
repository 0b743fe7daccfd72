import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Sending events in Perennial's own words.
enum EventEndpoints {
    /// One event; members beyond these are passed over.
    private static let event = APISchema.named(
        "Event",
        .object(
            [
                .optional(
                    "type", .words(["track", "identify", "page", "screen", "group", "alias"]), "track unless told"),
                .optional("event", .string(max: CollectLimits.nameCharacters), "What happened; for track."),
                .optional(
                    "message_id", .string(max: EventLimits.messageIDCharacters),
                    "Unique per source; a repeat is not applied."),
                .optional("user_id", .string()), .optional("anonymous_id", .string()),
                .optional("previous_id", .string(), "For alias: the id bound to the others."),
                .optional("identities", .map(.string()), "Further identities by kind: phone, email, wechat_unionid, …"),
                .optional("timestamp", .timestamp, "When it happened; now unless told."),
                .optional("sent_at", .timestamp, "The client's clock at sending, by which its times are corrected."),
                .optional("properties", .map(.any)), .optional("traits", .map(.any)),
                .optional("trait_operation", .words(TraitOperation.allCases.map(\.rawValue)), "set unless told"),
                .optional("context", .map(.any)),
            ], isOpen: true))

    static let routes: [APIRoute] = [
        APIRoute(
            .post, "/api/v1/events", "sendEvents", tag: "Events",
            """
            Send events: one object, an array of up to \(EventLimits.batchEvents), or NDJSON of any length (gzip welcome). \
            The answer comes when they are durable and tells of each item whether it was stored.
            """,
            access: .scopeOrWriteKey(.eventsWrite),
            parameters: [.query("source_id", .id, "With a secret key: the source they come from.")],
            body: .stream(
                .anyOf([event, .array(event, count: 0...EventLimits.batchEvents)]),
                contentTypes: ["application/json", "application/x-ndjson"]), response: NativeReceipt.schema,
            handler: send)
    ]

    @Sendable private static func send(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let source = try await source(of: request, context)
        let moment = await context.collect.moment()
        let isGzip = request.raw.headers[.contentEncoding]?.lowercased() == "gzip"
        let type = request.raw.headers[.contentType]?.lowercased() ?? "application/json"
        if type.hasPrefix("application/x-ndjson") || type.hasPrefix("application/jsonl") {
            var stream = NativeStream(
                sourceID: source, moment: moment, regions: context.collect.traffic.regions, append: context.append)
            try await stream.take(request.raw.body, isGzip: isGzip)
            return APIResponse(stream.receipt.json)
        }
        guard type.hasPrefix("application/json") || type.hasPrefix("text/plain") else {
            throw Problem(
                .unsupportedMediaType, "unsupported_media_type", "Send application/json or application/x-ndjson.")
        }
        return try await document(request, source, moment, context)
    }

    private static func document(
        _ request: APIRequest, _ source: Int64, _ moment: CollectMoment, _ context: APIContext
    ) async throws -> APIResponse {
        let body: ByteBuffer
        do {
            body = try await CollectBody.read(request.raw, limit: EventLimits.requestBytes)
        } catch let unreadable as CollectBody.Unreadable {
            let flaw = ItemFlaw(.badEncoding, unreadable.failure.message)
            try await setAside(flaw, unreadable.raw, source, context)
            throw Problem(.badRequest, unreadable.failure.code, unreadable.failure.message)
        } catch let failure as CollectFailure {
            throw Problem(failure.status, failure.code, failure.message)
        }
        let batch: CollectedBatch
        do {
            batch = try body.withUnsafeReadableBytes { try NativeBody.read($0.bindMemory(to: UInt8.self), moment) }
        } catch {
            let flaw = ItemFlaw(any: error)
            try await setAside(flaw, Array(body.readableBytesView.prefix(EventLimits.rawBytes)), source, context)
            throw Problem(.badRequest, flaw.reason.rawValue, flaw.explanation)
        }
        let placed = batch.placed(by: context.collect.traffic.regions)
        try await context.append(placed.incoming(sourceID: source))
        var receipt = NativeReceipt()
        receipt.note(batch, first: 0)
        return APIResponse(receipt.json)
    }

    private static func setAside(
        _ flaw: ItemFlaw, _ raw: [UInt8], _ source: Int64, _ context: APIContext
    ) async throws {
        let refusal = flaw.refusal(raw: raw, messageID: nil, dialect: NativeBody.dialect)
        try await context.append(IncomingBatch(sourceID: source, events: [], rejected: [refusal.item]))
    }

    /// The source of the write key, the one that a secret key's caller names, or the source “API”.
    private static func source(of request: APIRequest, _ context: APIContext) async throws -> Int64 {
        if case .source(let id) = request.caller { return id }
        let effects = context.platform.effects
        if let named = request.string("source_id").flatMap({ Int64($0) }) {
            let source = try await context.platform.store.read { try Sources.get(id: named, $0) }
            guard source.archivedAt == nil else { throw SourceError.archived(id: named) }
            return named
        }
        if let known = try await context.platform.store.read({ try Sources.find(name: "API", $0) }) { return known.id }
        return try await context.platform.store.write { connection in
            try connection.lock("sources")
            if let known = try Sources.find(name: "API", connection) { return known.id }
            return try Sources.create(name: "API", kind: .server, by: "system", connection, effects).source.id
        }
    }
}
