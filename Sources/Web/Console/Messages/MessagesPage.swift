import Engine
import Storage

/// What was sent to whom, or why it was not.
struct MessagesModel: PageModel {
    struct Row: Encodable, Sendable {
        var person: String
        var personHref: String
        var address: String
        var what: String
        var channel: String
        var from: String
        /// What `from` is, where that is a name.
        var kind: String?
        var fromHref: String?
        var state: String
        var tone: String
        var reason: String?
        var detail: String?
        /// Channels that were tried before.
        var hops: String?
        var when: String
        /// When it was to leave at first, where it waits for a later moment.
        var firstDue: String?
    }

    var rows: [Row]
    var isEmpty: Bool
    var next: String?
    var states: [Choice]
    var person: String
    /// What else narrows the list, to be kept when the state or the person is chosen anew.
    var hidden: [DateRange.Hidden]
    /// All that narrows it, for sending again what it shows.
    var asked: [DateRange.Hidden]
    var isNarrowed: Bool
    var about: String?
    var mayReplay: Bool
}

enum MessagesPage {
    private static let rows = 50
    private static let replayed = 1_000

    static func show(_ request: PageRequest) async throws -> Reply {
        let query = request.query
        let filter = asked(query)
        let place = query.text("before").split(separator: "-").compactMap { Int64($0) }
        let sought = query.text("person")
        let found = try await request.platform.store.read { connection -> Found in
            let wanted = try of(sought, filter, connection)
            let messages = try MessageList.page(
                wanted, before: place.count == 2 ? (place[0], place[1]) : nil, limit: rows + 1, connection)
            return Found(
                messages: messages,
                people: Dictionary(
                    try PeopleByID.load(messages.map(\.profileID), connection).map { ($0.id, $0) }
                ) { first, _ in first },
                templates: try MessageTemplates.list(connection),
                hops: try Dictionary(
                    messages.filter { $0.hop > 0 }.map { ($0.id, try MessageHop.list($0.id, connection)) }
                ) { first, _ in first },
                origins: try origins(messages, connection),
                origin: try wanted.originID.flatMap { try name(of: wanted.origin, $0, connection) })
        }
        let templates = Dictionary(found.templates.map { ($0.id, $0.name) }) { a, _ in a }
        let made = filter.templateID.flatMap { templates[$0] }
        let shown = Array(found.messages.prefix(rows))
        let model = MessagesModel(
            rows: shown.map { row($0, found, templates, request) }, isEmpty: shown.isEmpty,
            next: found.messages.count > rows
                ? shown.last.map {
                    "/messages?" + query.query(changing: ["before": "\($0.plannedAt.milliseconds)-\($0.id)"])
                } : nil,
            states: [Choice("", request.text("message.any_state"), chosen: query.text("state"))]
                + SentMessage.State.allCases.map {
                    Choice($0.rawValue, request.text("message.state_\($0.rawValue)"), chosen: query.text("state"))
                }, person: sought, hidden: kept(query, narrowing), asked: kept(query, all),
            isNarrowed: !kept(query, all).isEmpty,
            about: found.origin.map { request.text("message.of_\(filter.origin)", ["name": $0]) }
                ?? made.map { ofTemplate($0, filter.variant, request) },
            mayReplay: filter.state == .failed && request.user.role.may(.manageMessages) && !shown.isEmpty)
        return .page(
            Page(
                "message/page", title: request.text("message.title"),
                crumbs: crumbs(filter, found.origin ?? made, request), model: model))
    }

    /// Back to what the messages are of; `name`: nil where it is there no more.
    private static func crumbs(_ filter: MessageList.Filter, _ name: String?, _ request: PageRequest) -> [Crumb] {
        if let id = filter.originID, let place = places[filter.origin] {
            return [Crumb(name ?? request.text("\(filter.origin).title"), "\(place)\(id)")]
        }
        guard let id = filter.templateID, let name else { return [] }
        return [Crumb(name, "/templates/\(id)")]
    }

    private static func ofTemplate(_ name: String, _ variant: String, _ request: PageRequest) -> String {
        variant.isEmpty
            ? request.text("message.of_template", ["name": name])
            : request.text("message.of_variant", ["name": name, "variant": variant])
    }

    /// What a link to the list may ask for beside what its form asks for.
    private static let narrowing = ["broadcast", "journey", "node", "template", "variant", "reason", "reached"]
    private static let all = narrowing + ["state", "person"]

    private static func kept(_ fields: Fields, _ names: [String]) -> [DateRange.Hidden] {
        names.compactMap { name in
            fields[name].flatMap { $0.isEmpty ? nil : DateRange.Hidden(name: name, value: $0) }
        }
    }

    private static func asked(_ fields: Fields) -> MessageList.Filter {
        var filter = MessageList.Filter()
        filter.state = SentMessage.State(rawValue: fields.text("state"))
        filter.reason = fields.text("reason")
        filter.reached = fields.text("reached")
        if let template = fields.int("template") {
            (filter.templateID, filter.variant) = (template, fields.text("variant"))
        }
        if let broadcast = fields.int("broadcast") { (filter.origin, filter.originID) = ("broadcast", broadcast) }
        if let journey = fields.int("journey") {
            (filter.origin, filter.originID, filter.node) = ("journey", journey, fields.text("node"))
        }
        return filter
    }

