import Storage
import Synchronization
import TestSupport

@testable import Engine

/// The other side of every provider: keeps what was called, and answers as it is told.
final class ProviderSide: Sendable {
    private struct State {
        var calls: [ProviderCall] = []
        var answers: [ProviderAnswer] = []
        var usual: ProviderAnswer = .answered(status: 200, bytes: Array(#"{"Code":"OK","BizId":"biz"}"#.utf8))
    }
    private let state = Mutex(State())

    var calls: [ProviderCall] { state.withLock { $0.calls } }

    /// The next answers, and then again the usual one.
    func answer(_ answers: [ProviderAnswer]) { state.withLock { $0.answers = answers } }
    func usually(_ status: Int, _ text: String) {
        state.withLock { $0.usual = .answered(status: status, bytes: Array(text.utf8)) }
    }

    var transport: ProviderTransport {
        { call in
            self.state.withLock { state in
                state.calls.append(call)
                return state.answers.isEmpty ? state.usual : state.answers.removeFirst()
            }
        }
    }
}

extension ProviderAnswer {
    static func text(_ status: Int, _ text: String) -> ProviderAnswer {
        .answered(status: status, bytes: Array(text.utf8))
    }
}

/// People with telephones and a provider, over a real store.
struct ProviderWorld {
    var platform: Platform
    var clock: TestClock
    let side = ProviderSide()

    static func with(_ kind: StoreKind, _ body: (ProviderWorld) async throws -> Void) async throws {
        try await TestDatabase.with(kind) { store in
            // Noon in Shanghai: no quiet hours.
            let clock = TestClock(Timestamp(milliseconds: 1_790_049_600_000))
            try await body(ProviderWorld(platform: .testing(store, clock: clock), clock: clock))
        }
    }

    var catalog: ProviderCatalog { ProviderCatalog(transport: side.transport) }

    func setUp(_ name: String, values: [String: String] = [:], secrets: [String: String] = [:], price: Int64 = 0)
        async throws
    {
        let provider = try catalog.provider(name)
        _ = try await platform.store.write { [platform] connection in
            try ProviderAccount.save(
                ProviderAccount.Draft(
                    isEnabled: true, baseURL: "", values: values, secrets: secrets, perSecond: 0, priceMicro: price),
                of: provider, by: "test", platform.seal, platform.effects, connection)
        }
    }

    func aliyun(price: Int64 = 0) async throws {
        try await setUp(
            "aliyun_sms", values: ["access_key_id": "id", "signature": "常青"], secrets: ["access_key_secret": "s"],
            price: price)
    }

    /// A person with a telephone who agreed to the channel.
    func person(_ id: Int64, phone: String? = nil, visitor: String? = nil, agrees: [String] = ["sms", "whatsapp"])
        async throws
    {
        let (now, effects) = (clock.now, platform.effects)
        try await platform.store.write { connection in
            var profile = Profile(id: id, at: now, createdAt: now, sourceID: 1)
            profile.isIdentified = true
            try connection.executeMany(
                "INSERT INTO profiles (\(Profile.writtenColumns)) VALUES "
                    + "(\(profile.values.map { _ in "?" }.joined(separator: ", ")))", [profile.values])
            for (kind, value) in [("phone", phone), ("anonymous_id", visitor)] {
                guard let value else { continue }
                try connection.execute(
                    """
                    INSERT INTO identities (kind, value, profile_id, source_id, first_seen_ms, evidence, verified)
                    VALUES (\(kind), \(value), \(id), 1, 0, 0, 1)
                    """)
            }
            for channel in agrees {
                let entry = MessageConsents.Entry(
                    channel: channel, topic: "", isGranted: true, at: now, source: "api", proof: "x", messageID: 0)
                try MessageConsents.say(id, entry, effects, connection)
            }
        }
    }

    func template(
        _ channel: String, title: String = "", body: String = "", link: String = "", _ provider: ProviderTemplate? = nil
    ) async throws -> Int64 {
        let (platform, now) = (platform, clock.now)
        return try await platform.store.write { connection in
            let content = TemplateContent(variants: [
                TemplateContent.Variant(subject: title, body: body, link: link, provider: provider)
            ])
            let made = try MessageTemplates.create(
                MessageTemplate.Draft(name: "T", channel: channel, content: content), by: "test", platform.effects,
                connection)
            return try MessageTemplates.publish(made.id, by: "test", at: now, connection).id
        }
    }

    func coupon(_ provider: String = "aliyun_sms", code: String = "SMS_1") async throws -> Int64 {
        try await template(
            "sms",
            ProviderTemplate(
                provider: provider, code: code, text: provider == "aliyun_sms" ? "您的券码${code}" : "您的券码{1}",
                parameters: [.init(name: provider == "aliyun_sms" ? "code" : "1", value: "{{ event.code }}")]))
    }

    @discardableResult
    func plan(_ key: String, to person: Int64, _ template: Int64, isTransactional: Bool = false) async throws -> Int64 {
        let now = clock.now
        return try await platform.store.write {
            try Messages.plan(
                [
                    MessagePlan(
                        key: key, profileID: person, templateID: template, origin: .api,
                        isTransactional: isTransactional, values: ["code": "A1"], due: now)
                ], at: now, $0)[0]
        }
    }

    func send() async throws {
        let channels = ChannelCatalog(ChannelCatalog.provided(catalog))
        try await MessageService(platform: platform, channels: channels, address: "https://a.example").catchUp()
    }

    func message(_ id: Int64) async throws -> SentMessage {
        try await platform.store.read { try MessageList.get(id, $0) }
    }

    /// The provider calls us; what it said is applied from the log.
    @discardableResult
    func receive(
        _ name: String, _ body: String, headers: [String: String] = [:], key: String? = nil, applies: Bool = true
    ) async throws -> ReceivedNews {
        let (_, _, line) = try await catalog.line(name, platform)
        let news = try await ReceivedCalls.take(
            ReceivedCall(method: "POST", headers: headers, body: Array(body.utf8)), of: name,
            key: key ?? line.account.receiptKey, catalog, platform, append: { _ in })
        if applies { try await apply() }
        return news
    }

    /// A call as it comes; what people did is kept for the test to look at.
    func take(_ name: String, _ call: ReceivedCall) async throws -> ReceivedNews {
        let (_, _, line) = try await catalog.line(name, platform)
        let news = try await ReceivedCalls.take(
            call, of: name, key: line.account.receiptKey, catalog, platform, append: { _ in })
        try await apply()
        return news
    }

    /// What else a person is known by.
    func identity(_ kind: String, _ value: String, of person: Int64) async throws {
        _ = try await platform.store.write {
            try $0.execute(
                """
                INSERT INTO identities (kind, value, profile_id, source_id, first_seen_ms, evidence, verified)
                VALUES (\(kind), \(value), \(person), 1, 0, 0, 0)
                """)
        }
    }

    func apply() async throws {
        try await ReceiptService(platform: platform, providers: catalog).catchUp()
    }

    func said(_ name: String) async throws -> Int {
        try await platform.store.read {
            Int(try $0.first("SELECT count(*) FROM event_log WHERE name = \(name)")?.int(0) ?? 0)
        }
    }

    func isSuppressed(_ channel: String, _ address: String) async throws -> Bool {
        try await platform.store.read { try Suppressions.contains(channel, address, $0) }
    }
}
