import Engine
import HTTPTypes
import Hummingbird
import NIOCore
import Storage
import Synchronization

/// The stream behind the page of live events: server-sent events, one JSON object an event.
///
/// It goes on from `Last-Event-ID`, beats every ten seconds, and ends when the session ends or loses the permission,
/// when the server stops, and after a quarter of an hour, upon which the browser comes back by itself.
enum LiveStream {
    /// Events shown when one opens the page.
    private static let recent = 50
    private static let beatLooks = 20

    static func open(_ request: PageRequest) async throws -> Reply {
        let seats = request.console.liveSeats
        let user = request.user.id
        let query = request.query
        func word(_ name: String) -> String? { query[name].flatMap { $0.isEmpty ? nil : $0 } }
        let filter = LiveEvents.Filter(
            name: word("name"), kind: word("kind").flatMap(EventKind.init(rawValue:)), sourceID: query.int("source"),
            person: word("person"))
        let place = (request.lastEventID ?? word("after")).flatMap { LiveEvents.Place($0) }
        let body = ResponseBody { writer in
            // Taken here, so that an answer that is never read takes none.
            guard seats.take(user) else {
                try await writer.write(ByteBuffer(string: "event: full\ndata: {}\n\n"))
                return try await writer.finish(nil)
            }
            defer { seats.leave(user) }
            try await write(filter, after: place, request, to: &writer)
            try await writer.finish(nil)
        }
        return .events(body)
    }

    private static func write(
        _ filter: LiveEvents.Filter, after place: LiveEvents.Place?, _ request: PageRequest,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        let platform = request.platform
        let sources = try await platform.store.read { try Sources.list($0) }
        let words = LiveWords(request, sources: sources)
        var from = place
        if from == nil {
            let found = try await platform.store.read { try LiveEvents.recent(filter, limit: recent, $0) }
            try await writer.write(ByteBuffer(string: "retry: 2000\n\n" + text(found, words)))
            from = found.next
        }
        guard let start = from else { return }
        var looks = 0
        try await LiveFeed.follow(from: start, filter, platform) { found in
            looks += 1
            if !found.events.isEmpty || !found.refused.isEmpty || found.skipped > 0 {
                try await writer.write(ByteBuffer(string: text(found, words)))
            } else if looks % beatLooks == 0 {
                try await writer.write(ByteBuffer(string: ": beat\nid: \(found.next.text)\n\n"))
            }
            return looks % beatLooks != 0 ? true : try await mayStay(request)
        }
    }

    private static func mayStay(_ request: PageRequest) async throws -> Bool {
        let (hash, now) = (request.session.tokenHash, request.platform.effects.now())
        let session = try await request.platform.store.read {
            try Sessions.find(tokenHash: hash, $0, at: now)
        }
        return session?.user.role.may(request.route.permission) ?? false
    }

    private static func text(_ found: LiveEvents, _ words: LiveWords) -> String {
        let lines = found.events.map(words.line) + found.refused.map(words.line)
        let document = JSONValue.object(["events": .array(lines), "skipped": .integer(found.skipped)])
        return "id: \(found.next.text)\ndata: \(document.text())\n\n"
    }
}

/// How many watch at once: each costs a query every half second.
package final class LiveSeats: Sendable {
    private static let all = 100
    private static let perUser = 6
    private let taken = Mutex<[Int64: Int]>([:])

    package init() {}

    /// False when all seats, or those of one person, are taken.
    func take(_ user: Int64) -> Bool {
        taken.withLock { seats in
            guard seats.values.reduce(0, +) < Self.all, seats[user, default: 0] < Self.perUser else { return false }
            seats[user, default: 0] += 1
            return true
        }
    }

    func leave(_ user: Int64) {
        taken.withLock { seats in
            let left = (seats[user] ?? 1) - 1
            seats[user] = left > 0 ? left : nil
        }
    }
}

/// Events as the page shows them, in the visitor's language.
private struct LiveWords {
    private let wording: Wording
    private let sources: [Int64: String]
    private let mayOpenPeople: Bool
    private static let documentCharacters = 8_000

    init(_ request: PageRequest, sources: [Source]) {
        wording = request.wording
        mayOpenPeople = request.user.role.may(.readPeople)
        self.sources = Dictionary(sources.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    func line(_ seen: LiveEvents.Seen) -> JSONValue {
        let event = seen.logged.event
        let claim = event.identities.first.map { "\(wording.known("identity.\($0.kind)") ?? $0.kind) \($0.value)" }
        let person =
            seen.displayName ?? claim ?? seen.profileID.map { "#" + PersonName.short($0) } ?? ""
        var members: [String: JSONValue] = [
            "key": .string("e\(seen.logged.position)"), "time": .string(wording.timeWithSeconds(event.receivedAt)),
            "when": .string(wording.dateTime(event.time)),
            "name": .string(wording.event(event.name)),
            "kind": .string(wording.text("live.kind_\(event.kind.rawValue)")), "type": .string(event.kind.rawValue),
            "source": .string(sources[seen.logged.sourceID] ?? wording.text("live.platform")),
            "person": .string(person), "message": .string(event.messageID),
            "properties": .string(shown(event.properties)), "context": .string(shown(event.context)),
            "traits": .string(shown(event.traits)),
        ]
        if mayOpenPeople, !person.isEmpty {
            members["href"] = .string(
                seen.profileID.map { "/people/\($0)" } ?? "/live/events/\(seen.logged.position)/person")
        }
        if let outcome = seen.outcome, outcome != .stored {
            members["state"] = .string(wording.text("live.outcome_\(outcome.rawValue)"))
        }
        return .object(members)
    }

    func line(_ item: QuarantinedItem) -> JSONValue {
        .object([
            "key": .string("q\(item.id)"), "time": .string(wording.timeWithSeconds(item.receivedAt)),
            "when": .string(wording.dateTime(item.receivedAt)),
            "name": .string(wording.text("quarantine.reason_\(item.reason.rawValue)")),
            "kind": .string(wording.text("live.refused")), "type": .string("refused"),
            "source": .string(sources[item.sourceID] ?? wording.text("live.platform")),
            "person": .string(
                wording.isChinese ? wording.text("quarantine.advice_\(item.reason.rawValue)") : item.explanation),
            "message": .string(item.messageID ?? ""),
            "href": .string("/quarantine/\(item.id)"), "properties": .string(""), "context": .string(""),
            "traits": .string(""), "state": .string(wording.text("quarantine.status_waiting")),
        ])
    }

    private func shown(_ document: String) -> String {
        document == "{}" ? "" : String(document.prefix(Self.documentCharacters))
    }
}
