import Engine
import Storage

/// One endpoint: how it is, what it was told, and what can be done.
struct WebhookModel: PageModel {
    struct Link: Encodable, Sendable {
        var href: String
        var name: String
    }

    struct Row: Encodable, Sendable {
        var id: String
        var sequence: String
        var event: String
        var tone: String
        var status: String
        var attempts: String
        var answer: String
        var detail: String?
        var when: String
        var body: String
        var mayReplay: Bool
    }

    var id: String
    var url: String
    var state: WebhookState
    var isPaused: Bool
    var figures: [FigureModel]
    var form: WebhookForm
    /// Segments that are kept up to date there.
    var pushed: [Link]
    var hasPushed: Bool
    var rows: [Row]
    var isEmpty: Bool
    var next: String?
    var hasDead: Bool
    /// Shown this once.
    var secret: String?
    var oldSecret: String?
    var problem: String?
}

enum WebhookPage {
    private static let rows = 50
    private static let replayDays = 30

    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request, id: try request.id("webhook"))
    }

    static func update(_ request: PageRequest) async throws -> Reply {
        let draft = WebhookForm.draft(request.form)
        return try await change(request, "webhook.saved") { id, connection in
            _ = try Webhooks.update(id, draft, by: request.actor, connection, at: request.now)
        }
    }

    static func setStatus(_ request: PageRequest) async throws -> Reply {
        let isPaused = request.form.text("status") == WebhookEndpoint.Status.paused.rawValue
        let effects = request.platform.effects
        return try await change(request, isPaused ? "webhook.paused" : "webhook.resumed") { id, connection in
            _ =
                isPaused
                ? try Webhooks.pause(id, by: request.actor, connection, at: request.now)
                : try Webhooks.resume(id, by: request.actor, effects, connection)
        }
    }

    static func rotate(_ request: PageRequest) async throws -> Reply {
        let (id, actor, platform) = (try request.id("webhook"), request.actor, request.platform)
        let made = try await found {
            try await platform.store.write {
                try Webhooks.rotate(id, by: actor, platform.seal, platform.effects, $0)
            }
        }
        return try await answer(request, id: id, secret: made.secret)
    }

    static func ping(_ request: PageRequest) async throws -> Reply {
        let effects = request.platform.effects
        return try await change(request, "webhook.pinged") { id, connection in
            _ = try WebhookOutbox.ping(id, by: request.actor, effects, connection)
        }
    }

    static func replay(_ request: PageRequest) async throws -> Reply {
        let delivery = try request.id("delivery")
        return try await change(request, "webhook.replayed") { id, connection in
            _ = try WebhookOutbox.replay(delivery, of: id, by: request.actor, connection, at: request.now)
        }
    }

    static func replayAll(_ request: PageRequest) async throws -> Reply {
        let days = min(request.form.int("days") ?? Int64(replayDays), Int64(WebhookLimits.deadDays))
        return try await change(request, "webhook.replayed") { id, connection in
            _ = try WebhookOutbox.replayDead(
                id, since: request.now.adding(days: -Int(days)), by: request.actor, connection, at: request.now)
        }
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        let (id, effects) = (try request.id("webhook"), request.platform.effects)
        do {
            try await found {
                try await request.platform.store.write { try Webhooks.delete(id, by: request.actor, effects, $0) }
            }
        } catch let error as WebhookError {
            return try await answer(request, id: id, problem: WebhookWords.problem(error, request))
        }
        return .redirect(to: "/settings/webhooks", notice: "webhook.deleted")
    }

    private static func change(
        _ request: PageRequest, _ notice: String,
        _ body: @escaping @Sendable (Int64, any SQLConnection) throws -> Void
    ) async throws -> Reply {
        let id = try request.id("webhook")
        do {
            try await found { try await request.platform.store.write { try body(id, $0) } }
        } catch let error as WebhookError {
            return try await answer(request, id: id, problem: WebhookWords.problem(error, request))
        }
        return .redirect(to: "/settings/webhooks/\(id)", notice: notice)
    }

    static func answer(
        _ request: PageRequest, id: Int64, secret: String? = nil, problem: String? = nil
    ) async throws -> Reply {
        let before = request.query.int("before")
        let (endpoint, deliveries, counts, segments, pushes) = try await found {
            try await request.platform.store.read { connection in
                (
                    try Webhooks.get(id, connection),
                    try WebhookOutbox.list(id, before: before, limit: rows + 1, connection),
                    try WebhookOutbox.counts(id, connection), try Segments.list(connection),
                    try WebhookPushes.list(endpoint: id, connection)
                )
            }
        }
        let wording = request.wording
        let followed = Set(pushes.map(\.segmentID))
        let pushed = segments.filter { followed.contains($0.id) }.map {
            WebhookModel.Link(href: "/segments/\($0.id)", name: $0.name)
        }
        let draft = WebhookEndpoint.Draft(
            url: endpoint.url, description: endpoint.description, events: endpoint.events, segments: endpoint.segments)
        let isOld = endpoint.oldSecretUntil.map { $0 > request.now } ?? false
        let model = WebhookModel(
            id: String(id), url: endpoint.url, state: WebhookState(endpoint, request),
            isPaused: endpoint.status == .paused,
            figures: WebhookDelivery.Status.allCases.filter { $0 != .sending }.map { status in
                let count = counts[status, default: 0] + (status == .waiting ? counts[.sending, default: 0] : 0)
                return FigureModel(request.text("webhook.message_\(status.rawValue)"), wording.number(count))
            },
            form: WebhookForm(problem == nil ? draft : WebhookForm.draft(request.form), segments, wording),
            pushed: pushed, hasPushed: !pushed.isEmpty, rows: deliveries.prefix(rows).map { row($0, request) },
            isEmpty: deliveries.isEmpty,
            next: deliveries.count > rows
                ? deliveries.prefix(rows).last.map { "/settings/webhooks/\(id)?before=\($0.sequence)" } : nil,
            hasDead: counts[.dead, default: 0] > 0, secret: secret,
            oldSecret: isOld
                ? endpoint.oldSecretUntil.map { request.text("webhook.old_secret", ["when": wording.dateTime($0)]) }
                : nil, problem: problem)
        let title = endpoint.description.isEmpty ? endpoint.url : endpoint.description
        return .page(
            Page(
                "webhooks/one", title: title,
                crumbs: [
                    Crumb(request.text("settings.title"), "/settings"),
                    Crumb(request.text("webhook.title"), "/settings/webhooks"),
                ], model: model, status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func row(_ delivery: WebhookDelivery, _ request: PageRequest) -> WebhookModel.Row {
        let wording = request.wording
        let tone =
            switch delivery.status {
            case .delivered: "chip-good"
            case .dead: "chip-bad"
            case .waiting, .sending: delivery.attempts > 0 ? "chip-warn" : "chip-plain"
            }
        let problem = delivery.problem.isEmpty ? nil : request.text("webhook.problem_\(delivery.problem)")
        let status = delivery.answerStatus > 0 ? String(delivery.answerStatus) : nil
        let detail = [problem, delivery.answer.isEmpty ? nil : wording.network(delivery.answer)].compactMap { $0 }
        return WebhookModel.Row(
            id: String(delivery.id), sequence: wording.number(delivery.sequence),
            event: WebhookWords.event(delivery.event, wording), tone: tone,
            status: request.text("webhook.message_\(delivery.status.rawValue)"),
            attempts: wording.number(delivery.attempts),
            answer: status.map { "\($0) · \(wording.length(milliseconds: delivery.tookMilliseconds))" } ?? problem
                ?? "",
            detail: detail.isEmpty ? nil : detail.joined(separator: "\n"),
            when: wording.shortDate(delivery.createdAt, now: request.now) + " " + wording.time(delivery.createdAt),
            body: delivery.body, mayReplay: delivery.status == .dead || delivery.status == .delivered)
    }

    private static func found<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch WebhookError.notFound, WebhookError.deliveryNotFound {
            throw PageFailure.notFound
        }
    }
}
