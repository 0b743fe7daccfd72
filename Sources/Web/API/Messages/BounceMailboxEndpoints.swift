import Engine
import Storage

/// The mailbox that letters come back to: how it is read, how far that has come, a try, and a look at once.
enum BounceMailboxEndpoints {
    private static let tag = MessageEndpoints.tag
    private static let path = "/api/v1/email/mailbox"

    private static let text = APISchema.string(max: EmailLimits.textBytes)
    private static let fields: [APIField] = [
        .optional("enabled", .boolean), .optional("host", .string(max: 253)), .optional("port", .integer(1...65_535)),
        .optional("security", .words(SMTPServer.Security.allCases.map(\.rawValue))), .optional("user", text),
        .optional(
            "folder", .string(min: 1, max: BounceMailboxLimits.folderBytes),
            "As the server names it; beyond ASCII in modified UTF-7."),
        .optional("every_minutes", .integer(BounceMailboxLimits.everyMinutes)),
        .optional(
            "after_reading", .words(BounceMailbox.Keeping.allCases.map(\.rawValue)),
            "`seen`: letters stay, marked as read. `deleted`: reports are deleted, other letters stay."),
    ]
    private static let password = APIField.optional(
        "password", text, "Empty takes it away. Needed again when the host changes or TLS is turned off.")
    private static let mailbox = APISchema.named(
        "BounceMailbox",
        .object(
            fields.map { APIField($0.name, $0.schema, $0.note) } + [
                APIField("has_password", .boolean),
                APIField("next_poll_at", .nullable(.timestamp), "Null: it is not read, or due at once."),
                APIField("last_poll_at", .nullable(.timestamp), "The last look that reached its end."),
                APIField("letters", .integer(), "Read so far."),
                APIField("reports", .integer(), "How many of them were delivery reports or complaints."),
                APIField("skipped", .integer(), "Letters that the server did not give out however often it was asked."),
                APIField("failures", .integer(), "In a row; 0: the last look went well."),
                APIField("last_error", .string(), "In the server’s words, also of a failure that is over."),
                APIField("last_error_at", .nullable(.timestamp)),
            ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, path, "getBounceMailbox", tag: tag, "The mailbox that letters come back to, and how far it was read.",
            access: .scope(.messagesRead), response: mailbox, handler: get),
        APIRoute(
            .put, path, "setBounceMailbox", tag: tag,
            "Change how the mailbox is read. What is left out stays as it is.", access: .scope(.messagesWrite),
            body: .json(.object(fields + [password])), response: mailbox,
            handler: set),
        APIRoute(
            .post, path + "/trials", "tryBounceMailbox", tag: tag,
            "Sign in and open the folder, as the settings say. No letter is read.", access: .scope(.messagesWrite),
            response: .object([
                APIField("opened", .boolean), APIField("letters", .integer(), "In the folder."),
                APIField("answer", .string(), "Why it did not open."),
            ]), handler: trial),
        APIRoute(
            .post, path + "/polls", "pollBounceMailbox", tag: tag,
            "Look into the mailbox at once, also after failures.",
            access: .scope(.messagesWrite), status: .accepted, response: mailbox, handler: poll),
    ]

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        try await answer(context)
    }

    @Sendable private static func set(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, actor, platform) = (request.body, request.caller.actor, context.platform)
        try await platform.store.write { connection in
            let draft = changed(try BounceMailbox.load(connection), body)
            _ = try BounceMailbox.save(
                draft, password: body["password"]?.stringValue, by: actor, platform.seal, platform.effects, connection)
        }
        return try await answer(context)
    }

    private static func changed(_ before: BounceMailbox, _ body: JSONValue) -> BounceMailbox {
        var draft = before
        draft.isOn = body["enabled"]?.boolValue ?? draft.isOn
        draft.host = body["host"]?.stringValue ?? draft.host
        draft.port = body["port"]?.intValue.map(Int.init) ?? draft.port
        draft.security =
            body["security"]?.stringValue.flatMap(SMTPServer.Security.init(rawValue:)) ?? draft.security
        draft.user = body["user"]?.stringValue ?? draft.user
        draft.folder = body["folder"]?.stringValue ?? draft.folder
        draft.everyMinutes = body["every_minutes"]?.intValue ?? draft.everyMinutes
        draft.keeping =
            body["after_reading"]?.stringValue.flatMap(BounceMailbox.Keeping.init(rawValue:)) ?? draft.keeping
        return draft
    }

    @Sendable private static func trial(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let trial = try await BounceMailboxTrial.run(context.platform)
        return APIResponse([
            "opened": .bool(trial.isOpen), "letters": .integer(trial.letters), "answer": .string(trial.answer),
        ])
    }

    @Sendable private static func poll(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        try await context.platform.store.write { connection in
            guard try BounceMailbox.load(connection).isSetUp else { throw EmailError.noMailbox }
            try BounceMailboxState.hurry(connection)
        }
        return try await answer(context)
    }

    private static func answer(_ context: APIContext) async throws -> APIResponse {
        let (settings, state) = try await context.platform.store.read {
            (try BounceMailbox.load($0), try BounceMailboxState.load($0))
        }
        let next = settings.isOn ? state?.dueAt : nil
        let waiting = next.flatMap { $0.milliseconds > 0 ? $0 : nil }
        return APIResponse([
            "enabled": .bool(settings.isOn), "host": .string(settings.host), "port": .integer(Int64(settings.port)),
            "security": .string(settings.security.rawValue), "user": .string(settings.user),
            "folder": .string(settings.folder), "every_minutes": .integer(settings.everyMinutes),
            "after_reading": .string(settings.keeping.rawValue), "has_password": .bool(settings.hasPassword),
            "next_poll_at": JSONValue(waiting), "last_poll_at": JSONValue(state?.polledAt),
            "letters": .integer(state?.letters ?? 0), "reports": .integer(state?.reports ?? 0),
            "skipped": .integer(state?.skipped ?? 0), "failures": .integer(state?.failures ?? 0),
            "last_error": .string(state?.error ?? ""), "last_error_at": JSONValue(state?.errorAt),
        ])
    }
}
