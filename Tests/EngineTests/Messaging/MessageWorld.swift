import Storage
import Synchronization
import TestSupport

@testable import Engine

/// A mail server that keeps what comes and answers as it is told; it takes all when it is told nothing.
final class MailServer: Sendable {
    private struct State {
        var letters: [MailEnvelope] = []
        var answers: [MailAnswer] = []
    }
    private let state = Mutex(State())

    var letters: [MailEnvelope] { state.withLock { $0.letters } }
    var recipients: [String] { letters.map(\.to).sorted() }

    func answer(_ answers: [MailAnswer]) { state.withLock { $0.answers = answers } }

    var transport: MailTransport {
        { letters, _ in
            self.state.withLock { state in
                letters.map { letter in
                    state.letters.append(letter)
                    return state.answers.isEmpty ? MailAnswer(.accepted, code: 250) : state.answers.removeFirst()
                }
            }
        }
    }
}

/// People with addresses, a template, and a mail server, over a real store.
struct MessageWorld {
    var platform: Platform
    var clock: TestClock
    var server = MailServer()
    var template: Int64 = 0

    static func with(_ kind: StoreKind, _ body: (MessageWorld) async throws -> Void) async throws {
        try await TestDatabase.with(kind) { store in
            // Noon in Shanghai: no quiet hours.
            let clock = TestClock(Timestamp(milliseconds: 1_790_049_600_000))
            var world = MessageWorld(platform: .testing(store, clock: clock), clock: clock)
            world.template = try await world.setUp()
            try await body(world)
        }
    }

    private func setUp() async throws -> Int64 {
        let (platform, now) = (platform, clock.now)
        return try await platform.store.write { connection in
            var email = EmailSettings()
            (email.host, email.fromAddress) = ("mail.example", "hi@brand.example")
            (email.perSecond, email.perDomainMinute) = (0, 0)
            _ = try EmailSettings.save(
                email, password: nil, by: "test", platform.seal, platform.effects, connection)
            let content = TemplateContent(variants: [
                TemplateContent.Variant(
                    subject: "Hi {{ person.name | default: 'you' }}",
                    blocks: [
                        EmailBlock(.text, text: "[Go](https://shop.example/x)"), EmailBlock(.footer, text: "Brand"),
                    ])
            ])
            let made = try MessageTemplates.create(
                MessageTemplate.Draft(name: "Hello", topic: "offers", content: content), by: "test", platform.effects,
                connection)
            return try MessageTemplates.publish(made.id, by: "test", at: now, connection).id
        }
    }

    /// A person with an address; `consent` nil: they said nothing.
    func person(_ id: Int64, consent: Bool? = true) async throws {
        let now = clock.now
        try await platform.store.write { connection in
            var profile = Profile(id: id, at: now, createdAt: now, sourceID: 1)
            profile.isIdentified = true
            var state = ProfileState()
            if let consent {
                state.consent["email"] = Consent(isGranted: consent, ms: now.milliseconds, source: "test")
            }
            profile.state = state.text()
            try connection.executeMany(
                "INSERT INTO profiles (\(Profile.writtenColumns)) VALUES "
                    + "(\(profile.values.map { _ in "?" }.joined(separator: ", ")))", [profile.values])
            try connection.execute(
                """
                INSERT INTO identities (kind, value, profile_id, source_id, first_seen_ms, evidence, verified)
                VALUES ('email', \("p\(id)@example.com"), \(id), 1, 0, 0, 1)
                """)
        }
    }

    @discardableResult
    func plan(_ key: String, to person: Int64, isTransactional: Bool = false) async throws -> Int64 {
        let (template, now) = (template, clock.now)
        return try await platform.store.write {
            try Messages.plan(
                [
                    MessagePlan(
                        key: key, profileID: person, templateID: template, origin: .api,
                        isTransactional: isTransactional, due: now)
                ], at: now, $0)[0]
        }
    }

    @discardableResult
    func plan(
        _ key: String, to person: Int64, _ choices: MessageChoices, due: Timestamp? = nil
    ) async throws -> Int64 {
        let (template, now) = (template, clock.now)
        return try await platform.store.write {
            try Messages.plan(
                [
                    MessagePlan(
                        key: key, profileID: person, templateID: template, origin: .api, due: due ?? now,
                        choices: choices)
                ], at: now, $0)[0]
        }
    }

    /// A published template of the inbox.
    func inboxTemplate() async throws -> Int64 {
        let (effects, now) = (platform.effects, clock.now)
        return try await platform.store.write { connection in
            let content = TemplateContent(variants: [TemplateContent.Variant(subject: "Hi", body: "Hello")])
            let made = try MessageTemplates.create(
                MessageTemplate.Draft(name: "Inbox", channel: "inbox", topic: "offers", content: content), by: "test",
                effects, connection)
            return try MessageTemplates.publish(made.id, by: "test", at: now, connection).id
        }
    }

    func leave(_ topic: String, of person: Int64) async throws {
        let (effects, now) = (platform.effects, clock.now)
        let entry = MessageConsents.Entry(
            channel: "email", topic: topic, isGranted: false, at: now, source: "api", proof: "x", messageID: 0)
        try await platform.store.write { try MessageConsents.say(person, entry, effects, $0) }
    }

    /// A process of its own: what one leaves behind the next one finds.
    func send() async throws {
        let channels = ChannelCatalog([EmailChannel(transport: server.transport), InboxChannel()])
        try await MessageService(platform: platform, channels: channels, address: "https://a.example").catchUp()
    }

    func message(_ id: Int64) async throws -> SentMessage {
        try await platform.store.read { try MessageList.get(id, $0) }
    }

    func said(_ name: String) async throws -> Int {
        try await platform.store.read {
            Int(try $0.first("SELECT count(*) FROM event_log WHERE name = \(name)")?.int(0) ?? 0)
        }
    }
}
