import Engine
import Storage

/// How mail leaves: the server, the sender, the records of the DNS, and whether the way is open.
enum EmailEndpoints {
    private static let tag = MessageEndpoints.tag
    private static let path = "/api/v1/email"

    private static let text = APISchema.string(max: EmailLimits.textBytes)
    private static let fields: [APIField] = [
        .optional("host", .string(max: 253)), .optional("port", .integer(1...65_535)),
        .optional("security", .words(SMTPServer.Security.allCases.map(\.rawValue))), .optional("user", text),
        .optional("from_name", text), .optional("from_address", .string(max: 254)),
        .optional("reply_to", .string(max: 254)),
        .optional("bounce_domain", .string(max: 253), "Where bounces come back to; empty: that of the sender."),
        .optional("dkim_domain", .string(max: 253), "Letters are signed for it; empty: they are not."),
        .optional("dkim_selector", .string(max: 40)),
        .optional("per_second", .integer(0...1_000_000), "0: no bound."),
        .optional("per_domain_minute", .integer(0...1_000_000), "0: no bound."),
    ]
    private static let password = APIField.optional(
        "password", text, "Empty takes it away. Needed again when the host changes or TLS is turned off.")
    private static let settings = APISchema.named(
        "EmailSettings",
        .object(
            fields.map { APIField($0.name, $0.schema, $0.note) } + [
                APIField("has_password", .boolean), APIField("is_set_up", .boolean),
                APIField(
                    "records", .array(.object([APIField("name", .string()), APIField("value", .string())])),
                    "TXT records to publish."),
                APIField("closed_until", .nullable(.timestamp), "Nothing leaves before; null: the way is open."),
                APIField("closed_because", .string(), "In the server's words."),
            ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, path, "getEmail", tag: tag, "How mail leaves.", access: .scope(.messagesRead), response: settings,
            handler: get),
        APIRoute(
            .put, path, "setEmail", tag: tag, "Change how mail leaves. What is left out stays as it is.",
            access: .scope(.messagesWrite), body: .json(.object(fields + [password])), response: settings,
            handler: set),
        APIRoute(
            .post, path + "/keys", "renewEmailKeys", tag: tag,
            "New signing keys; letters verify once their records are published.", access: .scope(.messagesWrite),
            status: .created, response: settings, handler: renew),
        APIRoute(
            .post, path + "/trials", "tryEmail", tag: tag, "Send one letter now; what the server says is told.",
            access: .scope(.messagesWrite), body: .json(.object([APIField("to", .string(min: 1, max: 254))])),
            response: .object([
                APIField("accepted", .boolean), APIField("code", .integer()), APIField("answer", .string()),
            ]), handler: trial),
        APIRoute(
            .post, path + "/openings", "openEmail", tag: tag, "Send again at once, where failures closed the way.",
            access: .scope(.messagesWrite), response: settings, handler: open),
    ]

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        try await answer(context)
    }

    @Sendable private static func set(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, actor, platform) = (request.body, request.caller.actor, context.platform)
        try await platform.store.write { connection in
            let draft = changed(try EmailSettings.load(connection), body)
            _ = try EmailSettings.save(
                draft, password: body["password"]?.stringValue, by: actor, platform.seal, platform.effects, connection)
        }
        return try await answer(context)
    }

    private static func changed(_ before: EmailSettings, _ body: JSONValue) -> EmailSettings {
        var draft = before
        func take(_ name: String, _ path: WritableKeyPath<EmailSettings, String>) {
            if let text = body[name]?.stringValue { draft[keyPath: path] = text }
        }
        take("host", \.host)
        take("user", \.user)
        take("from_name", \.fromName)
        take("from_address", \.fromAddress)
        take("reply_to", \.replyTo)
        take("bounce_domain", \.bounceDomain)
        take("dkim_domain", \.dkimDomain)
        take("dkim_selector", \.dkimSelector)
        draft.port = body["port"]?.intValue.map(Int.init) ?? draft.port
        draft.security =
            body["security"]?.stringValue.flatMap(SMTPServer.Security.init(rawValue:)) ?? draft.security
        draft.perSecond = body["per_second"]?.intValue ?? draft.perSecond
        draft.perDomainMinute = body["per_domain_minute"]?.intValue ?? draft.perDomainMinute
        return draft
    }

    @Sendable private static func renew(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (actor, platform) = (request.caller.actor, context.platform)
        _ = try await platform.store.write {
            try EmailSettings.renewKeys(by: actor, platform.seal, platform.effects, $0)
        }
        return try await answer(context)
    }

    @Sendable private static func trial(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (to, platform) = (request.body["to"]?.stringValue ?? "", context.platform)
        let language = try await platform.store.read { try Workspace.load($0).language }
        let answer = try await EmailChannel.overSMTP(connections: 1).trial(to: to, language, platform)
        return APIResponse([
            "accepted": .bool(answer.kind == .accepted), "code": .integer(Int64(answer.code)),
            "answer": .string(answer.text),
        ])
    }

    @Sendable private static func open(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        try await context.platform.store.write { try MessageGate.open("email", $0) }
        return try await answer(context)
    }

    private static func answer(_ context: APIContext) async throws -> APIResponse {
        let platform = context.platform
        let (settings, gate) = try await platform.store.read {
            (try EmailSettings.load($0), try MessageGate.load("email", $0))
        }
        let until = gate?.closedUntil.flatMap { $0 > platform.effects.now() ? $0 : nil }
        return APIResponse([
            "host": .string(settings.host), "port": .integer(Int64(settings.port)),
            "security": .string(settings.security.rawValue), "user": .string(settings.user),
            "from_name": .string(settings.fromName), "from_address": .string(settings.fromAddress),
            "reply_to": .string(settings.replyTo), "bounce_domain": .string(settings.bounceDomain),
            "dkim_domain": .string(settings.dkimDomain), "dkim_selector": .string(settings.dkimSelector),
            "per_second": .integer(settings.perSecond), "per_domain_minute": .integer(settings.perDomainMinute),
            "has_password": .bool(settings.hasPassword), "is_set_up": .bool(settings.isSetUp),
            "records": .array(
                try settings.records(platform.seal).map {
                    ["name": .string($0.name), "value": .string($0.value)]
                }),
            "closed_until": JSONValue(until), "closed_because": .string(until == nil ? "" : gate?.detail ?? ""),
        ])
    }
}
