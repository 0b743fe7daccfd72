import Engine
import HTTPTypes
import Hummingbird
import NIOCore
import Storage
import Testing

@testable import Web

@Suite("Live events in the console")
struct LiveTests {
    @Test("the stream begins with what came last, and a dead session ends it")
    func stream() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.collect(harness, name: "Product </script> Viewed", message: "m1")
            let browser = try await harness.signedIn(as: .viewer)
            let (head, first) = try await harness.begin("/live/stream", browser)
            #expect(head.headers[.contentType]?.hasPrefix("text/event-stream") == true)
            #expect(first.hasPrefix("retry: 2000\n\nid: ") && first.hasSuffix("\n\n"))
            let data = try #require(first.split(separator: "\n").first { $0.hasPrefix("data: ") })
            let document = try JSONValue(parsing: String(data.dropFirst(6)))
            #expect(document["events"]?[0]?["name"] == "Product </script> Viewed")
            #expect(document["events"]?[0]?["person"] == "User ID u1" || document["events"]?[0]?["href"] != nil)
            let stranger = try await Browser(harness: harness).get("/live/stream")
            #expect(stranger.status == 303)
        }
    }

    @Test("a message is looked up: stored and whose, refused and why, or unknown")
    func receipts() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.collect(harness, name: "Product Viewed", message: "m1")
            let browser = try await harness.signedIn(as: .viewer)
            let stored = try await browser.get("/live?message=m1").text
            #expect(stored.contains("chip-good\">Stored") && stored.contains("/people/"))
            let refused = try await browser.get("/live?message=m2").text
            #expect(refused.contains("Quarantined") && refused.contains("/quarantine/"))
            let unknown = try await browser.get("/live?message=%3Cb%3E").text
            #expect(unknown.contains("No message with this id") && unknown.contains("&lt;b&gt;"))
        }
    }

    @Test("nobody takes more seats than there are")
    func seats() {
        let seats = LiveSeats()
        let taken = (0..<10).filter { _ in seats.take(1) }.count
        #expect(taken == 6 && seats.take(2))
        seats.leave(1)
        #expect(seats.take(1) && !seats.take(1))
    }

    private static func collect(_ harness: ConsoleHarness, name: String, message: String) async throws {
        let (effects, signal) = (harness.platform.effects, LogSignal())
        let source = try await harness.platform.store.write {
            try Sources.create(name: "Shop", kind: .server, by: "test", $0, effects).source.id
        }
        let event = IncomingEvent(
            kind: .track, name: name, messageID: message,
            identities: [IdentityClaim(kind: "user_id", value: "u1")], time: effects.now(), receivedAt: effects.now())
        let bad = RejectedItem(
            messageID: "m2", reason: .missingField, explanation: "“event” is missing.", raw: Array("{}".utf8),
            dialect: "segment")
        try await Ingest(platform: harness.platform, signal: signal).append(
            IncomingBatch(sourceID: source, events: [event], rejected: [bad]))
        try await Processor(platform: harness.platform, signal: signal).catchUp()
    }
}

/// Ends a stream after its first piece, as a browser that leaves does.
private final class FirstPiece: ResponseBodyWriter {
    struct Left: Error {}
    var text = ""

    func write(_ buffer: ByteBuffer) async throws {
        text = String(buffer: buffer)
        throw Left()
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

extension ConsoleHarness {
    /// The head and the first piece of a stream.
    func begin(_ path: String, _ browser: Browser) async throws -> (Response, String) {
        let head = HTTPRequest(
            method: .get, scheme: "http", authority: "localhost", path: path,
            headerFields: [.cookie: browser.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")])
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        let context = TestContext(source: TestContext.Source(logger: platform.logger))
        let response = try await responder.respond(to: request, context: context)
        let writer = FirstPiece()
        do { try await response.body.write(writer) } catch is FirstPiece.Left {}
        return (response, writer.text)
    }
}
