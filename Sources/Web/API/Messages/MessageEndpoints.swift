import Engine
import Storage

/// Messages to people: sending one, what became of each, receipts, the inbox.
enum MessageEndpoints {
    static let tag = "Messages"
    private static let states = SentMessage.State.allCases.map(\.rawValue)

    private static let message = APISchema.named(
        "Message",
        .object([
            APIField("id", .id), APIField("key", .string()), APIField("profile_id", .id), APIField("template_id", .id),
            APIField("channel", .words(ChannelCatalog.names)), APIField("topic", .string()),
            APIField("transactional", .boolean),
            APIField("origin", .string(), "`journey`, `broadcast`, `test`, `api`."),
            APIField("origin_id", .id), APIField("state", .words(states)),
            APIField("reason", .string(), "Why it was suppressed, bounced or failed."), APIField("detail", .string()),
            APIField("template_version", .integer()), APIField("variant", .string()), APIField("address", .string()),
            APIField("subject", .string()), APIField("attempts", .integer()),
            APIField("due_at", .timestamp, "When it is tried next; of one that ended, when it was tried last."),
            APIField(
                "asked_at", .timestamp,
                "When it was to leave at first, however often it was put off: it expires from then."),
            APIField("priority", .integer()), APIField("timing", .string(), "`best_hour`, then `timed`; or empty."),
            APIField("fallbacks", .array(.id), "Templates that are still to be tried."),
            APIField("planned_at", .timestamp), APIField("eligible_at", .nullable(.timestamp)),
            APIField("sent_at", .nullable(.timestamp)), APIField("delivered_at", .nullable(.timestamp)),
            APIField("opened_at", .nullable(.timestamp), "By a person."),
            APIField("clicked_at", .nullable(.timestamp), "By a person."),
            APIField("scanned_at", .nullable(.timestamp), "Opened or followed by a machine."),
            APIField("units", .integer(), "Of the provider’s price list: parts of a text message."),
            APIField("cost_micro", .integer(), "In millionths of the currency."),
        ]))
    private static let hop = APISchema.object([
        APIField("channel", .string()), APIField("template_id", .id), APIField("address", .string()),
        APIField("state", .string()), APIField("reason", .string()), APIField("detail", .string()),
        APIField("at", .timestamp),
    ])
    private static let item = APISchema.named(
        "InboxItem",
        .object([
            APIField("id", .id), APIField("title", .string()), APIField("body", .string()), APIField("link", .string()),
            APIField("created_at", .timestamp), APIField("read_at", .nullable(.timestamp)),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/messages", "listMessages", tag: tag, "Messages, the last planned first.",
            access: .scope(.messagesRead),
            parameters: [
                .query("profile_id", .id), .query("broadcast_id", .id), .query("template_id", .id),
                .query("state", .words(states)), .query("reason", .string(min: 1, max: 60)),
            ] + APIParameter.paging, response: .page(of: message), handler: list),
        APIRoute(
            .post, "/api/v1/messages", "sendMessage", tag: tag,
            "Send one message, with the published version of a template. A key that is there already sends nothing.",
            access: .scope(.messagesWrite),
            body: .json(
                .object(
                    [
                        APIField("key", .string(min: 1, max: MessageLimits.keyBytes), "Unique for ever."),
                        APIField("profile_id", .id), APIField("template_id", .id), .optional("transactional", .boolean),
                        .optional("topic", .string(max: 40)),
                        .optional("values", .object([], isOpen: true), "What the template knows as `event`."),
                        .optional("due_at", .timestamp),
                    ] + MessageChoiceFields.asked)), status: .accepted, response: message, handler: send),
        APIRoute(
            .get, "/api/v1/messages/{id}", "getMessage", tag: tag, "One message.", access: .scope(.messagesRead),
            parameters: [.path("id")], response: message, handler: get),
        APIRoute(
            .get, "/api/v1/messages/{id}/hops", "listMessageHops", tag: tag,
            "The channels that a message tried before, and why it left each.", access: .scope(.messagesRead),
            parameters: [.path("id")], response: .object([APIField("items", .array(hop))]), handler: hops),
        APIRoute(
            .post, "/api/v1/messages/{id}/replays", "replayMessage", tag: tag,
            "Send a failed message again; one that may have arrived is refused.", access: .scope(.messagesWrite),
            parameters: [.path("id")], status: .accepted, response: message, handler: replay),
        APIRoute(
            .post, "/api/v1/bounces", "receiveBounce", tag: tag,
            "A mail that came back: a delivery report (RFC 3464) or a complaint (RFC 5965), as it is.",
            access: .scope(.messagesWrite),
            body: .json(
                .object([
                    APIField("mail", .string(min: 1, max: 1_000_000)),
                    .optional("recipient", .string(max: 254), "Of the envelope."),
                ])),
            response: .object([
                APIField("message_id", .nullable(.id)), APIField("changed", .boolean, "Whether it said something new."),
            ]), handler: bounce),
        APIRoute(
            .get, "/api/v1/profiles/{id}/inbox", "listInbox", tag: tag, "A person's inbox, the newest first.",
            access: .scope(.messagesRead), parameters: [.path("id")] + APIParameter.paging, response: .page(of: item),
            handler: inbox),
        APIRoute(
            .post, "/api/v1/profiles/{id}/inbox/{message_id}/reads", "readInboxItem", tag: tag,
            "The person read it; the message counts as opened.", access: .scope(.messagesWrite),
            parameters: [.path("id"), .path("message_id")], response: .object([]), handler: read),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        var filter = MessageList.Filter()
        if let id = request.string("broadcast_id").flatMap({ Int64($0) }) {
            (filter.origin, filter.originID) = ("broadcast", id)
        }
        filter.templateID = request.string("template_id").flatMap { Int64($0) }
        filter.state = request.string("state").flatMap(SentMessage.State.init(rawValue:))
        filter.reason = request.string("reason") ?? ""
        let profile = request.string("profile_id").flatMap { Int64($0) }
        let (limit, place, wanted) = (min(request.limit, MessageLimits.pageRows), try before(request), filter)
        let found = try await context.platform.store.read { connection in
            var wanted = wanted
            if let profile {
                wanted.profileIDs = try [profile] + ProfileDetail.mergedIDs(into: profile, connection)
            }
            return try MessageList.page(wanted, before: place, limit: limit + 1, connection)
        }
        let page = Array(found.prefix(limit))
        let next: JSONValue? =
            found.count > limit
            ? page.last.map { [.integer($0.plannedAt.milliseconds), .integer($0.id)] } : nil
        return APIResponse(page: page, next: next, json)
    }

    /// Where a list by time goes on. Throws: `Problem`.
    private static func before(_ request: APIRequest) throws -> (ms: Int64, id: Int64)? {
        guard let cursor = try request.cursor() else { return nil }
        guard let ms = cursor[0]?.intValue, let id = cursor[1]?.intValue else {
            throw Problem(.badRequest, "bad_cursor", "The cursor is not one that this list gave out.")
        }
        return (ms, id)
    }

    @Sendable private static func send(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, now) = (request.body, context.platform.effects.now())
        let id = { (name: String) in body[name]?.stringValue.flatMap { Int64($0) } ?? 0 }
        let plan = MessagePlan(
            key: "api:" + (body["key"]?.stringValue ?? ""), profileID: id("profile_id"), templateID: id("template_id"),
            origin: .api, isTransactional: body["transactional"]?.boolValue ?? false,
            topic: body["topic"]?.stringValue ?? "", values: body["values"] ?? [:],
            due: body["due_at"]?.stringValue.flatMap { Timestamp(iso8601: $0) } ?? now,
            choices: MessageChoiceFields.read(body))
        let message = try await context.platform.store.write { connection in
            guard try MessageTemplates.get(plan.templateID, connection).version > 0 else {
                throw TemplateError.notPublished
            }
            _ = try ProfileDetail.resolve(plan.profileID, connection)
            try plan.choices.check(after: try MessageTemplates.get(plan.templateID, connection).channel, connection)
            let ids = try Messages.plan([plan], at: now, connection)
            return try MessageList.get(ids[0], connection)
        }
        return APIResponse(json(message))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(json(try await context.platform.store.read { try MessageList.get(id, $0) }))
    }

