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
    /// Whether a yes to mail counts only once the person followed the link in a letter; since when, for what was said before.
    package var doubleOptIn = false
    package var doubleOptInSince: Int64 = 0
    /// The letter with the link; 0: one is made as this is switched on.
    package var confirmationTemplate: Int64 = 0
    /// After so many days the link does nothing any more.
    package var confirmationDays = 7
    /// What people answer to leave a channel (`StopWords`).
    package var stopWords = StopWords.standard
    /// The hour for best-hour messages while nothing is known of anybody.
    package var usualHour = 10

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case caps, topics
        case doubleOptIn = "double_opt_in"
        case doubleOptInSince = "double_opt_in_since"
        case confirmationTemplate = "confirmation_template"
        case confirmationDays = "confirmation_days"
        case stopWords = "stop_words"
        case usualHour = "usual_hour"
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

    /// What was saved before a rule existed has the rule as it comes.
    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ usual: Value) throws -> Value {
            try box.decodeIfPresent(Value.self, forKey: key) ?? usual
        }
        needsConsent = try value(.needsConsent, needsConsent)
        caps = try value(.caps, caps)
        quietFrom = try value(.quietFrom, quietFrom)
        quietTo = try value(.quietTo, quietTo)
        quietDrops = try value(.quietDrops, quietDrops)
        topics = try value(.topics, topics)
        tracksOpens = try value(.tracksOpens, tracksOpens)
        tracksClicks = try value(.tracksClicks, tracksClicks)
        trackingNeedsConsent = try value(.trackingNeedsConsent, trackingNeedsConsent)
        addsUTM = try value(.addsUTM, addsUTM)
        expiryDays = try value(.expiryDays, expiryDays)
        approvalAbove = try value(.approvalAbove, approvalAbove)
        doubleOptIn = try value(.doubleOptIn, doubleOptIn)
        doubleOptInSince = try value(.doubleOptInSince, doubleOptInSince)
        confirmationTemplate = try value(.confirmationTemplate, confirmationTemplate)
        confirmationDays = try value(.confirmationDays, confirmationDays)
        stopWords = try value(.stopWords, stopWords)
        usualHour = try value(.usualHour, usualHour)
    }

    package static let capsMax = 10
    package static let topicsMax = 20
    private static let name = "message_policy"

    /// Throws: `StorageError`, `DecodingError`.
    package static func load(_ connection: any SQLConnection) throws -> MessagePolicy {
        try Settings.load(MessagePolicy.self, name, connection) ?? MessagePolicy()
    }

    /// Saves the rules. Switched on, double opt-in finds or makes its letter and counts from now. Returns what holds.
    /// Throws: `MessageError.badPolicy`, `TemplateError`, `StorageError`.
    @discardableResult
    package func save(by actor: String, _ effects: Effects, _ connection: any SQLConnection) throws -> MessagePolicy {
        var saved = self
        let (before, now) = (try Self.load(connection), effects.now())
        try saved.validate()
        saved.doubleOptInSince = before.doubleOptIn ? before.doubleOptInSince : 0
        if saved.doubleOptIn {
            if !before.doubleOptIn {
                saved.doubleOptInSince = now.milliseconds
                try OptInKeeping.begin(since: now.milliseconds, effects, connection)
            }
            saved.confirmationTemplate = try OptInLetter.template(
                saved.confirmationTemplate, by: actor, effects, connection)
        }
        try Settings.save(saved, Self.name, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "message_policy.save", subject: "message_policy", detail: "", connection, at: now)
        return saved
    }

    /// Throws: `MessageError.badPolicy` naming the field.
    package func validate() throws {
        guard (0...23).contains(quietFrom) else { throw MessageError.badPolicy(field: "quiet_from") }
        guard (0...23).contains(quietTo) else { throw MessageError.badPolicy(field: "quiet_to") }
        guard (1...60).contains(expiryDays) else { throw MessageError.badPolicy(field: "expiry_days") }
        guard approvalAbove >= 0 else { throw MessageError.badPolicy(field: "approval_above") }
        guard (0...23).contains(usualHour) else { throw MessageError.badPolicy(field: "usual_hour") }
        guard (1...60).contains(confirmationDays) else { throw MessageError.badPolicy(field: "confirmation_days") }
        let isWord = { (word: String) in
            (1...StopWords.wordCharacters).contains(word.count) && StopWords.meaning(of: word, stop: [word]) == .stop
        }
        guard stopWords.count <= StopWords.wordsMax, stopWords.allSatisfy(isWord) else {
            throw MessageError.badPolicy(field: "stop_words")
        }
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

    /// When quiet hours end next, by clocks of this zone: also on a day on which they are changed.
    func quietEnd(after now: Timestamp, _ calendar: LocalCalendar) -> Timestamp {
        let day = calendar.day(of: now)
        for ahead in 0...2 {
            let end = calendar.moment(ofDay: day + Int64(ahead), hour: Int64(quietTo))
            if end > now { return end }
        }
        return now.adding(milliseconds: 3_600_000)
    }
}
