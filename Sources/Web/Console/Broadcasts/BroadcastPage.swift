import Engine
import Storage

/// One broadcast.
struct BroadcastModel: PageModel {
    var id: String
    var head: BroadcastHeadModel
    var isDraft: Bool
    var mayStop: Bool
    var segment: String
    var segmentHref: String
    var template: String
    var templateHref: String
    var starts: String
    var perMinute: String
    var holdout: String
    var timing: String
    var priority: String
    var progress: Bool
    /// What starting it does, for the question before.
    var question: String
    var problem: String?
}

/// How it stands, in the head of its page; told again with how far it has come.
struct BroadcastHeadModel: Encodable, Sendable {
    var status: String
    var tone: String
    var sentence: String
    /// What the page then showed, for the next look: `done` is finished, but for being written down.
    var word: String
}

/// How far it has come: from planned to clicked, and who was left out why.
struct BroadcastProgressModel: PageModel {
    struct Reason: Encodable, Sendable {
        var word: String
        var count: String
        var href: String
    }

    var id: String
    var head: BroadcastHeadModel
    /// Whether the page shows another state: its head and what it was worth are then told again.
    var isNews: Bool
    var mayStop: Bool
    var isRunning: Bool
    /// How often to look again.
    var seconds: String
    var note: String?
    /// Percent of what is not waiting any more, while something is.
    var done: String?
    var figures: [FigureModel]
    var reasons: [Reason]
    var hasReasons: Bool
}

