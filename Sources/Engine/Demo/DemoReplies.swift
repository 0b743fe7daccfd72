import Storage

/// What people of the demo brand do of an evening: read what they find in their inbox, follow a link, order, say how the tea
/// was.
struct DemoReplies: Sendable {
    struct Person: Sendable {
        var id: Int64
        var userID: String
    }

    private struct Item: Sendable {
        var message: Int64
        var person: Int64
        var link: String
        var asksReview: Bool
    }

    private let platform: Platform
    private let ingest: Ingest
    private let people: [Person]
    /// What would be later has not happened yet.
    private let end: Timestamp
    private let userIDs: [Int64: String]

    /// Of a thousand people of the audience so many order on an evening, whatever they were sent.
    private static let ordering = 0.006
    private static let reading = 0.4
    private static let clicking = 0.3
    private static let buying = 0.45
    private static let reviewing = 0.6
    private static let readDays: Int64 = 2
    private static let minute: Int64 = 60_000

    init(_ platform: Platform, _ people: [Person], until end: Timestamp) {
        self.platform = platform
        self.end = end
        self.people = people
        ingest = Ingest(platform: platform, signal: LogSignal())
        userIDs = Dictionary(people.map { ($0.id, $0.userID) }) { first, _ in first }
    }

    func evening(of day: Int64) async throws {
        var random = SplitMix64(seed: UInt64(bitPattern: day), part: 77)
        let now = platform.effects.now()
        var events: [IncomingEvent] = []
        var looks: [(item: Item, clicks: Bool)] = []
        for item in try await unread(now) where random.chance(Self.reading / Double(Self.readDays)) {
            let clicks = random.chance(Self.clicking)
            looks.append((item, clicks))
            guard clicks, let userID = userIDs[item.person] else { continue }
            let after = now.adding(milliseconds: Int64(random.whole(2...40)) * Self.minute)
            if item.asksReview {
                if random.chance(Self.reviewing) { events.append(review(userID, after, &random)) }
            } else if random.chance(Self.buying) {
                events.append(order(userID, after, &random))
            }
        }
        for person in people where random.chance(Self.ordering) {
            events.append(
                order(person.userID, now.adding(milliseconds: Int64(random.whole(1...120)) * Self.minute), &random))
        }
        try await look(looks)
        events.removeAll { $0.time > end }
        guard !events.isEmpty else { return }
        let name = DemoSource.wechat.name
        guard let source = try await platform.store.read({ try Sources.find(name: name, $0)?.id }) else { return }
        try await ingest.append(IncomingBatch(sourceID: source, events: events))
    }

    private func unread(_ now: Timestamp) async throws -> [Item] {
        let since = now.adding(days: -Int(Self.readDays)).milliseconds
        return try await platform.store.read { connection in
            let reviews = try MessageTemplates.list(connection).first { $0.name == DemoTemplates.Note.review.rawValue }?
                .id
            return try connection.query(
                """
                SELECT i.message_id, i.profile_id, i.link, m.template_id FROM inbox_items i
                JOIN messages m ON m.id = i.message_id
                WHERE i.read_ms IS NULL AND i.created_ms > \(since) ORDER BY i.message_id
                """
            ).map {
                Item(
                    message: try $0.int(0), person: try $0.int(1), link: try $0.text(2),
                    asksReview: try $0.int(3) == reviews)
            }
        }
    }

    private func look(_ looks: [(item: Item, clicks: Bool)]) async throws {
        guard !looks.isEmpty else { return }
        try await platform.store.write { [effects = platform.effects] connection in
            for (item, clicks) in looks {
                try InboxItem.read(item.message, of: item.person, effects, connection)
                guard clicks else { continue }
                try MessageProgress.clicked(item.message, isPerson: true, url: item.link, effects, connection)
            }
        }
    }

    private func event(
        _ name: String, _ userID: String, _ time: Timestamp, _ number: String, _ properties: JSONValue
    ) -> IncomingEvent {
        IncomingEvent(
            kind: .track, name: name, messageID: "reach-\(number)",
            identities: [IdentityClaim(kind: "user_id", value: userID)], time: time, receivedAt: time,
            properties: properties.text())
    }

    private func order(_ userID: String, _ time: Timestamp, _ random: inout SplitMix64) -> IncomingEvent {
        let product = DemoProduct.all[random.index(cumulative: DemoProduct.cumulative)]
        let number = "SLR-" + String(random.next() >> 24, radix: 36).uppercased()
        let price = product.price / 100
        return event(
            "Order Completed", userID, time, number,
            [
                "order_id": .string(number), "revenue": .integer(Int64(price)), "total": .integer(Int64(price)),
                "currency": "CNY", "channel": .string(DemoSource.wechat.channel),
                "products": [
                    [
                        "sku": .string(product.sku), "name": .string(product.name),
                        "category": .string(product.category),
                        "price": .integer(Int64(price)), "quantity": 1,
                    ]
                ],
            ])
    }

    private func review(_ userID: String, _ time: Timestamp, _ random: inout SplitMix64) -> IncomingEvent {
        let product = DemoProduct.all[random.index(cumulative: DemoProduct.cumulative)]
        return event(
            "Product Reviewed", userID, time, "review-" + String(random.next() >> 24, radix: 36),
            ["sku": .string(product.sku), "rating": .integer(Int64(random.whole(4...5))), "text": "回甘好，会再买。"])
    }
}
