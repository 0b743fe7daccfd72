import Engine
import Storage

/// Addresses that are not written to.
struct SuppressionsModel: PageModel {
    struct Row: Encodable, Sendable {
        var channel: String
        var channelName: String
        var address: String
        var reason: String
        var detail: String?
        var when: String
    }

    var rows: [Row]
    var isEmpty: Bool
    var next: String?
    var find: String?
    var channels: [Choice]
    var problem: String?
}

/// Where messages of the webhook channel go.
struct SendingWebhookModel: PageModel {
    var url: String
    var secret: String?
    var problem: String?
}

enum SuppressionsPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func add(_ request: PageRequest) async throws -> Reply {
        let (form, actor, now) = (request.form, request.actor, request.now)
        do {
            try await request.platform.store.write {
                try Suppressions.add(
                    form.text("channel"), form.text("address"), detail: String(form.text("detail").prefix(200)),
                    by: actor, at: now, $0)
            }
            return .redirect(to: "/sending/suppressions", notice: "frame.saved")
        } catch is MessageError {
            return try await answer(
                request, problem: request.text("sending.problem_address", ["address": form.text("address")]))
        }
    }

    static func remove(_ request: PageRequest) async throws -> Reply {
        let (form, actor, now) = (request.form, request.actor, request.now)
        _ = try await request.platform.store.write {
            try Suppressions.remove(form.text("channel"), form.text("address"), by: actor, at: now, $0)
        }
        return .redirect(to: "/sending/suppressions", notice: "sending.removed")
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let (find, before) = (request.query.text("find"), request.query.int("before"))
        let found = try await request.platform.store.read {
            try Suppressions.list(search: find, before: before, limit: rows + 1, $0)
        }
        let shown = found.prefix(rows)
        let model = SuppressionsModel(
            rows: shown.map {
                SuppressionsModel.Row(
                    channel: $0.channel, channelName: request.text("message.channel_\($0.channel)"),
                    address: $0.address, reason: request.text("sending.reason_\($0.reason.rawValue)"),
                    detail: $0.detail.isEmpty ? nil : $0.detail, when: request.wording.dateTime($0.createdAt))
            }, isEmpty: shown.isEmpty,
            next: found.count > rows
                ? shown.last.map {
                    "/sending/suppressions?"
                        + request.query.query(changing: ["before": String($0.createdAt.milliseconds)])
                } : nil, find: find.isEmpty ? nil : find,
            channels: ChannelCatalog.names.map {
                Choice($0, request.text("message.channel_\($0)"), chosen: request.form.text("channel"))
            }, problem: problem)
        return .page(
            Page(
                "sending/suppressions", title: request.text("sending.suppressions"),
                crumbs: [Crumb(request.text("sending.title"), "/sending")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}

enum SendingWebhookPage {
    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func save(_ request: PageRequest) async throws -> Reply {
        let (form, actor, platform) = (request.form, request.actor, request.platform)
        do {
            let secret = try await platform.store.write {
                try MessageWebhook.save(
                    url: form.text("url"), renewing: form["renew"] == "1", by: actor, platform.seal, platform.effects,
                    $0)
            }
            return try await answer(request, secret: secret)
        } catch let error as WebhookError {
            return try await answer(request, problem: WebhookWords.problem(error, request))
        }
    }

    private static func answer(
        _ request: PageRequest, secret: String? = nil, problem: String? = nil
    ) async throws -> Reply {
        let stored = try await request.platform.store.read { try MessageWebhook.load($0) }
        let model = SendingWebhookModel(url: request.form["url"] ?? stored.url, secret: secret, problem: problem)
        return .page(
            Page(
                "sending/webhook", title: request.text("message.channel_webhook"),
                crumbs: [Crumb(request.text("sending.title"), "/sending")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
