import Engine
import Storage

/// What was written to a person, what was not and why, what they answered, and what the team has to do about them.
struct PersonMessagesModel: PageModel {
    struct Row: Encodable, Sendable {
        var what: String
        var from: String
        var fromHref: String?
        var state: String
        var tone: String
        var reason: String?
        var when: String
    }

    struct Reply: Encodable, Sendable {
        var text: String
        var channel: String
        var when: String
    }

    struct Task: Encodable, Sendable {
        var title: String
        var due: String
    }

    var id: String
    var rows: [Row]
    var isEmpty: Bool
    var all: String?
    var replies: [Reply]
    var hasReplies: Bool
    var tasks: [Task]
    var hasTasks: Bool
    /// What may be asked about.
    var journeys: [Choice]
    var hasJourneys: Bool
    var templates: [Choice]
    var hasTemplates: Bool
}

/// Why a person is or is not written to.
struct PersonWhyModel: PageModel {
    struct Line: Encodable, Sendable {
        var words: String
        var finding: String?
        var tone: String
        var icon: String
        var state: String
    }

    var sentence: String?
    var lines: [Line]
    var messages: [Line]
    var hasMessages: Bool
}

enum PersonMessages {
    private static let rows = 12
    private static let replies = 5
    private static let tasks = 5

    private struct Found: Sendable {
        var messages: [SentMessage]
        var replies: [MessageReply]
        var tasks: [StaffTask]
        var templates: [MessageTemplate]
        var journeys: [Journey]
        var broadcasts: [Int64: String]
    }

    static func panel(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let found = try await request.platform.store.read { connection -> Found in
            let ids = [id] + (try ProfileDetail.mergedIDs(into: id, connection))
            var filter = MessageList.Filter()
            filter.profileIDs = ids
            let messages = try MessageList.page(filter, before: nil, limit: rows + 1, connection)
            var broadcasts: [Int64: String] = [:]
            for origin in Set(messages.filter { $0.origin == "broadcast" }.map(\.originID)) {
                do { broadcasts[origin] = try Broadcasts.get(origin, connection).name } catch is BroadcastError {
                    continue
                }
            }
            return Found(
                messages: messages, replies: try MessageReplies.list(of: ids, limit: replies, connection),
                tasks: try StaffTasks.list(
                    StaffTasks.Filter(state: .open, profileIDs: ids), limit: tasks, connection),
                templates: try MessageTemplates.list(connection), journeys: try Journeys.list(connection),
                broadcasts: broadcasts)
        }
        return .panel(template: "message/person", model: model(id, found, request))
    }

    private static func model(_ id: Int64, _ found: Found, _ request: PageRequest) -> PersonMessagesModel {
        let wording = request.wording
        let titles = Dictionary(found.templates.map { ($0.id, $0.name) }) { first, _ in first }
        let names = Dictionary(found.journeys.map { ($0.id, $0.name) }) { first, _ in first }
        let rows = found.messages.prefix(rows).map { message in
            let (name, href): (String?, String?) =
                switch message.origin {
                case "journey": (names[message.originID], "/journeys/\(message.originID)")
                case "broadcast": (found.broadcasts[message.originID], "/broadcasts/\(message.originID)")
                default: (nil, nil)
                }
            let title = message.subject.isEmpty ? titles[message.templateID] ?? "" : message.subject
            return PersonMessagesModel.Row(
                what: title.isEmpty ? request.text("message.channel_\(message.channel)") : title,
                from: name ?? request.text("message.origin_\(message.origin)"), fromHref: name == nil ? nil : href,
                state: request.text("message.state_\(message.state.rawValue)"), tone: MessageWords.tone(message.state),
                reason: message.reason.isEmpty ? nil : MessageWords.reason(message.reason, request),
                when: wording.shortDate(message.sentAt ?? message.endedAt ?? message.due, now: request.now))
        }
        let begun = found.journeys.filter { $0.status != .draft }
        let usable = found.templates.filter { $0.version > 0 }
        return PersonMessagesModel(
            id: String(id), rows: Array(rows), isEmpty: rows.isEmpty,
            all: found.messages.count > rows.count ? "/messages?person=\(id)" : nil,
            replies: found.replies.map {
                PersonMessagesModel.Reply(
                    text: $0.text, channel: request.text("message.channel_\($0.channel)"),
                    when: wording.shortDate($0.at, now: request.now))
            }, hasReplies: !found.replies.isEmpty,
            tasks: found.tasks.map { PersonMessagesModel.Task(title: $0.title, due: wording.dateTime($0.due)) },
            hasTasks: !found.tasks.isEmpty, journeys: begun.map { Choice(String($0.id), $0.name, chosen: "") },
            hasJourneys: !begun.isEmpty, templates: usable.map { Choice(String($0.id), $0.name, chosen: "") },
            hasTemplates: !usable.isEmpty)
    }

