import Engine

/// What became of a message.
enum ReceiptEndpoints {
    private static let receipt = APISchema.named(
        "Receipt",
        .object([
            APIField("message_id", .string()), APIField("source_id", .string()),
            APIField("status", .words(Receipt.Status.allCases.map(\.rawValue))), APIField("received_at", .timestamp),
            APIField("duplicates", .integer(), "How often the same id came again and was not applied."),
            APIField("profile_id", .nullable(.id), "Whom it was linked to, merges followed."),
            APIField("reason", .nullable(.string())), APIField("explanation", .nullable(.string())),
            APIField("quarantine_id", .nullable(.id)),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/events/receipts/{message_id}", "getReceipt", tag: "Events",
            "What became of a message: pending, stored, blocked, failed or quarantined, and for whom.",
            access: .scope(.eventsRead),
            parameters: [.path("message_id", .string(min: 1, max: EventLimits.messageIDCharacters))],
            response: .object([
                APIField("message_id", .string()), APIField("receipts", .array(receipt), "One for each source."),
            ]), handler: get)
    ]

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = request.string("message_id") ?? ""
        let receipts = try await context.platform.store.read { try Receipts.find(messageID: id, $0) }
        guard !receipts.isEmpty else { throw Problem.notFound("message") }
        return APIResponse(["message_id": .string(id), "receipts": .array(receipts.map(json))])
    }

    private static func json(_ receipt: Receipt) -> JSONValue {
        [
            "message_id": .string(receipt.messageID), "source_id": JSONValue(id: receipt.sourceID),
            "status": .string(receipt.status.rawValue), "received_at": JSONValue(receipt.receivedAt),
            "duplicates": .integer(receipt.duplicates),
            "profile_id": receipt.profileID.map { JSONValue(id: $0) } ?? .null,
            "reason": JSONValue(receipt.reason?.rawValue), "explanation": JSONValue(receipt.explanation),
            "quarantine_id": receipt.quarantineID.map { JSONValue(id: $0) } ?? .null,
        ]
    }
}
