import Engine
import Storage

/// One broadcast.
struct BroadcastModel: PageModel {
    var id: String
    var status: String
    var tone: String
    var sentence: String
    var isDraft: Bool
    var mayStop: Bool
    var segment: String
    var segmentHref: String
    var template: String
    var templateHref: String
    var starts: String
    var perMinute: String
    var holdout: String
    var progress: Bool
    var problem: String?
}

/// How far it has come: from planned to clicked, and who was left out why.
struct BroadcastProgressModel: PageModel {
    struct Reason: Encodable, Sendable {
        var word: String
        var count: String
        var href: String
    }

    var id: String
    var isRunning: Bool
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
        _ = try await BroadcastWords.found {
            try await Broadcasts.stop(id, by: request.actor, request.platform)
        }
        return .redirect(to: "/broadcasts/\(id)", notice: "broadcast.now_stopped")
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
        let wording = request.wording
        let link = { (rest: String) in "/messages?broadcast=\(id)&\(rest)" }
        func figure(_ key: String, _ count: Int64, _ rest: String) -> FigureModel {
            FigureModel(
                request.text("broadcast.figure_\(key)"), wording.number(count), href: count > 0 ? link(rest) : nil)
        }
        let suppressed = report.states[.suppressed] ?? 0
        let bad = [SentMessage.State.bounced, .unknown, .failed, .complained].map {
            figure($0.rawValue, report.states[$0] ?? 0, "state=\($0.rawValue)")
        }
        let waiting = (report.states[.planned] ?? 0) + (report.states[.sending] ?? 0)
        let model = BroadcastProgressModel(
            id: String(id), isRunning: broadcast.status == .planning || broadcast.status == .sending && waiting > 0,
            figures: [
                figure("planned", report.planned, ""), figure("waiting", waiting, "state=planned"),
                figure("suppressed", suppressed, "state=suppressed"),
                figure("eligible", report.eligible, "reached=eligible"), figure("sent", report.sent, "reached=sent"),
                figure("delivered", report.delivered, "reached=delivered"),
                figure("opened", report.opened, "reached=opened"), figure("clicked", report.clicked, "reached=clicked"),
            ] + bad + [FigureModel(request.text("broadcast.figure_held_out"), wording.number(broadcast.heldOut))],
            reasons: report.suppressed.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                BroadcastProgressModel.Reason(
                    word: MessageWords.reason($0.key, request), count: wording.number($0.value),
                    href: link("state=suppressed&reason=\($0.key)"))
            }, hasReasons: !report.suppressed.isEmpty)
        return .panel(template: "broadcast/progress", model: model)
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("broadcast")
        let (broadcast, template, segments) = try await BroadcastWords.found {
            try await request.platform.store.read { connection in
                let broadcast = try Broadcasts.get(id, connection)
                return (
                    broadcast, try MessageTemplates.get(broadcast.templateID, connection),
                    try Segments.list(connection)
                )
            }
        }
        let segment = segments.first { $0.id == broadcast.segmentID }
        let mayManage = request.user.role.may(.manageMessages)
        let model = BroadcastModel(
            id: String(id), status: request.text("broadcast.status_\(broadcast.status.rawValue)"),
            tone: BroadcastWords.tone(broadcast.status),
            sentence: request.text(
                "broadcast.sentence_\(broadcast.status.rawValue)", count: segment?.size ?? broadcast.planned),
            isDraft: broadcast.status == .draft && mayManage,
            mayStop: mayManage && [.waiting, .planning, .sending].contains(broadcast.status),
            segment: segment?.name ?? "", segmentHref: "/segments/\(broadcast.segmentID)", template: template.name,
            templateHref: "/templates/\(template.id)", starts: BroadcastWords.starts(broadcast, request),
            perMinute: broadcast.perMinute == 0
                ? request.text("broadcast.unlimited") : request.wording.number(broadcast.perMinute),
            holdout: BroadcastWords.percent(broadcast.holdoutPermille) + "%", progress: broadcast.status != .draft,
            problem: problem)
        return .page(
            Page(
                "broadcast/one", title: broadcast.name,
                crumbs: [Crumb(request.text("broadcast.title"), "/broadcasts")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