    // MARK: Why not?

    static func why(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        if let journey = request.query.int("journey") { return try await why(id, journey: journey, request) }
        guard let template = request.query.int("template") else { throw PageFailure.notFound }
        return try await why(id, template: template, request)
    }

    private static func why(_ id: Int64, journey: Int64, _ request: PageRequest) async throws -> Reply {
        let told = try await JourneyPages.found {
            try await JourneyWhyNot.explain(
                id, journey, CriteriaLanguage(request.wording.language), request.platform)
        }
        let lines = told.lines.map { line($0, request) }
        let messages = told.messages.map { message($0, request) }
        return .panel(
            template: "message/why",
            model: PersonWhyModel(lines: lines, messages: messages, hasMessages: !messages.isEmpty))
    }

    static func message(_ line: JourneyWhyNot.MessageLine, _ request: PageRequest) -> PersonWhyModel.Line {
        switch line.finding {
        case .message(let message):
            let state = request.text("message.state_\(message.state.rawValue)")
            let reason = message.reason.isEmpty ? "" : ": " + MessageWords.reason(message.reason, request)
            let holds = ![.suppressed, .bounced, .failed, .unknown].contains(message.state)
            return self.line(line.words, state + reason, holds: holds, request)
        case .missed(let ending):
            let left = request.text("journey.ending_\(ending.rawValue)")
            return self.line(line.words, request.text("message.why_missed", ["ending": left]), holds: false, request)
        case .ahead: return self.line(line.words, request.text("message.why_ahead"), holds: false, request)
        case .neverIn: return self.line(line.words, request.text("message.why_never_in"), holds: false, request)
        }
    }

    static func line(_ line: JourneyWhyNot.Line, _ request: PageRequest) -> PersonWhyModel.Line {
        let finding = line.at.map { request.wording.dateTime($0) } ?? line.finding
        return self.line(line.words, finding, holds: line.holds, request)
    }

    static func line(
        _ words: String, _ finding: String, holds: Bool, _ request: PageRequest
    ) -> PersonWhyModel.Line {
        PersonWhyModel.Line(
            words: words, finding: finding.isEmpty ? nil : finding, tone: holds ? "good" : "bad",
            icon: holds ? "check" : "close", state: request.text(holds ? "segment.holds" : "segment.fails"))
    }

    private static func why(_ id: Int64, template: Int64, _ request: PageRequest) async throws -> Reply {
        let told: MessageWhyNot
        do {
            told = try await TemplateWords.found {
                try await MessageWhyNot.explain(id, template: template, .known, request.platform)
            }
        } catch ProfileError.notFound {
            throw PageFailure.notFound
        }
        let wording = request.wording
        let sentence =
            switch told.verdict {
            case .wouldLeave: request.text("message.why_leaves")
            case .suppressed(let reason):
                request.text("message.why_held", ["reason": MessageWords.reason(reason, request)])
            case .deferred(let until): request.text("message.why_later", ["when": wording.dateTime(until)])
            }
        var lines = [
            line(
                request.text("message.why_address"), told.address ?? request.text("message.why_nowhere"),
                holds: told.address != nil, request)
        ]
        let granted = told.consent.isGranted.map { $0 ? "yes" : "no" } ?? "nothing"
        let when = told.consent.at.map { " · " + wording.dateTime($0) } ?? ""
        lines.append(
            line(
                request.text("message.why_consent"), request.text("message.why_consent_\(granted)") + when,
                holds: told.consent.isGranted ?? false, request))
        if !told.topic.isEmpty {
            lines.append(line(request.text("message.why_topic"), told.topic, holds: !told.hasLeftTopic, request))
        }
        for cap in told.caps where !told.isTransactional {
            let words = request.text(
                "message.why_cap", ["days": String(cap.days), "most": wording.number(cap.most)])
            lines.append(
                line(
                    words, request.text("message.why_used", ["used": wording.number(cap.used)]),
                    holds: cap.used < cap.most, request))
        }
        return .panel(
            template: "message/why",
            model: PersonWhyModel(sentence: sentence, lines: lines, messages: [], hasMessages: false))
    }
}