enum BroadcastPage {
    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func start(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor) = (try request.id("broadcast"), request.platform.effects, request.actor)
        do {
            let broadcast = try await BroadcastWords.found {
                try await request.platform.store.write { try Broadcasts.start(id, by: actor, effects, $0) }
            }
            let notice = broadcast.status == .waiting ? "broadcast.now_waiting" : "broadcast.now_started"
            return .redirect(to: "/broadcasts/\(id)", notice: notice)
        } catch let error as BroadcastError {
            return try await answer(request, problem: BroadcastWords.problem(error, request))
        }
    }

    static func stop(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("broadcast")
        let stopped = try await BroadcastWords.found {
            try await Broadcasts.stop(id, by: request.actor, request.platform)
        }
        let notice = stopped.status == .finished ? "broadcast.was_finished" : "broadcast.now_stopped"
        return .redirect(to: "/broadcasts/\(id)", notice: notice)
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        let (id, now, actor) = (try request.id("broadcast"), request.now, request.actor)
        do {
            try await BroadcastWords.found {
                try await request.platform.store.write { try Broadcasts.delete(id, by: actor, at: now, $0) }
            }
        } catch let error as BroadcastError {
            return try await answer(request, problem: BroadcastWords.problem(error, request))
        }
        return .redirect(to: "/broadcasts", notice: "broadcast.deleted")
    }

    static func progress(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("broadcast")
        let (broadcast, report) = try await BroadcastWords.found {
            try await request.platform.store.read { connection in
                var filter = MessageList.Filter()
                (filter.origin, filter.originID) = ("broadcast", id)
                return (try Broadcasts.get(id, connection), try MessageList.report(filter, connection))
            }
        }
        let segment = try await request.platform.store.read { connection in
            try Segments.list(connection).first { $0.id == broadcast.segmentID }
        }
        let wording = request.wording
        let link = { (rest: String) in "/messages?broadcast=\(id)&\(rest)" }
        let waiting = (report.states[.planned] ?? 0) + (report.states[.sending] ?? 0)
        let next = report.nextDue.map { max($0, request.now) }
        let head = head(broadcast, hasWaiting: waiting > 0, segment?.size, request)
        let shown = request.query.text("was")
        // What is not due yet needs no look every other second; nor does what is only to be written down as finished.
        let isSlow = head.word == "done" || (next?.milliseconds ?? 0) - request.now.milliseconds > 60_000
        let model = BroadcastProgressModel(
            id: String(id), head: head, isNews: !shown.isEmpty && shown != head.word,
            mayStop: mayStop(head, request),
            isRunning: [.waiting, .planning, .sending].contains(broadcast.status),
            seconds: broadcast.status == .waiting ? "10" : isSlow ? "30" : "2",
            note: note(broadcast, waiting, next, request),
            done: waiting > 0 ? String((report.planned - waiting) * 100 / max(report.planned, 1)) : nil,
            figures: figures(broadcast, report, waiting, request),
            reasons: report.suppressed.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                BroadcastProgressModel.Reason(
                    word: MessageWords.reason($0.key, request), count: wording.number($0.value),
                    href: link("state=suppressed&reason=\($0.key)"))
            }, hasReasons: !report.suppressed.isEmpty)
        return .panel(template: "broadcast/progress", model: model)
    }

    /// Each step that was reached with its share of the one it comes from; what went wrong only where it did.
    private static func figures(
        _ broadcast: Broadcast, _ report: MessageReport, _ waiting: Int64, _ request: PageRequest
    ) -> [FigureModel] {
        let wording = request.wording
        func figure(_ key: String, _ count: Int64, _ rest: String, of whole: Int64? = nil) -> FigureModel {
            let share = whole.flatMap { $0 > 0 ? wording.percent(Double(count) / Double($0)) : nil }
            return FigureModel(
                request.text("broadcast.figure_\(key)"), wording.number(count),
                href: count > 0 ? "/messages?broadcast=\(broadcast.id)&\(rest)" : nil, note: share)
        }
        let suppressed = report.states[.suppressed] ?? 0
        var shown = [
            figure("planned", report.planned, ""), figure("sent", report.sent, "reached=sent", of: report.planned),
            figure("delivered", report.delivered, "reached=delivered", of: report.sent),
            figure("opened", report.opened, "reached=opened", of: report.delivered),
            figure("clicked", report.clicked, "reached=clicked", of: report.delivered),
        ]
        if waiting > 0 { shown.append(figure("waiting", waiting, "state=planned", of: report.planned)) }
        if suppressed > 0 { shown.append(figure("suppressed", suppressed, "state=suppressed", of: report.planned)) }
        for state in [SentMessage.State.bounced, .unknown, .failed, .complained] {
            guard let count = report.states[state], count > 0 else { continue }
            shown.append(figure(state.rawValue, count, "state=\(state.rawValue)", of: report.sent))
        }
        if report.costMicro > 0 {
            shown.append(
                FigureModel(
                    request.text("broadcast.figure_cost"),
                    "\(request.workspace.currency) \(MicroAmount.text(report.costMicro))"))
        }
        if broadcast.holdoutPermille > 0 {
            shown.append(
                FigureModel(request.text("broadcast.figure_held_out"), wording.number(broadcast.heldOut)))
        }
        return shown
    }

    /// Where it stands, in a sentence; nil where the figures say it.
    private static func note(
        _ broadcast: Broadcast, _ waiting: Int64, _ next: Timestamp?, _ request: PageRequest
    ) -> String? {
        guard broadcast.status == .sending || broadcast.status == .finished else { return nil }
        guard waiting > 0 else { return request.text("broadcast.all_gone") }
        guard let next, next.milliseconds - request.now.milliseconds > 60_000 else { return nil }
        return request.text("broadcast.waits_until", ["when": request.wording.dateTime(next)], count: waiting)
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("broadcast")
        let (broadcast, template, segments, hasWaiting) = try await BroadcastWords.found {
            try await request.platform.store.read { connection in
                let broadcast = try Broadcasts.get(id, connection)
                return (
                    broadcast, try MessageTemplates.get(broadcast.templateID, connection),
                    try Segments.list(connection),
                    try broadcast.status == .sending && Broadcasts.hasWaiting(id, connection)
                )
            }
        }
        let segment = segments.first { $0.id == broadcast.segmentID }
        let mayManage = request.user.role.may(.manageMessages)
        let head = head(broadcast, hasWaiting: hasWaiting, segment?.size, request)
        let model = BroadcastModel(
            id: String(id), head: head,
            isDraft: broadcast.status == .draft && mayManage,
            mayStop: mayStop(head, request),
            segment: segment?.name ?? "", segmentHref: "/segments/\(broadcast.segmentID)", template: template.name,
            templateHref: "/templates/\(template.id)", starts: BroadcastWords.starts(broadcast, request),
            perMinute: broadcast.perMinute == 0
                ? request.text("broadcast.unlimited") : request.wording.number(broadcast.perMinute),
            holdout: BroadcastWords.percent(broadcast.holdoutPermille) + "%",
            timing: request.text("broadcast.timing_\(broadcast.choices.timing.word)"),
            priority: request.wording.number(broadcast.choices.priority), progress: broadcast.status != .draft,
            question: question(broadcast, template, segment?.size ?? 0, request), problem: problem)
        return .page(
            Page(
                "broadcast/one", title: broadcast.name,
                crumbs: [Crumb(request.text("broadcast.title"), "/broadcasts")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }

    /// Finished as soon as nothing waits, also before that is written down.
    private static func head(
        _ broadcast: Broadcast, hasWaiting: Bool, _ people: Int64?, _ request: PageRequest
    ) -> BroadcastHeadModel {
        let isDone = broadcast.status == .sending && !hasWaiting
        let status: Broadcast.Status = isDone ? .finished : broadcast.status
        return BroadcastHeadModel(
            status: request.text("broadcast.status_\(status.rawValue)"), tone: BroadcastWords.tone(status),
            sentence: request.text("broadcast.sentence_\(status.rawValue)", count: people ?? broadcast.planned),
            word: isDone ? "done" : status.rawValue)
    }

    private static func mayStop(_ head: BroadcastHeadModel, _ request: PageRequest) -> Bool {
        request.user.role.may(.manageMessages) && ["waiting", "planning", "sending"].contains(head.word)
    }

    private static func question(
        _ broadcast: Broadcast, _ template: MessageTemplate, _ people: Int64, _ request: PageRequest
    ) -> String {
        let isLater = broadcast.starts.milliseconds > 0
        let values = [
            "template": template.name, "channel": request.text("message.channel_\(template.channel)"),
            "when": isLater ? request.wording.dateTime(broadcast.starts) : request.text("broadcast.at_once"),
        ]
        return request.text("broadcast.start_text", values, count: people)
    }
}
