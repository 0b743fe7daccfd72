import CZlib
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Storage
import Synchronization
import TestSupport

@testable import Web

/// Collectors and API over a fresh store, driven without a network, with the real ingest and processor behind.
struct CollectHarness {
    let platform: Platform
    let key: String
    let sourceID: Int64
    let secret: String
    private let signal: LogSignal
    private let responder: RouterResponder<WebContext>

    /// 2026-11-22T17:01:50Z: just after the captured requests were sent.
    static let now = Timestamp(milliseconds: 1_795_366_910_000)

    static func with<T>(
        _ kind: StoreKind = .sqlite, at now: Timestamp = now, lists: TrafficLists = .none,
        regions: RegionFile? = nil, analytics: (any AnalyticsStore)? = nil,
        _ body: (CollectHarness) async throws -> T
    ) async throws -> T {
        try await TestDatabase.with(kind) { store in
            try await body(
                CollectHarness(store: store, now: now, lists: lists, regions: regions, analytics: analytics))
        }
    }

    private init(
        store: any OperationalStore, now: Timestamp, lists: TrafficLists, regions: RegionFile?,
        analytics: (any AnalyticsStore)?
    ) async throws {
        var effects = Effects.live
        effects.now = { now }
        // The live generator follows the clock that stands still here.
        let source = IDs()
        effects.newID = { source.next() }
        let platform = Platform(
            store: store, analytics: analytics ?? ClosedAnalyticsStore("not in this test"), effects: effects)
        let signal = LogSignal()
        let ingest = Ingest(platform: platform, signal: signal)
        let context = CollectContext(
            platform: platform, writeKeys: WriteKeyCache(platform: platform), lists: lists, regions: regions,
            append: { try await ingest.append($0) })
        let router = Router(context: WebContext.self)
        CollectRoutes(context: context).add(to: router)
        LinkRoutes(context: context).add(to: router)
        ReceiptRoutes(context: context).add(to: router)
        PushRoutes(context: context).add(to: router)
        APIRoutes(context: APIContext(collect: context)).add(to: router)
        responder = router.buildResponder()
        let made = try await store.write { connection in
            let made = try Sources.create(name: "Shop", kind: .server, by: "test", connection, platform.effects)
            let api = try APIKeys.create(
                name: "test", scopes: Set(APIScope.allCases), by: "test", connection, platform.effects)
            return (made.source.id, made.key.key, api.secret)
        }
        (sourceID, key, secret) = made
        self.platform = platform
        self.signal = signal
    }

    /// Applies everything that was collected.
    func process() async throws {
        try await Processor(platform: platform, signal: signal).catchUp()
    }

    struct Reply {
        var status: Int
        var headers: HTTPFields
        var bytes: [UInt8]
        var text: String { String(decoding: bytes, as: UTF8.self) }
        var json: JSONValue {
            get throws { try JSONValue(parsing: bytes) }
        }
        var code: String? {
            get throws { try json["code"]?.stringValue }
        }
    }

    /// `peer`: the address that the request comes from; nil: it comes by no connection.
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = [:], bytes: [UInt8] = [],
        peer: String? = nil
    ) async throws -> Reply {
        let head = HTTPRequest(
            method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: bytes)))
        let response: Response
        do {
            let context = WebContext(
                logger: platform.logger, peer: try peer.map { try SocketAddress(ipAddress: $0, port: 4_000) })
            response = try await responder.respond(to: request, context: context)
        } catch let error as any HTTPResponseError {
            return Reply(status: error.status.code, headers: [:], bytes: [])
        }
        let collected = ReplyWriter()
        try await response.body.write(collected)
        return Reply(
            status: response.status.code, headers: response.headers, bytes: Array(collected.buffer.readableBytesView))
    }

    /// The secret of a key that may do this and nothing else.
    func key(for scopes: Set<APIScope>) async throws -> String {
        let effects = platform.effects
        return try await platform.store.write {
            try APIKeys.create(name: "narrow", scopes: scopes, by: "test", $0, effects).secret
        }
    }

    /// A call of the API with the secret key, or with another one.
    func api(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, headers: HTTPFields = [:],
        secret: String? = nil, peer: String? = nil
    ) async throws -> Reply {
        var headers = headers
        headers[.authorization] = "Bearer \(secret ?? self.secret)"
        if body != nil { headers[.contentType] = "application/json" }
        return try await send(method, path, headers, bytes: body?.utf8Text() ?? [], peer: peer)
    }

    /// A Segment request as SDKs send it: write key as the user of Basic.
    func segment(
        _ path: String, _ text: String, key: String? = nil, gzip: Bool = false
    ) async throws -> Reply {
        var headers: HTTPFields = [.contentType: "application/json", .authorization: basic(key ?? self.key)]
        if gzip { headers[.contentEncoding] = "gzip" }
        let bytes = Array(text.utf8)
        return try await send(.post, path, headers, bytes: gzip ? try Gzip.compress(bytes) : bytes)
    }

    func basic(_ key: String) -> String {
        "Basic " + Data((key + ":").utf8).base64EncodedString()
    }

    /// The events in the log, in order.
    func logged() async throws -> [LoggedRow] {
        try await platform.store.read { connection in
            try connection.query(
                """
                SELECT kind, name, message_id, time_ms, identities, properties, traits, trait_operation, context
                FROM event_log WHERE kind <> 'system' ORDER BY position
                """
            ).map { row in
                LoggedRow(
                    kind: try row.text(0), name: try row.text(1), messageID: try row.text(2),
                    time: Timestamp(milliseconds: try row.int(3)).iso8601,
                    identities: try row.text(4).split(separator: "\u{1F}").map(String.init),
                    properties: try JSONValue(parsing: try row.text(5)),
                    traits: try JSONValue(parsing: try row.text(6)),
                    operation: try row.text(7), context: try JSONValue(parsing: try row.text(8)))
            }
        }
    }

    func quarantined() async throws -> [QuarantinedItem] {
        try await platform.store.read { connection in
            try QuarantineList.page(status: nil, before: nil, limit: 200, connection).reversed().map {
                try QuarantineList.get(id: $0.id, connection)
            }
        }
    }
}

struct LoggedRow: Equatable {
    var kind: String
    var name: String
    var messageID: String
    var time: String
    var identities: [String]
    var properties: JSONValue
    var traits: JSONValue
    var operation: String
    var context: JSONValue
}

private final class IDs: Sendable {
    private let counter = Mutex<Int64>(1_000)

    func next() -> Int64 {
        counter.withLock { value in
            value += 1
            return value
        }
    }
}

private final class ReplyWriter: ResponseBodyWriter {
    var buffer = ByteBuffer()

    func write(_ more: ByteBuffer) async throws {
        buffer.writeImmutableBuffer(more)
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

enum Gzip {
    struct Failed: Error {}

    static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
        var stream = z_stream()
        guard
            deflateInit2_(
                &stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                == Z_OK
        else { throw Failed() }
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count + bytes.count / 100 + 256)
        let code = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard code == Z_STREAM_END else { throw Failed() }
        return Array(output.prefix(Int(stream.total_out)))
    }
}

/// Captured requests.
enum Captured {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/contracts")

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    static func lines(_ name: String) throws -> [JSONValue] {
        try text(name).split(separator: "\n").map { try JSONValue(parsing: $0) }
    }
}
