import Engine
import Storage

/// Whether a message would reach a person now, and why not.
enum MessageWhyEndpoints {
    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/profiles/{id}/message-explanation", "explainMessage", tag: MessageEndpoints.tag,
            "Whether a template would reach a person now, and what decides it.", access: .scope(.messagesRead),
            parameters: [.path("id"), .query("template_id", .id, required: true)],
            response: .object([
                APIField("channel", .words(ChannelCatalog.names)),
                APIField("verdict", .words(["leaves", "suppressed", "deferred"])),
                APIField("reason", .nullable(.string()), "Why it would be held back."),
                APIField("until", .nullable(.timestamp), "When it would leave."),
                APIField("address", .nullable(.string())),
                APIField(
                    "consent",
                    .object([
                        APIField("granted", .nullable(.boolean), "Null: nobody said anything."),
                        APIField("at", .nullable(.timestamp)), APIField("source", .nullable(.string())),
                    ])),
                APIField("topic", .string()), APIField("left_topic", .boolean),
                APIField(
                    "caps",
                    .array(
                        .object([
                            APIField("channel", .string(), "Empty: all together."), APIField("days", .integer()),
                            APIField("most", .integer()), APIField("used", .integer()),
                        ]))),
            ]), handler: explain)
    ]

    @Sendable private static func explain(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let template = request.string("template_id").flatMap { Int64($0) } ?? 0
        let found = try await MessageWhyNot.explain(
            try request.id("id"), template: template, .known, context.platform)
        var (verdict, reason, until): (String, JSONValue, JSONValue) = ("leaves", .null, .null)
        switch found.verdict {
        case .wouldLeave: break
        case .suppressed(let word): (verdict, reason) = ("suppressed", .string(word))
        case .deferred(let moment): (verdict, until) = ("deferred", JSONValue(moment))
        }
        return APIResponse([
            "channel": .string(found.channel), "verdict": .string(verdict), "reason": reason, "until": until,
            "address": JSONValue(found.address),
            "consent": [
                "granted": found.consent.isGranted.map { .bool($0) } ?? .null, "at": JSONValue(found.consent.at),
                "source": JSONValue(found.consent.source),
            ],
            "topic": .string(found.topic), "left_topic": .bool(found.hasLeftTopic),
            "caps": .array(
                found.caps.map {
                    [
                        "channel": .string($0.channel), "days": JSONValue($0.days), "most": .integer($0.most),
                        "used": .integer($0.used),
                    ]
                }),
        ])
    }
}