    @Sendable private static func hops(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let found = try await context.platform.store.read { connection in
            _ = try MessageList.get(id, connection)
            return try MessageHop.list(id, connection)
        }
        return APIResponse([
            "items": .array(
                found.map { hop in
                    [
                        "channel": .string(hop.channel), "template_id": JSONValue(id: hop.templateID),
                        "address": .string(hop.address), "state": .string(hop.state.rawValue),
                        "reason": .string(hop.reason), "detail": .string(hop.detail), "at": JSONValue(hop.at),
                    ]
                })
        ])
    }

    @Sendable private static func replay(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        let message = try await context.platform.store.write { connection in
            _ = try MessageList.get(id, connection)
            guard try Messages.replay([id], by: actor, at: now, connection) == 1 else {
                throw MessageError.notReplayable
            }
            return try MessageList.get(id, connection)
        }
        return APIResponse(json(message))
    }

    @Sendable private static func bounce(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let mail = Array((request.body["mail"]?.stringValue ?? "").utf8)
        guard let report = BounceReport(mail, recipient: request.body["recipient"]?.stringValue ?? "") else {
            throw Problem(
                .unprocessableContent, "no_report", "The mail is neither a delivery report nor a complaint.",
                flaws: [.init("body.mail", "is no report")])
        }
        let effects = context.platform.effects
        let changed = try await context.platform.store.write { try report.apply(effects, $0) }
        return APIResponse(["message_id": report.message.map { JSONValue(id: $0) } ?? .null, "changed": .bool(changed)])
    }

