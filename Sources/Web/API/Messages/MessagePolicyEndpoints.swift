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
            .optional(
                "double_opt_in", .boolean, "Whether a yes to mail counts once the link in a letter was followed."),
            .optional(
                "confirmation_template", .nullable(.id),
                "The letter with the link; null: one is made as it is switched on."),
            .optional("confirmation_days", .integer(1...60)),
            .optional(
                "stop_words",
                .array(.string(min: 1, max: StopWords.wordCharacters), count: 0...StopWords.wordsMax),
                "Whoever answers with one of them leaves the channel."),
            .optional("usual_hour", .integer(0...23), "For best-hour messages while nothing is known of anybody."),
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

    private static let optIn = APISchema.named(
        "OptIn",
        .object([
            APIField("id", .id), APIField("channel", .string()), APIField("topic", .string()),
            APIField("address", .string()), APIField("state", .words(OptIn.State.allCases.map(\.rawValue))),
            APIField("source", .string()), APIField("proof", .string()), APIField("asked_at", .timestamp),
            APIField("expires_at", .timestamp), APIField("confirmed_at", .nullable(.timestamp)),
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
            parameters: [.path("id")],
            response: .object([
                APIField("items", .array(consent)), APIField("opt_ins", .array(optIn), "The newest first."),
                APIField("preferred_channel", .nullable(.string())),
            ]), handler: consents),
        APIRoute(
            .post, "/api/v1/profiles/{id}/message-consents", "setMessageConsent", tag: tag,
            "What a person says from now on. Under double opt-in a yes to mail is `pending` until the link is followed.",
            access: .scope(.messagesWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("channel", .words(ChannelCatalog.names)), .optional("topic", .string(max: 40)),
                    APIField("granted", .boolean),
                    APIField("proof", .string(min: 1, max: 1_000), "When, where, which words."),
                    .optional("confirmed", .boolean, "Whether the address was confirmed elsewhere already."),
                ])),
            response: .object([
                APIField(
                    "state", .words(["granted", "refused", "pending", "unreachable"]),
                    "`unreachable`: there is no address to confirm.")
            ]), handler: say),
        APIRoute(
            .put, "/api/v1/profiles/{id}/preferred-channel", "setPreferredChannel", tag: tag,
            "The channel that a person would rather be written to on; null: none.", access: .scope(.messagesWrite),
            parameters: [.path("id")],
            body: .json(.object([APIField("channel", .nullable(.words(ChannelCatalog.names)))])),
            response: .object([]), handler: prefer),
    ]

    @Sendable private static func getPolicy(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        APIResponse(try json(try await context.platform.store.read { try MessagePolicy.load($0) }))
    }

    @Sendable private static func setPolicy(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        var body = request.body.objectValue ?? [:]
        body["confirmation_template"] = .integer(body["confirmation_template"]?.stringValue.flatMap { Int64($0) } ?? 0)
        let policy = try StoredDocument.value(MessagePolicy.self, from: JSONValue.object(body).text())
        let (actor, effects) = (request.caller.actor, context.platform.effects)
        let saved = try await context.platform.store.write { try policy.save(by: actor, effects, $0) }
        return APIResponse(try json(saved))
    }

    private static func json(_ policy: MessagePolicy) throws -> JSONValue {
        var members = try JSONValue(parsing: try StoredDocument.text(policy)).objectValue ?? [:]
        members["double_opt_in_since"] = nil
        members["confirmation_template"] =
            policy.confirmationTemplate == 0 ? .null : JSONValue(id: policy.confirmationTemplate)
        return .object(members)
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
        let (said, asked, preferred) = try await context.platform.store.read { connection in
            let living = try ProfileDetail.resolve(id, connection)
            let ids = [living] + (try ProfileDetail.mergedIDs(into: living, connection))
            let person = try RecipientFacts.load(living, try Workspace.load(connection), connection)
            return (
                try MessageConsents.of(ids, connection), try OptIns.of(ids, connection),
                try person.flatMap { try MessagePreferences.channel(of: $0, connection) }
            )
        }
        return APIResponse([
            "items": .array(
                said.map { entry in
                    [
                        "channel": .string(entry.channel), "topic": .string(entry.topic),
                        "granted": .bool(entry.isGranted), "at": JSONValue(entry.at), "source": .string(entry.source),
                        "proof": .string(entry.proof),
                    ]
                }), "opt_ins": .array(asked.map(json)), "preferred_channel": JSONValue(preferred),
        ])
    }

    private static func json(_ optIn: OptIn) -> JSONValue {
        [
            "id": JSONValue(id: optIn.id), "channel": .string(optIn.channel), "topic": .string(optIn.topic),
            "address": .string(optIn.address), "state": .string(optIn.state.rawValue),
            "source": .string(optIn.source), "proof": .string(optIn.proof), "asked_at": JSONValue(optIn.askedAt),
            "expires_at": JSONValue(optIn.expiresAt), "confirmed_at": JSONValue(optIn.confirmedAt),
        ]
    }

    @Sendable private static func say(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, body, effects) = (try request.id("id"), request.body, context.platform.effects)
        let wish = ConsentWish(
            channel: body["channel"]?.stringValue ?? "", topic: body["topic"]?.stringValue ?? "",
            isGranted: body["granted"]?.boolValue ?? false, source: "api", proof: body["proof"]?.stringValue ?? "",
            isConfirmed: body["confirmed"]?.boolValue ?? false)
        let (person, answer) = try await context.platform.store.write { connection in
            let person = try ProfileDetail.resolve(id, connection)
            return (person, try OptIns.take(wish, of: person, effects, connection))
        }
        if !wish.isGranted { try await Messages.settle(person, context.platform) }
        return APIResponse(["state": .string(answer.rawValue)])
    }

    @Sendable private static func prefer(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, channel) = (try request.id("id"), request.body["channel"]?.stringValue)
        let now = context.platform.effects.now()
        try await context.platform.store.write { connection in
            try MessagePreferences.choose(
                channel, of: try ProfileDetail.resolve(id, connection), source: "api", at: now, connection)
        }
        return APIResponse([:])
    }
}
