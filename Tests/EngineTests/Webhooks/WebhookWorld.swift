import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// A receiver that keeps what comes and answers as it is told; 200 when it is told nothing.
final class WebhookReceiver: Sendable {
    private struct State {
        var messages: [WebhookMessage] = []
        var answers: [Int] = []
        var isKilled = false
    }
    private let state = Mutex(State())

    var messages: [WebhookMessage] { state.withLock { $0.messages } }
    var types: [String] {
        get throws { try messages.map { try JSONValue(parsing: $0.body)["type"]?.stringValue ?? "" } }
    }

    func answer(_ answers: [Int]) { state.withLock { $0.answers = answers } }
    /// The process dies when the message has been sent.
    func kill(_ isKilled: Bool) { state.withLock { $0.isKilled = isKilled } }
    func forget() { state.withLock { $0.messages = [] } }

    var transport: WebhookTransport {
        { message in
            let (status, isKilled) = self.state.withLock { state in
                state.messages.append(message)
                return (state.answers.isEmpty ? 200 : state.answers.removeFirst(), state.isKilled)
            }
            if isKilled { throw CancellationError() }
            return OutgoingRequest.Answer(status: status, bytes: Array("answer".utf8))
        }
    }
}

/// Endpoints over a real store, with a clock of their own.
struct WebhookWorld {
    var platform: Platform
    var clock: TestClock
    var receiver = WebhookReceiver()

    /// A process of its own: what one leaves behind the next one finds.
    func send() async throws {
        try await WebhookService(platform: platform, transport: receiver.transport).catchUp()
    }

    func say(_ name: String, of profile: Int64 = 7, _ properties: String = "{}") async throws {
        let (effects, now) = (platform.effects, clock.now)
        try await platform.store.write {
            try SystemEventLog.append(
                [SystemEvent(name: name, profileID: profile, time: now, properties: properties)], now: now,
                effects: effects, to: $0)
        }
    }

    func create(_ events: [String], segments: [Int64] = []) async throws -> (id: Int64, secret: String) {
        let platform = platform
        let draft = WebhookEndpoint.Draft(url: "https://a.example.com/x", events: events, segments: segments)
        let made = try await platform.store.write {
            try Webhooks.create(draft, by: "test", platform.seal, platform.effects, $0)
        }
        return (made.endpoint.id, made.secret)
    }

    func endpoint(_ id: Int64) async throws -> WebhookEndpoint {
        try await platform.store.read { try Webhooks.get(id, $0) }
    }

    func deliveries(_ id: Int64) async throws -> [WebhookDelivery] {
        try await platform.store.read { try WebhookOutbox.list(id, limit: 100, $0) }.reversed()
    }

    func segment(_ name: String, people: [Int64]) async throws -> Int64 {
        let (effects, now) = (platform.effects, clock.now)
        return try await platform.store.write { connection in
            let made = try Segments.create(SegmentDraft(name: name, kind: .list), effects: effects, connection)
            try SegmentMembers.add(people.map { (made.id, $0) }, at: now, connection)
            return made.id
        }
    }

    static func with(_ kind: StoreKind, _ body: (WebhookWorld) async throws -> Void) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            try await body(WebhookWorld(platform: .testing(store, clock: clock), clock: clock))
        }
    }
}
