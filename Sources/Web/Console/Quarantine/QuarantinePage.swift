import Engine
import Storage

/// What was set aside instead of entering the log.
struct QuarantineModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var reason: String
        var explanation: String
        var source: String
        var time: String
        var status: String
        var tone: String
    }

    var rows: [Row]
    var statuses: [OverviewModel.Period]
    var reasons: [FigureModel]
    var hasReasons: Bool
    var isEmpty: Bool
    var isAllWell: Bool
    var next: String?
}

/// One item with its bytes.
struct QuarantinedModel: PageModel {
    var id: String
    var reason: String
    var explanation: String
    var source: String
    var dialect: String
    var time: String
    var status: String
    var messageID: String
    var raw: String
    var isWaiting: Bool
    var mayReplay: Bool
    var problem: String?
}

enum QuarantinePage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        let chosen = request.query["status"].flatMap(QuarantineStatus.init(rawValue:)) ?? .waiting
        let before = request.query.int("before")
        let (items, waiting, sources) = try await request.platform.store.read { connection in
            (
                try QuarantineList.page(status: chosen, before: before, limit: rows, connection),
                try QuarantineList.waiting(connection), try Sources.list(connection)
            )
        }
        let wording = request.wording
        let reasons = waiting.sorted { $0.value > $1.value }.map { reason, count in
            FigureModel(wording.text("quarantine.reason_\(reason.rawValue)"), wording.number(count))
        }
        let model = QuarantineModel(
            rows: items.map { item in
                QuarantineModel.Row(
                    href: "/quarantine/\(item.id)", reason: wording.text("quarantine.reason_\(item.reason.rawValue)"),
                    explanation: item.explanation, source: name(item.sourceID, sources, wording),
                    time: wording.ago(item.receivedAt, now: request.now),
                    status: wording.text("quarantine.status_\(item.status.rawValue)"), tone: tone(item.status))
            },
            statuses: QuarantineStatus.allCases.map {
                OverviewModel.Period(
                    title: wording.text("quarantine.status_\($0.rawValue)"), href: "/quarantine?status=\($0.rawValue)",
                    current: $0 == chosen ? "page" : nil)
            },
            reasons: reasons, hasReasons: !reasons.isEmpty, isEmpty: items.isEmpty,
            isAllWell: items.isEmpty && chosen == .waiting,
            next: items.count == rows
                ? items.last.map { "/quarantine?" + request.query.query(changing: ["before": String($0.id)]) } : nil)
        return .page(Page("quarantine/page", title: request.text("quarantine.title"), model: model))
    }

    static func one(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func replay(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("item")
        do {
            let text = request.form.text("raw")
            let mended = request.form["mend"] == nil ? nil : try JSONValue(parsing: text)
            try await QuarantineReplay.perform(id: id, mended: mended, by: request.actor, request.platform)
        } catch QuarantineError.stillBad(let reason, let explanation) {
            let words = request.text("quarantine.reason_\(reason.rawValue)")
            return try await answer(request, problem: "\(words): \(explanation)")
        } catch is JSONError {
            return try await answer(request, problem: request.text("quarantine.not_json"))
        } catch is QuarantineError {
            throw PageFailure.notFound
        }
        return .redirect(to: "/quarantine", notice: "quarantine.replayed")
    }

    static func discard(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("item")
        let (actor, now) = (request.actor, request.now)
        do {
            try await request.platform.store.write { try QuarantineList.discard(id: id, by: actor, $0, at: now) }
        } catch is QuarantineError {
            throw PageFailure.notFound
        }
        return .redirect(to: "/quarantine", notice: "quarantine.discarded")
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("item")
        let wording = request.wording
        do {
            let (item, sources) = try await request.platform.store.read { connection in
                (try QuarantineList.get(id: id, connection), try Sources.list(connection))
            }
            let title = wording.text("quarantine.reason_\(item.reason.rawValue)")
            let model = QuarantinedModel(
                id: String(id), reason: title, explanation: item.explanation,
                source: name(item.sourceID, sources, wording), dialect: item.dialect,
                time: wording.dateTime(item.receivedAt),
                status: wording.text("quarantine.status_\(item.status.rawValue)"), messageID: item.messageID ?? "",
                raw: request.form["raw"] ?? String(decoding: item.raw, as: UTF8.self),
                isWaiting: item.status == .waiting, mayReplay: request.user.role.may(.replayEvents), problem: problem)
            return .page(
                Page(
                    "quarantine/one", title: title,
                    crumbs: [Crumb(request.text("quarantine.title"), "/quarantine")], model: model,
                    status: problem == nil ? .ok : .unprocessableContent))
        } catch QuarantineError.notFound {
            throw PageFailure.notFound
        }
    }

    private static func name(_ id: Int64, _ sources: [Source], _ wording: Wording) -> String {
        sources.first { $0.id == id }?.name ?? wording.text("person.platform")
    }

    private static func tone(_ status: QuarantineStatus) -> String {
        switch status {
        case .waiting: "chip-warn"
        case .replayed: "chip-good"
        case .discarded: ""
        }
    }
}
