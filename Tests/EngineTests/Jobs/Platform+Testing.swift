import Logging
import Storage
import Synchronization

@testable import Engine

/// A clock that stands still until a test moves it.
final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ start: Timestamp = Timestamp(milliseconds: 1_790_000_000_000)) {
        milliseconds = Mutex(start.milliseconds)
    }

    var now: Timestamp { milliseconds.withLock { Timestamp(milliseconds: $0) } }

    func advance(milliseconds more: Int64) {
        milliseconds.withLock { $0 += more }
    }

    func set(_ moment: Timestamp) {
        milliseconds.withLock { $0 = moment.milliseconds }
    }

    /// The real identifiers and randomness with this time.
    var effects: Effects {
        Effects(now: { self.now }, newID: Effects.live.newID, randomBytes: Effects.live.randomBytes)
    }
}

extension Platform {
    /// A platform whose analytics store nobody asks anything.
    static func testing(_ store: any OperationalStore, clock: TestClock? = nil) -> Platform {
        Platform(
            store: store, analytics: ClosedAnalyticsStore("no analytics in this test"),
            effects: clock?.effects ?? .live,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func enqueue(_ kind: String, key: String, request: String = "{}") async throws -> JobQueue.Enqueued {
        try await store.write { [effects] connection in
            try JobQueue.enqueue(
                connection, kind: kind, key: key, request: request, dueAt: effects.now(), effects: effects)
        }
    }
}
