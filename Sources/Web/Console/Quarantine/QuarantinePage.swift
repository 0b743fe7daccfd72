import Engine
import Storage

/// What was set aside instead of entering the log.
struct QuarantineModel: PageModel {
    var statuses: [OverviewModel.Period]
    var reasonChoices: [Choice]
    var sources: [Choice]
    var status: String
    var reasons: [FigureModel]
    var hasReasons: Bool
    var table: TableModel?
    var isEmpty: Bool
    var isAllWell: Bool
    var isFiltered: Bool
}

/// One item with its bytes.
struct QuarantinedModel: PageModel {
    var id: String
    var reason: String
    /// In the visitor's language, where the explanation is not.
    var advice: String?
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
        let query = request.query
        let chosen = query["status"].flatMap(QuarantineStatus.init(rawValue:)) ?? .waiting
        let reason = query["reason"].flatMap(QuarantineReason.init(rawValue:))
        let (source, before, user) = (query.int("source"), query.int("before"), request.user.id)
        let (items, waiting, sources, columns) = try await request.platform.store.read { connection in
            (
                try QuarantineList.page(
                    status: chosen, sourceID: source, reason: reason, before: before, limit: rows, connection),
                try QuarantineList.waiting(connection), try Sources.list(connection),
                try ListColumns.load("quarantine", of: user, connection)
            )
        }
        let wording = request.wording
        let reasons = waiting.sorted { $0.value > $1.value }.map { reason, count in
            FigureModel(
                wording.text("quarantine.reason_\(reason.rawValue)"), wording.number(count),
                href: "/quarantine?reason=\(reason.rawValue)")
        }
        let isFiltered = reason != nil || source != nil || before != nil
        let model = QuarantineModel(
            statuses: QuarantineStatus.allCases.map {
                OverviewModel.Period(
                    title: wording.text("quarantine.status_\($0.rawValue)"), href: "/quarantine?status=\($0.rawValue)",
                    current: $0 == chosen ? "page" : nil)
            },
            reasonChoices: PeoplePage.choices(
                request, "reason", "quarantine.any_reason", QuarantineReason.allCases.map(\.rawValue)
            ) { wording.text("quarantine.reason_\($0)") },
            sources: PeoplePage.choices(request, "source", "people.any_source", sources.map { String($0.id) }) { id in
                sources.first { String($0.id) == id }?.name ?? id
            },
            status: chosen.rawValue, reasons: reasons, hasReasons: !reasons.isEmpty,
            table: items.isEmpty ? nil : table(items, chosen, sources, columns, request),
            isEmpty: items.isEmpty, isAllWell: items.isEmpty && chosen == .waiting && !isFiltered,
            isFiltered: isFiltered)
        return .page(Page("quarantine/page", title: request.text("quarantine.title"), model: model))
    }

    private static func table(
        _ items: [QuarantinedItem], _ status: QuarantineStatus, _ sources: [Source], _ columns: [String]?,
        _ request: PageRequest
    ) -> TableModel {
        let wording = request.wording
        func column(_ key: String, _ title: String) -> TableModel.Column {
            TableModel.Column(key: key, title: request.text(title))
        }
        var table = TableModel(
            "quarantine", title: request.text("quarantine.title"),
            columns: [
                column("reason", "quarantine.reason"), column("explanation", "quarantine.explanation"),
                column("source", "people.source"), column("message", "field.message_id"),
                column("status", "quarantine.status"), column("time", "quarantine.when"),
            ],
            rows: items.map { item in
                let reason = wording.text("quarantine.reason_\(item.reason.rawValue)")
                return TableModel.Row(
                    id: String(item.id), href: "/quarantine/\(item.id)", name: reason,
                    cells: [
                        TableModel.Cell("reason", reason, style: "strong nowrap", href: "/quarantine/\(item.id)"),
                        TableModel.Cell(
                            "explanation", advice(item, wording), style: "wide",
                            note: wording.isChinese ? item.explanation : nil),
                        TableModel.Cell("source", name(item.sourceID, sources, wording), style: "nowrap"),
                        TableModel.Cell("message", item.messageID ?? "", style: "mono tiny"),
                        TableModel.Cell(
                            "status", wording.text("quarantine.status_\(item.status.rawValue)"), chip: tone(item.status)
                        ),
                        TableModel.Cell(
                            "time", wording.ago(item.receivedAt, now: request.now), style: "nowrap soft"),
                    ])
            })
        if status == .waiting, request.user.role.may(.replayEvents) {
            table.actions = [
                TableModel.Action(title: request.text("quarantine.replay"), path: "/quarantine/selected/replay"),
                TableModel.Action(
                    title: request.text("quarantine.discard"), path: "/quarantine/selected/discard", tone: "button-bad",
                    question: request.text("quarantine.discard_question")),
            ]
        }
        table.savesShown = true
        table.next =
            items.count == rows
            ? items.last.map { "/quarantine?" + request.query.query(changing: ["before": String($0.id)]) } : nil
        table.first =
            request.query["before"] == nil ? nil : "/quarantine?" + request.query.query(changing: ["before": nil])
        table.choose(
            columns, usual: ["reason", "explanation", "source", "status", "time"], always: "reason", request)
        return table.finished()
    }

    static func one(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func replay(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("item")
        do {
            let text = request.form.text("raw")
            let mended = request.form["mend"] == nil ? nil : try JSONValue(parsing: text)
            try await QuarantineReplay.perform(
                id: id, mended: mended, by: request.actor, regions: request.console.configuration.regions,
                request.platform)
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
                id: String(id), reason: title, advice: wording.isChinese ? advice(item, wording) : nil,
                explanation: item.explanation,
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

    /// What would be right: in Chinese by its reason, with the words of the collector beside it; these are English.
    private static func advice(_ item: QuarantinedItem, _ wording: Wording) -> String {
        wording.isChinese ? wording.text("quarantine.advice_\(item.reason.rawValue)") : item.explanation
    }

    private static func tone(_ status: QuarantineStatus) -> String {
        switch status {
        case .waiting: "chip-warn"
        case .replayed: "chip-good"
        case .discarded: ""
        }
    }
}
