import Engine

/// What became of each item of a native request, kept small for streams of any length.
struct NativeReceipt: Sendable {
    private(set) var stored = 0
    private(set) var rejected = 0
    private var items: [JSONValue] = []
    private var isCut = false

    /// Items that are told one by one. Beyond it only the counts go on, and of the items only rejected ones.
    private static let itemsMax = 2_500
    private static let rejectedMax = 5_000

    static let schema = APISchema.named(
        "EventsReceipt",
        .object([
            APIField("stored", .integer()), APIField("rejected", .integer()),
            APIField("items", .array(item), "In the order of the request."),
            APIField("is_cut", .boolean, "Not every item is listed: the request was too long."),
        ]))

    private static let item = APISchema.object([
        APIField("index", .integer()), APIField("status", .words(["stored", "rejected"])),
        APIField("message_id", .nullable(.string())), .optional("code", .string()), .optional("message", .string()),
    ])

    /// Notes a batch that is durable now. Its items begin at `first` of the request.
    mutating func note(_ batch: CollectedBatch, first: Int) {
        var events = batch.events.makeIterator()
        let rejectedByIndex = Dictionary(batch.rejected.map { ($0.index, $0.item) }) { first, _ in first }
        for index in first..<batch.count {
            if let item = rejectedByIndex[index] {
                rejected += 1
                note(
                    [
                        "index": JSONValue(index), "status": "rejected", "message_id": JSONValue(item.messageID),
                        "code": .string(item.reason.rawValue), "message": .string(item.explanation),
                    ], limit: Self.rejectedMax)
            } else if let event = events.next() {
                stored += 1
                note(
                    ["index": JSONValue(index), "status": "stored", "message_id": .string(event.messageID)],
                    limit: Self.itemsMax)
            }
        }
    }

    private mutating func note(_ item: JSONValue, limit: Int) {
        if items.count < limit { items.append(item) } else { isCut = true }
    }

    var json: JSONValue {
        [
            "stored": JSONValue(stored), "rejected": JSONValue(rejected), "items": .array(items),
            "is_cut": .bool(isCut),
        ]
    }
}
