import Engine
import Storage

/// Events as they arrive, and what became of a message.
struct LiveModel: PageModel {
    struct Receipt: Encodable, Sendable {
        var status: String
        var tone: String
        var explanation: String
        var source: String
        var time: String
        var duplicates: String?
        var person: String?
        var personHref: String?
        var quarantineHref: String?
    }

    var name: String
    var person: String
    var kinds: [Choice]
    var sources: [Choice]
    /// The address of the stream with the filters.
    var stream: String
    var message: String
    var receipts: [Receipt]
    var hasReceipts: Bool
    /// A message was asked for and is not known.
    var isUnknown: Bool
    var isEmpty: Bool
    var waiting: String?
}

enum LivePage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let query = request.query
        let message = String(query.text("message").prefix(EventLimits.messageIDCharacters))
        let found = try await request.platform.store.read { connection in
            (
                try Sources.list(connection), message.isEmpty ? [] : try Receipts.find(messageID: message, connection),
                try EventLog.end(connection), try QuarantineList.waiting(connection).values.reduce(0, +)
            )
        }
        let names = try await people(found.1.compactMap(\.profileID), request)
        let sources = found.0
        let kinds = EventKind.allCases.map(\.rawValue)
        let kept = Fields(
            query.pairs.filter { ["name", "person", "kind", "source"].contains($0.name) && !$0.value.isEmpty })
        let model = LiveModel(
            name: query.text("name"), person: query.text("person"),
            kinds: PeoplePage.choices(request, "kind", "live.any_kind", kinds) { request.text("live.kind_\($0)") },
            sources: PeoplePage.choices(request, "source", "people.any_source", sources.map { String($0.id) }) { id in
                sources.first { String($0.id) == id }?.name ?? id
            },
            stream: "/live/stream" + (kept.pairs.isEmpty ? "" : "?" + kept.query()), message: message,
            receipts: found.1.map { receipt($0, names, sources, request) }, hasReceipts: !found.1.isEmpty,
            isUnknown: !message.isEmpty && found.1.isEmpty, isEmpty: found.2 == 0 && found.3 == 0,
            waiting: found.3 > 0 ? request.text("live.waiting", count: found.3) : nil)
        return .page(Page("live/page", title: request.text("live.title"), model: model))
    }

    /// Opens the person of an event that was not processed yet when it was shown.
    static func person(_ request: PageRequest) async throws -> Reply {
        let position = try request.id("position")
        guard let id = try await request.platform.store.read({ try LiveEvents.person(at: position, $0) }) else {
            throw PageFailure.notFound
        }
        return .redirect(to: "/people/\(id)")
    }

    private static func people(_ ids: [Int64], _ request: PageRequest) async throws -> [Int64: String] {
        let wording = request.wording
        return try await request.platform.store.read { connection in
            var names: [Int64: String] = [:]
            for id in Set(ids) {
                do {
                    names[id] = PersonName(try ProfileDetail.load(id, connection).profile, wording).text
                } catch is ProfileError {
                    continue
                }
            }
            return names
        }
    }

    private static func receipt(
        _ receipt: Receipt, _ names: [Int64: String], _ sources: [Source], _ request: PageRequest
    ) -> LiveModel.Receipt {
        let wording = request.wording
        let tone =
            switch receipt.status {
            case .stored: "chip-good"
            case .pending: "chip-info"
            case .blocked, .failed, .quarantined: "chip-bad"
            }
        let reason = receipt.reason.map { wording.text("quarantine.reason_\($0.rawValue)") }
        let explanation = [reason, receipt.explanation].compactMap { $0 }.joined(separator: ": ")
        return LiveModel.Receipt(
            status: wording.text("live.receipt_\(receipt.status.rawValue)"), tone: tone,
            explanation: explanation.isEmpty
                ? wording.text("live.explain_\(receipt.status.rawValue)") : explanation,
            source: sources.first { $0.id == receipt.sourceID }?.name ?? wording.text("live.platform"),
            time: wording.dateTime(receipt.receivedAt),
            duplicates: receipt.duplicates > 0
                ? wording.text("live.duplicates", count: receipt.duplicates) : nil,
            person: receipt.profileID.map { names[$0] ?? String($0) },
            personHref: receipt.profileID.map { "/people/\($0)" },
            quarantineHref: receipt.quarantineID.map { "/quarantine/\($0)" })
    }
}
