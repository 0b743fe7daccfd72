import Engine
import Storage

/// All broadcasts.
struct BroadcastsModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var segment: String
        var template: String
        var status: String
        var tone: String
        var planned: String
        var starts: String
    }

    var rows: [Row]
    var isEmpty: Bool
    var next: String?
    var mayManage: Bool
}

/// A broadcast being written.
struct BroadcastFormModel: PageModel {
    var action: String
    var back: String
    var name: String
    var segments: [Choice]
    var templates: [Choice]
    var hasSegments: Bool
    var hasTemplates: Bool
    var starts: String
    var zone: String
    var perMinute: String
    var holdout: String
    var priority: String
    var timings: [Choice]
    var fallbacks: [FallbackField]
    var problem: String?
}

enum BroadcastsPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        let before = request.query.int("before")
        let (found, segments, templates) = try await request.platform.store.read { connection in
            (
                try Broadcasts.list(before: before, limit: rows + 1, connection), try Segments.list(connection),
                try MessageTemplates.list(connection)
            )
        }
        let names = Dictionary(segments.map { ($0.id, $0.name) }) { a, _ in a }
        let titles = Dictionary(templates.map { ($0.id, $0.name) }) { a, _ in a }
        let shown = found.prefix(rows)
        let model = BroadcastsModel(
            rows: shown.map { broadcast in
                BroadcastsModel.Row(
                    href: "/broadcasts/\(broadcast.id)", name: broadcast.name,
                    segment: names[broadcast.segmentID] ?? "", template: titles[broadcast.templateID] ?? "",
                    status: request.text("broadcast.status_\(broadcast.status.rawValue)"),
                    tone: BroadcastWords.tone(broadcast.status), planned: request.wording.number(broadcast.planned),
                    starts: BroadcastWords.starts(broadcast, request))
            }, isEmpty: shown.isEmpty,
            next: found.count > rows ? shown.last.map { "/broadcasts?before=\($0.id)" } : nil,
            mayManage: request.user.role.may(.manageMessages))
        return .page(Page("broadcast/page", title: request.text("broadcast.title"), model: model))
    }

    static func new(_ request: PageRequest) async throws -> Reply { try await form(request, nil) }

    static func edit(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("broadcast")
        let broadcast = try await BroadcastWords.found {
            try await request.platform.store.read { try Broadcasts.get(id, $0) }
        }
        guard broadcast.status == .draft else { return .redirect(to: "/broadcasts/\(id)") }
        return try await form(request, broadcast)
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (effects, actor) = (request.platform.effects, request.actor)
        do {
            let draft = try draft(request)
            let made = try await request.platform.store.write {
                try Broadcasts.create(draft, by: actor, effects, $0)
            }
            return .redirect(to: "/broadcasts/\(made.id)")
        } catch let error as BroadcastError {
            return try await form(request, nil, problem: BroadcastWords.problem(error, request))
        }
    }

    static func update(_ request: PageRequest) async throws -> Reply {
        let (id, now, actor) = (try request.id("broadcast"), request.now, request.actor)
        let before = try await BroadcastWords.found {
            try await request.platform.store.read { try Broadcasts.get(id, $0) }
        }
        do {
            let draft = try draft(request)
            _ = try await request.platform.store.write {
                try Broadcasts.update(id, draft, by: actor, at: now, $0)
            }
            return .redirect(to: "/broadcasts/\(id)", notice: "frame.saved")
        } catch let error as BroadcastError {
            return try await form(request, before, problem: BroadcastWords.problem(error, request))
        }
    }

    /// Throws: `BroadcastError` for what is no number.
    private static func draft(_ request: PageRequest) throws -> Broadcast.Draft {
        let form = request.form
        let percent = form.text("holdout").isEmpty ? 0 : Double(form.text("holdout"))
        guard let percent, percent >= 0, percent <= 50 else {
            throw BroadcastError.badHoldout(limit: BroadcastLimits.holdoutPermille)
        }
        guard let rate = form.text("per_minute").isEmpty ? 0 : form.int("per_minute") else {
            throw BroadcastError.badThrottle(limit: BroadcastLimits.perMinute)
        }
        let starts = Timestamp(iso8601: form.text("starts"), zone: request.workspace.calendar)
        // What cannot be read is not "at once".
        guard starts != nil || form.text("starts").isEmpty else { throw BroadcastError.badStart }
        guard let priority = form.text("priority").isEmpty ? MessageChoices.usualPriority : form.int("priority") else {
            throw BroadcastError.badPriority
        }
        let choices = MessageChoices(
            priority: priority, timing: MessageChoices.Timing(rawValue: form.text("timing")) ?? .due,
            fallbacks: FallbackFields.read(form))
        return Broadcast.Draft(
            name: form.text("name"), segmentID: form.int("segment") ?? 0, templateID: form.int("template") ?? 0,
            starts: starts, perMinute: rate, holdoutPermille: Int64((percent * 10).rounded()),
            choices: choices)
    }

    private static func form(
        _ request: PageRequest, _ broadcast: Broadcast?, problem: String? = nil
    ) async throws -> Reply {
        let (segments, templates) = try await request.platform.store.read {
            (try Segments.list($0), try MessageTemplates.list($0))
        }
        let form = request.form
        let segment = form["segment"] ?? request.query["segment"] ?? broadcast.map { String($0.segmentID) } ?? ""
        let template = form["template"] ?? request.query["template"] ?? broadcast.map { String($0.templateID) } ?? ""
        let starts = broadcast.flatMap { $0.starts.milliseconds > 0 ? $0.starts : nil }
        // What was never published cannot be sent.
        let offered = templates.filter { $0.version > 0 || String($0.id) == template }
        let path = broadcast.map { "/broadcasts/\($0.id)" } ?? "/broadcasts"
        let model = BroadcastFormModel(
            action: path, back: path, name: form["name"] ?? broadcast?.name ?? "",
            segments: segments.map {
                Choice(String($0.id), "\($0.name) (\(request.wording.number($0.size)))", chosen: segment)
            },
            templates: offered.map {
                Choice(
                    String($0.id), "\($0.name) · \(request.text("message.channel_\($0.channel)"))", chosen: template)
            }, hasSegments: !segments.isEmpty, hasTemplates: !offered.isEmpty,
            starts: form["starts"] ?? starts.map { local($0, request) } ?? "", zone: request.workspace.timeZone,
            perMinute: form["per_minute"] ?? String(broadcast?.perMinute ?? 0),
            holdout: form["holdout"] ?? BroadcastWords.percent(broadcast?.holdoutPermille ?? 0),
            priority: form["priority"] ?? String(broadcast?.choices.priority ?? MessageChoices.usualPriority),
            timings: MessageChoices.Timing.allCases.map {
                Choice(
                    $0.rawValue, request.text("broadcast.timing_\($0.word)"),
                    chosen: form["timing"] ?? broadcast?.choices.timing.rawValue ?? "")
            }, fallbacks: FallbackFields.ofBroadcast(broadcast?.choices, templates, request), problem: problem)
        return .page(
            Page(
                "broadcast/form", title: broadcast?.name ?? request.text("broadcast.new"),
                crumbs: [Crumb(request.text("broadcast.title"), "/broadcasts")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }

    /// As `datetime-local` wants it.
    private static func local(_ moment: Timestamp, _ request: PageRequest) -> String {
        LocalCalendar.text(ofDay: request.workspace.calendar.day(of: moment)) + "T" + request.wording.time(moment)
    }
}

/// Broadcasts in words of the console.
enum BroadcastWords {
    static func tone(_ status: Broadcast.Status) -> String {
        switch status {
        case .draft: "chip-plain"
        case .waiting: "chip-warn"
        case .planning: "chip-info"
        case .sending: "chip-info"
        case .finished: "chip-good"
        case .stopped: "chip-bad"
        }
    }

    static func starts(_ broadcast: Broadcast, _ request: PageRequest) -> String {
        if let started = broadcast.startedAt { return request.wording.dateTime(started) }
        return broadcast.starts.milliseconds > 0
            ? request.wording.dateTime(broadcast.starts) : request.text("broadcast.at_once")
    }

    static func percent(_ permille: Int64) -> String {
        permille % 10 == 0 ? String(permille / 10) : "\(permille / 10).\(permille % 10)"
    }

    static func problem(_ error: BroadcastError, _ request: PageRequest) -> String {
        switch error {
        case .badName: request.text("broadcast.problem_name")
        case .unknownSegment: request.text("broadcast.problem_segment")
        case .unknownTemplate: request.text("broadcast.problem_template")
        case .notPublished: request.text("broadcast.problem_unpublished")
        case .badThrottle: request.text("broadcast.problem_throttle")
        case .badStart: request.text("broadcast.problem_start")
        case .badPriority: request.text("broadcast.problem_priority")
        case .badFallback: request.text("template.problem_fallback")
        case .badHoldout: request.text("broadcast.problem_holdout")
        case .wrongStatus, .notFound: request.text("broadcast.problem_status")
        }
    }

    static func found<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch BroadcastError.notFound { throw PageFailure.notFound }
    }
}
