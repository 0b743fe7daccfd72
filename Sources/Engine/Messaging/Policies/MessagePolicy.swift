import Storage

/// The rules under which people are written to.
package struct MessagePolicy: Codable, Sendable, Equatable {
    /// At most so many in so many days, the days of the person's zone.
    package struct Cap: Codable, Sendable, Equatable {
        /// Empty: all channels together.
        package var channel: String
        /// 1: today; 7: today and the six days before.
        package var days: Int
        package var most: Int64

        package init(channel: String = "", days: Int, most: Int64) {
            self.channel = channel
            self.days = days
            self.most = most
        }
    }

    package struct Topic: Codable, Sendable, Equatable {
        package var code: String
        package var names: [String: String]

        package init(code: String, names: [String: String]) {
            self.code = code
            self.names = names
        }

        package func name(_ language: String) -> String {
            names[language] ?? names["en"] ?? names["zh-Hans"] ?? code
        }
    }

    /// Whether silence is a no, on channels that need consent.
    package var needsConsent = true
    package var caps: [Cap] = [Cap(days: 1, most: 2), Cap(days: 7, most: 5)]
    /// Hours of the person's clock; the same twice: none.
    package var quietFrom = 22
    package var quietTo = 8
    /// In quiet hours: sent afterwards, or not at all.
    package var quietDrops = false
    package var topics: [Topic] = [
        Topic(code: "offers", names: ["zh-Hans": "优惠与活动", "en": "Offers"]),
        Topic(code: "news", names: ["zh-Hans": "新品与资讯", "en": "News"]),
    ]
    package var tracksOpens = true
    package var tracksClicks = true
    /// Whether only those are followed who agreed (trait `tracking_consent`).
    package var trackingNeedsConsent = false
    /// Adds `utm_source`, `utm_medium` and `utm_campaign` to links that have none.
    package var addsUTM = true
    /// A message that could not be sent for so long is out of date.
    package var expiryDays = 3
    /// A broadcast to more people needs a second user; 0: never.
    package var approvalAbove: Int64 = 0

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case caps, topics
        case needsConsent = "needs_consent"
        case quietFrom = "quiet_from"
        case quietTo = "quiet_to"
        case quietDrops = "quiet_drops"
        case tracksOpens = "tracks_opens"
        case tracksClicks = "tracks_clicks"
        case trackingNeedsConsent = "tracking_needs_consent"
        case addsUTM = "adds_utm"
        case expiryDays = "expiry_days"
        case approvalAbove = "approval_above"
    }

    package static let capsMax = 10
    package static let topicsMax = 20
    private static let name = "message_policy"

    /// Throws: `StorageError`, `DecodingError`.
    package static func load(_ connection: any SQLConnection) throws -> MessagePolicy {
        try Settings.load(MessagePolicy.self, name, connection) ?? MessagePolicy()
    }

    /// Throws: `MessageError.badPolicy`, `StorageError`.
    package func save(by actor: String, at now: Timestamp, _ connection: any SQLConnection) throws {
        try validate()
        try Settings.save(self, Self.name, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "message_policy.save", subject: "message_policy", detail: "", connection, at: now)
    }

    /// Throws: `MessageError.badPolicy` naming the field.
    package func validate() throws {
        guard (0...23).contains(quietFrom) else { throw MessageError.badPolicy(field: "quiet_from") }
        guard (0...23).contains(quietTo) else { throw MessageError.badPolicy(field: "quiet_to") }
        guard (1...60).contains(expiryDays) else { throw MessageError.badPolicy(field: "expiry_days") }
        guard approvalAbove >= 0 else { throw MessageError.badPolicy(field: "approval_above") }
        guard caps.count <= Self.capsMax else { throw MessageError.badPolicy(field: "caps") }
        for cap in caps {
            guard (1...31).contains(cap.days), (0...1_000).contains(cap.most),
                cap.channel.isEmpty || ChannelCatalog.names.contains(cap.channel)
            else { throw MessageError.badPolicy(field: "caps") }
        }
        guard topics.count <= Self.topicsMax, Set(topics.map(\.code)).count == topics.count else {
            throw MessageError.badPolicy(field: "topics")
        }
        for topic in topics {
            let isCode = topic.code.utf8.allSatisfy { $0 >= 48 && $0 <= 57 || $0 >= 97 && $0 <= 122 || $0 == 95 }
            guard isCode, (1...40).contains(topic.code.count), topic.names.values.allSatisfy({ $0.count <= 80 }) else {
                throw MessageError.badPolicy(field: "topics")
            }
        }
    }

    func isQuiet(hour: Int) -> Bool {
        if quietFrom == quietTo { return false }
        return quietFrom < quietTo
            ? (quietFrom..<quietTo).contains(hour) : hour >= quietFrom || hour < quietTo
    }
}
