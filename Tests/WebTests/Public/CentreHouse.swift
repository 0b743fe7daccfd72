import Engine
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Web

/// A brand with a member centre, two members and something of everything; and a clock that can be moved on.
struct CentreHouse {
    final class Clock: Sendable {
        private let moment = Mutex(CollectHarness.now)
        var now: Timestamp { moment.withLock { $0 } }
        func pass(hours: Int64) { moment.withLock { $0 = $0.adding(milliseconds: hours * 3_600_000) } }
    }

    let harness: ConsoleHarness
    let clock: Clock
    let staff: Browser
    /// Of the members.
    let ann: (person: Int64, account: Int64)
    let bob: (person: Int64, account: Int64)

    static func with(_ body: (CentreHouse) async throws -> Void) async throws {
        let clock = Clock()
        var effects = Effects.live
        effects.now = { clock.now }
        try await ConsoleHarness.with(effects) { harness in
            let staff = try await harness.signedIn(as: .admin)
            _ = try await staff.get("/points")
            _ = try await staff.post("/points/currencies", PointsPageTests.currency)
            let house = CentreHouse(
                harness: harness, clock: clock, staff: staff,
                ann: try await member("ann", phone: "13800138000", points: 1_000, staff, harness),
                bob: try await member("bob", phone: "13900139000", points: 0, staff, harness))
            try await house.settings { _ in }
            try await body(house)
        }
    }

    static func member(
        _ user: String, phone: String, points: Int, _ staff: Browser, _ harness: ConsoleHarness
    ) async throws -> (person: Int64, account: Int64) {
        let person = try await person(user, phone: phone, harness)
        let account = try await staff.post("/people/\(person)/membership").location
        if points > 0 {
            _ = try await staff.post(
                account + "/adjustments",
                ["currency": "points", "amount": String(points), "sign": "+", "reason": "welcome", "key": "w-\(user)"])
        }
        return (person, Int64(account.split(separator: "/").last ?? "") ?? 0)
    }

    static func person(_ user: String, phone: String, _ harness: ConsoleHarness) async throws -> Int64 {
        let now = harness.platform.effects.now()
        let signal = LogSignal()
        let claims = [
            IdentityClaim(kind: IdentityKind.userID, value: user),
            IdentityClaim(kind: IdentityKind.phone, value: phone),
        ]
        try await Ingest(platform: harness.platform, signal: signal).append(
            IncomingBatch(
                sourceID: 1,
                events: [
                    IncomingEvent(
                        kind: .identify, name: "identify", messageID: "m-\(user)", identities: claims, time: now,
                        receivedAt: now)
                ]))
        try await Processor(platform: harness.platform, signal: signal).catchUp()
        return try await harness.platform.store.read {
            try $0.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0) ?? 0
        }
    }

    /// Turned on, with two causes, and whatever else.
    func settings(_ change: @Sendable (inout CentreSettings) -> Void) async throws {
        let now = clock.now
        var wanted = CentreSettings()
        wanted.isOn = true
        wanted.brandName = "Tea House"
        wanted.causes = [CentreCause(names: ["en": "Trees", "zh-Hans": "植树"])]
        change(&wanted)
        _ = try await harness.platform.store.write { [wanted] in
            try wanted.save(seen: nil, by: "test", $0, at: now)
        }
    }

    func link(_ member: Int64, _ wish: CentreLinks.Wish = CentreLinks.Wish()) async throws -> (path: String, id: Int64)
    {
        let effects = harness.platform.effects
        let made = try await harness.platform.store.write {
            try CentreLinks.make(for: member, wish, by: "test", effects, $0)
        }
        return (CentreLink.path(made.token), made.link.id)
    }

    /// A phone with somebody in, the first page opened.
    func phone(of member: Int64, _ wish: CentreLinks.Wish = CentreLinks.Wish()) async throws -> Browser {
        let phone = Browser(harness: harness)
        #expect(try await phone.get(link(member, wish).path).location == "/m")
        #expect(try await phone.get("/m?lang=en").status == 200)
        return phone
    }

    /// Messages in somebody's inbox, as the channel brings them. Their ids.
    @discardableResult
    func write(
        _ title: String, to person: Int64, body: String = "Hello", link: String = "https://shop.example/new",
        count: Int = 1
    ) async throws -> [Int64] {
        let (platform, now) = (harness.platform, clock.now)
        let ids = try await platform.store.write { connection in
            let content = TemplateContent(variants: [
                TemplateContent.Variant(subject: title, body: body, link: link)
            ])
            let made = try MessageTemplates.create(
                MessageTemplate.Draft(name: title, channel: "inbox", topic: "offers", content: content), by: "test",
                platform.effects, connection)
            let template = try MessageTemplates.publish(made.id, by: "test", at: now, connection).id
            // Neither caps nor the hour of the day hold it back.
            let plans = (1...count).map { number in
                MessagePlan(
                    key: "\(title) \(number)", profileID: person, templateID: template, origin: .api,
                    isTransactional: true, due: now)
            }
            return try Messages.plan(plans, at: now, connection)
        }
        try await MessageService(
            platform: platform, channels: ChannelCatalog([InboxChannel()]), address: "https://a.example"
        ).catchUp()
        return ids
    }

    /// How often it was told that a message was opened.
    func opened() async throws -> Int64 {
        try await harness.platform.store.read {
            try $0.first("SELECT count(*) FROM event_log WHERE name = \(MessageEvents.opened)")?.int(0) ?? 0
        }
    }

    func balance(_ member: Int64) async throws -> Int64 {
        try await harness.platform.store.read {
            try PointsAccounts.get(member, $0).balances["points"]?.available ?? 0
        }
    }
}
