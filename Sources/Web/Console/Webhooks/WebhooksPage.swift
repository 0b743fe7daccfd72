import Engine
import Storage

/// The addresses that are told what happens.
struct WebhooksModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var url: String
        var description: String
        var events: String
        var state: WebhookState
        var since: String
    }

    var rows: [Row]
    var isEmpty: Bool
    var form: WebhookForm
    var problem: String?
}

/// What can be chosen for an endpoint, with what is chosen.
struct WebhookForm: Encodable, Sendable {
    struct Option: Encodable, Sendable {
        var value: String
        var title: String
        var checked: String?
    }

    var url: String
    var description: String
    var events: [Option]
    var segments: [Option]
    var hasSegments: Bool

    init(_ draft: WebhookEndpoint.Draft, _ segments: [Segment], _ wording: Wording) {
        url = draft.url
        description = draft.description
        events = WebhookEvents.names.map { name in
            Option(
                value: name, title: WebhookWords.event(name, wording),
                checked: draft.events.contains(name) ? "checked" : nil)
        }
        self.segments = segments.map { segment in
            Option(
                value: String(segment.id), title: segment.name,
                checked: draft.segments.contains(segment.id) ? "checked" : nil)
        }
        hasSegments = !segments.isEmpty
    }

    /// What a form asks for.
    static func draft(_ form: Fields) -> WebhookEndpoint.Draft {
        WebhookEndpoint.Draft(
            url: form.text("url"), description: form.text("description"), events: form.all("event"),
            segments: form.all("segment").compactMap { Int64($0) })
    }
}

/// How an endpoint is, as a chip and a sentence.
struct WebhookState: Encodable, Sendable {
    var tone: String
    var word: String
    var explanation: String?

    init(_ endpoint: WebhookEndpoint, _ request: PageRequest) {
        switch (endpoint.status, endpoint.reason) {
        case (.enabled, _):
            let since = endpoint.failingSince.map { request.wording.ago($0, now: request.now) }
            tone = since == nil ? "chip-good" : "chip-warn"
            word = request.text(since == nil ? "webhook.status_enabled" : "webhook.status_failing")
            explanation = since.map { request.text("webhook.failing_since", ["when": $0]) }
        case (.paused, let reason):
            tone = reason == .byHand ? "chip-plain" : "chip-bad"
            word = request.text("webhook.status_paused")
            let cause = reason.map {
                request.text("webhook.reason_\($0.rawValue)", ["days": String(WebhookLimits.failingDays)])
            }
            let since = endpoint.pausedAt.map {
                request.text("webhook.paused_since", ["when": request.wording.ago($0, now: request.now)])
            }
            explanation = [cause, since].compactMap { $0 }.joined(separator: " · ")
        }
    }
}

enum WebhookWords {
    static func event(_ name: String, _ wording: Wording) -> String {
        wording.known("webhook.event_\(name.lowercased().replacing(" ", with: "_").replacing(".", with: "_"))") ?? name
    }

    static func problem(_ error: WebhookError, _ request: PageRequest) -> String {
        switch error {
        case .badURL: request.text("webhook.bad_url")
        case .tooMany(let limit): request.text("webhook.too_many", ["limit": String(limit)])
        case .descriptionTooLong(let limit): request.text("webhook.too_long", ["limit": String(limit)])
        case .unknownEvent(let name): request.text("webhook.unknown_event", ["name": name])
        case .unknownSegment: request.text("webhook.unknown_segment")
        case .paused: request.text("webhook.is_paused")
        case .pushedAlready: request.text("webhook.pushed_already")
        case .usedBy(let uses): SegmentPage.inUse(uses, request)
        case .notReplayable: request.text("webhook.not_replayable")
        case .notFound, .deliveryNotFound, .pushNotFound: request.text("webhook.not_found")
        }
    }
}

enum WebhooksPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (draft, actor, platform) = (WebhookForm.draft(request.form), request.actor, request.platform)
        do {
            let made = try await platform.store.write {
                try Webhooks.create(draft, by: actor, platform.seal, platform.effects, $0)
            }
            return try await WebhookPage.answer(request, id: made.endpoint.id, secret: made.secret)
        } catch let error as WebhookError {
            return try await answer(request, problem: WebhookWords.problem(error, request))
        }
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let (endpoints, segments) = try await request.platform.store.read {
            (try Webhooks.list($0), try Segments.list($0))
        }
        let wording = request.wording
        let rows = endpoints.map { endpoint in
            WebhooksModel.Row(
                href: "/settings/webhooks/\(endpoint.id)", url: endpoint.url, description: endpoint.description,
                events: endpoint.events.map { WebhookWords.event($0, wording) }.joined(separator: " · "),
                state: WebhookState(endpoint, request),
                since: wording.shortDate(endpoint.createdAt, now: request.now))
        }
        let model = WebhooksModel(
            rows: rows, isEmpty: rows.isEmpty, form: WebhookForm(WebhookForm.draft(request.form), segments, wording),
            problem: problem)
        return .page(
            Page(
                "webhooks/page", title: request.text("webhook.title"),
                crumbs: [Crumb(request.text("settings.title"), "/settings")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