    @Sendable private static func inbox(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, before) = (try request.id("id"), try before(request))
        let limit = min(request.limit, MessageLimits.pageRows)
        let found = try await context.platform.store.read { connection in
            try InboxItem.list(
                try ProfileDetail.resolve(id, connection), before: before, limit: limit + 1, connection)
        }
        let page = Array(found.prefix(limit))
        let next: JSONValue? =
            found.count > limit
            ? page.last.map { [.integer($0.createdAt.milliseconds), .integer($0.id)] } : nil
        return APIResponse(page: page, next: next) { item in
            [
                "id": JSONValue(id: item.id), "title": .string(item.title), "body": .string(item.body),
                "link": .string(item.link), "created_at": JSONValue(item.createdAt), "read_at": JSONValue(item.readAt),
            ]
        }
    }

    @Sendable private static func read(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, message) = (try request.id("id"), try request.id("message_id"))
        let effects = context.platform.effects
        try await context.platform.store.write { connection in
            try InboxItem.read(message, of: try ProfileDetail.resolve(id, connection), effects, connection)
        }
        return APIResponse([:])
    }

    private static func json(_ message: SentMessage) -> JSONValue {
        [
            "id": JSONValue(id: message.id), "key": .string(message.key),
            "profile_id": JSONValue(id: message.profileID),
            "template_id": JSONValue(id: message.templateID), "channel": .string(message.channel),
            "topic": .string(message.topic), "transactional": .bool(message.isTransactional),
            "origin": .string(message.origin), "origin_id": JSONValue(id: message.originID),
            "state": .string(message.state.rawValue), "reason": .string(message.reason),
            "detail": .string(message.detail), "template_version": .integer(message.version),
            "variant": .string(message.variant), "address": .string(message.address),
            "subject": .string(message.subject), "attempts": .integer(message.attempts),
            "priority": .integer(message.priority), "timing": .string(message.timing),
            "fallbacks": .array(message.fallbacks.map { JSONValue(id: $0) }),
            "due_at": JSONValue(message.due), "asked_at": JSONValue(message.asked),
            "planned_at": JSONValue(message.plannedAt),
            "eligible_at": JSONValue(message.eligibleAt), "sent_at": JSONValue(message.sentAt),
            "delivered_at": JSONValue(message.deliveredAt), "opened_at": JSONValue(message.openedAt),
            "clicked_at": JSONValue(message.clickedAt), "scanned_at": JSONValue(message.scannedAt),
            "units": .integer(message.units), "cost_micro": .integer(message.costMicro),
        ]
    }
}
