import Engine
import Storage

/// What people answer to messages, from whatever channel it comes.
enum ReplyEndpoints {
    private static let reply = APISchema.named(
        "MessageReply",
        .object([
            APIField("id", .id), APIField("profile_id", .id), APIField("channel", .words(ChannelCatalog.names)),
            APIField("message_id", .nullable(.id), "What it answers; null: nobody knows."), APIField("text", .string()),
            APIField("at", .timestamp),
        ]))
    private static let text = APIField("text", .string(min: 1, max: MessageLimits.replyBytes))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/replies", "listReplies", tag: MessageEndpoints.tag, "Replies, the newest first.",
            access: .scope(.messagesRead), parameters: [.query("profile_id", .id)] + APIParameter.paging,
            response: .page(of: reply), handler: list),
        APIRoute(
            .post, "/api/v1/replies", "receiveReply", tag: MessageEndpoints.tag,
            "Somebody answered; told as `Message Replied`, which lets people into journeys. A key that is there already "
                + "changes nothing.", access: .scope(.messagesWrite),
            body: .json(
                .object([
                    APIField("key", .string(min: 1, max: 150), "The channel's own id of it."),
                    APIField("channel", .words(ChannelCatalog.names)), text,
                    .optional("profile_id", .id, "Who says it."),
                    .optional("address", .string(min: 1, max: 254), "Anything the person is known by, instead."),
                    .optional(
                        "message_id", .id, "What it answers; else the last message to the person on this channel."),
                    .optional("at", .timestamp),
                ])), status: .accepted, response: reply, handler: receive),
        APIRoute(
            .post, "/api/v1/profiles/{id}/inbox/{message_id}/replies", "replyInboxItem", tag: MessageEndpoints.tag,
            "The person answers what they found in their inbox.", access: .scope(.messagesWrite),
            parameters: [.path("id"), .path("message_id")],
            body: .json(.object([APIField("key", .string(min: 1, max: 150)), text])), status: .accepted,
            response: reply, handler: replyInbox),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (before, limit) = (try request.cursorID(), request.limit)
        let profile = request.string("profile_id").flatMap { Int64($0) }
        let found = try await context.platform.store.read { connection in
            let people = try profile.map { [$0] + (try ProfileDetail.mergedIDs(into: $0, connection)) }
            return try MessageReplies.list(of: people, before: before, limit: limit + 1, connection)
        }
        let page = Array(found.prefix(limit))
        let next = found.count > limit ? page.last.map { JSONValue.integer($0.id) } : nil
        return APIResponse(page: page, next: next, json)
    }

    @Sendable private static func receive(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, effects) = (request.body, context.platform.effects)
        let id = { (name: String) in body[name]?.stringValue.flatMap { Int64($0) } }
        let (profile, address) = (id("profile_id"), body["address"]?.stringValue)
        var incoming = MessageReply.Incoming(
            key: body["key"]?.stringValue ?? "", channel: body["channel"]?.stringValue ?? "", profileID: profile,
            messageID: id("message_id"), text: body["text"]?.stringValue ?? "",
            at: body["at"]?.stringValue.flatMap { Timestamp(iso8601: $0) } ?? effects.now())
        let asked = incoming
        incoming = try await context.platform.store.read { connection in
            var incoming = asked
            if let profile { incoming.profileID = try ProfileDetail.resolve(profile, connection) }
            if profile == nil, let address {
                guard let found = try RecipientFacts.find(address, connection) else { throw ProfileError.notFound(0) }
                incoming.profileID = found
            }
            return incoming
        }
        return try await take(incoming, context)
    }

    @Sendable private static func replyInbox(
        _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let (body, now) = (request.body, context.platform.effects.now())
        return try await take(
            MessageReply.Incoming(
                key: body["key"]?.stringValue ?? "", channel: "inbox", profileID: try request.id("id"),
                messageID: try request.id("message_id"), text: body["text"]?.stringValue ?? "", at: now), context)
    }

    private static func take(
        _ incoming: MessageReply.Incoming, _ context: APIContext
    ) async throws -> APIResponse {
        let effects = context.platform.effects
        return APIResponse(
            json(try await context.platform.store.write { try MessageReplies.receive(incoming, effects, $0).reply }))
    }

    private static func json(_ reply: MessageReply) -> JSONValue {
        [
            "id": JSONValue(id: reply.id), "profile_id": JSONValue(id: reply.profileID),
            "channel": .string(reply.channel), "message_id": reply.messageID.map { JSONValue(id: $0) } ?? .null,
            "text": .string(reply.text), "at": JSONValue(reply.at),
        ]
    }
}
