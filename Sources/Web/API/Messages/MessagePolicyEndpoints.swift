import Engine
import Storage

/// The policy, the suppression list, and what people said.
enum MessagePolicyEndpoints {
    private static let tag = MessageEndpoints.tag

    private static let policy = APISchema.named(
        "MessagePolicy",
        .object([
            APIField("needs_consent", .boolean, "Whether silence is a no."),
            APIField(
                "caps",
                .array(
                    .object([
                        APIField("channel", .string(max: 20), "Empty: all together."),
                        APIField("days", .integer(1...31)),
                        APIField("most", .integer(0...1_000)),
                    ]), count: 0...MessagePolicy.capsMax)),
            APIField("quiet_from", .integer(0...23)), APIField("quiet_to", .integer(0...23)),
            APIField("quiet_drops", .boolean, "In quiet hours: not at all instead of afterwards."),
            APIField(
                "topics",
                .array(
                    .object([APIField("code", .string(min: 1, max: 40)), APIField("names", .map(.string(max: 80)))]),
                    count: 0...MessagePolicy.topicsMax)),
            APIField("tracks_opens", .boolean), APIField("tracks_clicks", .boolean),
            APIField("tracking_needs_consent", .boolean), APIField("adds_utm", .boolean),
            APIField("expiry_days", .integer(1...60)), APIField("approval_above", .integer(0...Int64(Int32.max))),
        ]))
    private static let suppression = APISchema.named(
        "Suppression",
        .object([
            APIField("channel", .string()), APIField("address", .string()),
            APIField("reason", .words(Suppressions.Reason.allCases.map(\.rawValue))), APIField("detail", .string()),
            APIField("created_at", .timestamp),
        ]))
    private static let consent = APISchema.named(
        "MessageConsent",
        .object([
            APIField("channel", .string()), APIField("topic", .string(), "Empty: the whole channel."),
            APIField("granted", .boolean), APIField("at", .timestamp), APIField("source", .string()),
            APIField("proof", .string()),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/message-policy", "getMessagePolicy", tag: tag,
            "The rules under which people are written to.",
            access: .scope(.messagesRead), response: policy, handler: getPolicy),
        APIRoute(
            .put, "/api/v1/message-policy", "setMessagePolicy", tag: tag, "Change the rules.",
            access: .scope(.messagesWrite), body: .json(policy), response: policy, handler: setPolicy),
        APIRoute(
            .get, "/api/v1/suppressions", "listSuppressions", tag: tag, "Addresses that are not written to.",
            access: .scope(.messagesRead),
            parameters: [.query("search", .string(min: 1, max: 254))] + APIParameter.paging,
            response: .page(of: suppression), handler: list),
        APIRoute(
            .post, "/api/v1/suppressions", "addSuppression", tag: tag, "Write to an address no more.",
            access: .scope(.messagesWrite),
            body: .json(
                .object([
                    APIField("channel", .words(ChannelCatalog.names)), APIField("address", .string(min: 1, max: 254)),
                    .optional("detail", .string(max: 200)),
                ])), status: .created, response: .object([]), handler: add),
        APIRoute(
            .delete, "/api/v1/suppressions", "removeSuppression", tag: tag, "Write to an address again.",
            access: .scope(.messagesWrite),
            parameters: [
                .query("channel", .words(ChannelCatalog.names), required: true),
                .query("address", .string(min: 1, max: 254), required: true),
            ], response: .object([]), handler: remove),
        APIRoute(
            .get, "/api/v1/profiles/{id}/message-consents", "listMessageConsents", tag: tag,
            "What a person said about channels and topics, with proof.", access: .scope(.messagesRead),
            parameters: [.path("id")], response: .object([APIField("items", .array(consent))]), handler: consents),
        APIRoute(
            .post, "/api/v1/profiles/{id}/message-consents", "setMessageConsent", tag: tag,
            "What a person says from now on.", access: .scope(.messagesWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("channel", .words(ChannelCatalog.names)), .optional("topic", .string(max: 40)),
                    APIField("granted", .boolean),
                    APIField("proof", .string(min: 1, max: 1_000), "When, where, which words."),
                ])), response: .object([]), handler: say),
    ]

    @Sendable private static func getPolicy(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        APIResponse(try json(try await context.platform.store.read { try MessagePolicy.load($0) }))
    }

    @Sendable private static func setPolicy(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let policy = try StoredDocument.value(MessagePolicy.self, from: request.body.text())
        let (actor, now) = (request.caller.actor, context.platform.effects.now())
        try await context.platform.store.write { try policy.save(by: actor, at: now, $0) }
        return APIResponse(try json(policy))
    }

    private static func json(_ policy: MessagePolicy) throws -> JSONValue {
        try JSONValue(parsing: try StoredDocument.text(policy))
    }

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (search, before) = (request.string("search") ?? "", try request.cursorID())
        let limit = min(request.limit, MessageLimits.pageRows)
        let found = try await context.platform.store.read {
            try Suppressions.list(search: search, before: before, limit: limit + 1, $0)
        }
        let page = Array(found.prefix(limit))
        let next = found.count > limit ? page.last.map { JSONValue.integer($0.createdAt.milliseconds) } : nil
        return APIResponse(page: page, next: next) { entry in
            [
                "channel": .string(entry.channel), "address": .string(entry.address),
                "reason": .string(entry.reason.rawValue), "detail": .string(entry.detail),
                "created_at": JSONValue(entry.createdAt),
            ]
        }
    }

    @Sendable private static func add(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, actor, now) = (request.body, request.caller.actor, context.platform.effects.now())
        try await context.platform.store.write {
            try Suppressions.add(
                body["channel"]?.stringValue ?? "", body["address"]?.stringValue ?? "",
                detail: body["detail"]?.stringValue ?? "", by: actor, at: now, $0)
        }
        return APIResponse([:])
    }

    @Sendable private static func remove(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (channel, address) = (request.string("channel") ?? "", request.string("address") ?? "")
        let (actor, now) = (request.caller.actor, context.platform.effects.now())
        let isRemoved = try await context.platform.store.write {
            try Suppressions.remove(channel, address, by: actor, at: now, $0)
        }
        guard isRemoved else { throw Problem.notFound("suppression") }
        return APIResponse([:])
    }

    @Sendable private static func consents(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let said = try await context.platform.store.read { connection in
            let living = try ProfileDetail.resolve(id, connection)
            return try MessageConsents.of(
                [living] + ProfileDetail.mergedIDs(into: living, connection), connection)
        }
        return APIResponse([
            "items": .array(
                said.map { entry in
                    [
                        "channel": .string(entry.channel), "topic": .string(entry.topic),
                        "granted": .bool(entry.isGranted), "at": JSONValue(entry.at), "source": .string(entry.source),
                        "proof": .string(entry.proof),
                    ]
                })
        ])
    }

    @Sendable private static func say(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, body, effects) = (try request.id("id"), request.body, context.platform.effects)
        let person = try await context.platform.store.write { connection in
            let entry = MessageConsents.Entry(
                channel: body["channel"]?.stringValue ?? "", topic: body["topic"]?.stringValue ?? "",
                isGranted: body["granted"]?.boolValue ?? false, at: effects.now(), source: "api",
                proof: body["proof"]?.stringValue ?? "", messageID: 0)
            let person = try ProfileDetail.resolve(id, connection)
            try MessageConsents.say(person, entry, effects, connection)
            return person
        }
        if body["granted"]?.boolValue == false { try await Messages.settle(person, context.platform) }
        return APIResponse([:])
    }
}