    /// The filter for one person, where one is sought; somebody who is not known has no messages.
    private static func of(
        _ sought: String, _ filter: MessageList.Filter, _ connection: any SQLConnection
    ) throws -> MessageList.Filter {
        guard !sought.isEmpty else { return filter }
        var filter = filter
        let person = try RecipientFacts.find(sought, connection) ?? -1
        filter.profileIDs = try [person] + ProfileDetail.mergedIDs(into: person, connection)
        return filter
    }

    /// Where what messages come from is shown, without its id.
    private static let places = ["broadcast": "/broadcasts/", "journey": "/journeys/"]

    private struct Found: Sendable {
        var messages: [SentMessage]
        var people: [Int64: Profile]
        var templates: [MessageTemplate]
        var hops: [Int64: [MessageHop]]
        /// Names by kind and id.
        var origins: [String: String]
        /// The name of the broadcast or journey that is asked about.
        var origin: String?
    }

    private static func origins(
        _ messages: [SentMessage], _ connection: any SQLConnection
    ) throws -> [String: String] {
        var names: [String: String] = [:]
        if messages.contains(where: { $0.origin == "journey" }) {
            for journey in try Journeys.list(connection) { names["journey \(journey.id)"] = journey.name }
        }
        for id in Set(messages.filter { $0.origin == "broadcast" }.map(\.originID)) {
            names["broadcast \(id)"] = try name(of: "broadcast", id, connection)
        }
        return names
    }

    private static func name(of origin: String, _ id: Int64, _ connection: any SQLConnection) throws -> String? {
        do {
            return origin == "journey" ? try Journeys.get(id, connection).name : try Broadcasts.get(id, connection).name
        } catch BroadcastError.notFound, JourneyError.notFound {
            return nil
        }
    }

    private static func row(
        _ message: SentMessage, _ found: Found, _ templates: [Int64: String], _ request: PageRequest
    ) -> MessagesModel.Row {
        let tried = (found.hops[message.id] ?? []).map { hop in
            "\(request.text("message.channel_\(hop.channel)")) (\(MessageWords.reason(hop.reason, request)))"
        }
        let name = found.people[message.profileID].map { PersonName($0, request.wording).text }
        let title = message.subject.isEmpty ? templates[message.templateID] ?? "" : message.subject
        let kind = request.text("message.origin_\(message.origin)")
        let origin = found.origins["\(message.origin) \(message.originID)"]
        let reason = message.reason.isEmpty ? nil : MessageWords.reason(message.reason, request)
        return MessagesModel.Row(
            person: name ?? request.text("message.nameless"), personHref: "/people/\(message.profileID)",
            address: message.address, what: title,
            channel: request.text("message.channel_\(message.channel)")
                + (message.variant.isEmpty ? "" : " · " + message.variant),
            from: origin ?? kind, kind: origin == nil ? nil : kind,
            fromHref: origin == nil ? nil : places[message.origin].map { "\($0)\(message.originID)" },
            state: request.text("message.state_\(message.state.rawValue)"), tone: MessageWords.tone(message.state),
            reason: reason, detail: message.detail.isEmpty ? nil : request.wording.network(message.detail),
            hops: tried.isEmpty ? nil : request.text("message.hops", ["channels": tried.joined(separator: " → ")]),
            when: request.wording.dateTime(message.sentAt ?? message.endedAt ?? message.due),
            firstDue: message.state == .planned && message.due > message.asked
                ? request.text("message.first_due", ["when": request.wording.dateTime(message.asked)]) : nil)
    }

    /// Sends what failed again, of what the list shows: none of it left.
    static func replay(_ request: PageRequest) async throws -> Reply {
        let (actor, now, form) = (request.actor, request.now, request.form)
        var filter = asked(form)
        filter.state = .failed
        let (wanted, sought) = (filter, form.text("person"))
        try await request.platform.store.write { connection in
            let filter = try of(sought, wanted, connection)
            let ids = try MessageList.page(filter, before: nil, limit: replayed, connection).map(\.id)
            _ = try Messages.replay(ids, by: actor, at: now, connection)
        }
        let narrowed = kept(form, ["broadcast", "journey", "node", "template", "variant", "person"])
        let place = Fields(narrowed.map { ($0.name, $0.value) }).query()
        return .redirect(to: place.isEmpty ? "/messages" : "/messages?" + place, notice: "message.replayed")
    }
}

/// Messages in words of the console.
enum MessageWords {
    static func tone(_ state: SentMessage.State) -> String {
        switch state {
        case .planned, .sending: "chip-info"
        case .sent, .delivered, .opened, .clicked: "chip-good"
        case .suppressed: "chip-plain"
        case .bounced, .complained, .failed: "chip-bad"
        case .unknown: "chip-warn"
        }
    }

    static func reason(_ word: String, _ request: PageRequest) -> String {
        request.wording.known("message.reason_\(word)") ?? word
    }
}
