import Engine
import Foundation
import Storage
import Synchronization

/// A store of a benchmark's own, thrown away afterwards, and a clock that is moved by hand.
enum BenchStore {
    /// Days that the benchmark's clock is ahead.
    final class Clock: Sendable {
        private let ahead = Mutex<Int64>(0)
        private static let dayMilliseconds: Int64 = 86_400_000

        func advance(days: Int64) { ahead.withLock { $0 += days * Self.dayMilliseconds } }

        var effects: Effects {
            let live = Effects.live
            return Effects(
                now: { live.now().adding(milliseconds: self.ahead.withLock { $0 }) }, newID: live.newID,
                randomBytes: live.randomBytes)
        }
    }

    /// `address` nil: SQLite in a folder that is thrown away.
    static func with<Result: Sendable>(
        _ address: String?, connections: Int = 8, _ body: (Platform, Clock) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "bench-" + Effects.live.randomHex(bytes: 8))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { print("left behind: \(folder.path)") }
        }
        let store = try await openOperationalStore(
            address ?? "sqlite://" + folder.path + "/bench.db",
            options: OperationalStoreOptions(connectionsMax: connections))
        try await store.migrate(SchemaFiles.operational())
        let clock = Clock()
        let platform = Platform(
            store: store, analytics: ClosedAnalyticsStore("This benchmark has none."), effects: clock.effects)
        let result = try await body(platform, clock)
        await store.close()
        return result
    }

    /// Seconds that `body` takes.
    static func seconds(_ body: () async throws -> Void) async throws -> Double {
        let begun = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - begun) / .seconds(1)
    }
}

/// People with addresses who agreed to mail, most of them.
struct BenchAudience {
    let platform: Platform
    let people: Int
    private static let batch = 20_000
    private static let domains = 20
    static let at: Int64 = 1_767_225_600_000

    static func address(of number: Int) -> String { "person.\(number)@d\(number % domains).example" }

    /// One in ten refused mail, one in fifty is on the suppression list, one in fifty left the topic.
    private static func refuses(_ number: Int) -> Bool { number % 10 == 3 }

    /// Writes them down in bulk.
    func fill() async throws {
        for first in stride(from: 1, through: people, by: Self.batch) {
            let numbers = first...min(first + Self.batch - 1, people)
            _ = try await platform.store.write { connection in
                try connection.executeMany(
                    """
                    INSERT INTO profiles (id, created_ms, first_seen_ms, last_seen_ms, identified, display_name,
                        source_id, event_count, order_count, net_spend, state, version)
                    VALUES (?, ?, ?, ?, 1, ?, 1, 1, 0, 0, ?, 1)
                    """, numbers.map(Self.profile))
                try connection.executeMany(
                    """
                    INSERT INTO identities (kind, value, profile_id, source_id, first_seen_ms, evidence, verified)
                    VALUES (?, ?, ?, 1, ?, 1, 1)
                    """,
                    numbers.flatMap { number in
                        [("user_id", "u\(number)"), ("email", Self.address(of: number))].map {
                            [.text($0.0), .text($0.1), .integer(Int64(number)), .integer(Self.at)]
                        }
                    })
                try connection.executeMany(
                    """
                    INSERT INTO message_suppressions (channel, address, reason, detail, message_id, created_ms,
                        created_by)
                    VALUES ('email', ?, 'bounce', '', 0, ?, 'bench')
                    """,
                    numbers.filter { $0 % 50 == 7 }.map { [.text(Self.address(of: $0)), .integer(Self.at)] })
                return try connection.executeMany(
                    """
                    INSERT INTO message_consents (profile_id, channel, topic, is_granted, at_ms, source, proof,
                        message_id)
                    VALUES (?, 'email', 'offers', 0, ?, 'one_click', 'List-Unsubscribe=One-Click', 0)
                    """, numbers.filter { $0 % 50 == 8 }.map { [.integer(Int64($0)), .integer(Self.at)] })
            }
        }
    }

    private static func profile(_ number: Int) -> [SQLValue] {
        let at = SQLValue.integer(Self.at)
        let name = "\(["王", "李", "张", "刘"][number % 4])\(["伟", "芳", "娜", "敏", "静"][number % 5])"
        func trait(_ key: String, _ value: String) -> String { "\"\(key)\":{\"v\":[\(Self.at),\"\(value)\"]}" }
        let traits = [
            trait("birthday", "1990-04-12"), trait("city", "杭州"), trait("favourite_tea", "岩茶"), trait("gender", "女"),
            trait("name", name), trait("register_channel", "wechat"),
        ].joined(separator: ",")
        let state = """
            {"c":{"email":{"a":\(Self.at),"s":"shop","v":\(refuses(number) ? "false" : "true")}},\
            "n":{"email":1,"user_id":1},"t":{\(traits)}}
            """
        return [.integer(Int64(number)), at, at, at, .text(name), .text(state)]
    }

    /// Everybody on a list. Returns its id.
    func list() async throws -> Int64 {
        let (platform, people) = (platform, people)
        let id = try await platform.store.write { connection in
            try Segments.create(
                SegmentDraft(name: "Everybody", kind: .list), effects: platform.effects, connection
            ).id
        }
        for first in stride(from: 1, through: people, by: Self.batch) {
            let numbers = first...min(first + Self.batch - 1, people)
            _ = try await platform.store.write { connection in
                try connection.executeMany(
                    "INSERT INTO segment_members (segment_id, profile_id, entered_ms) VALUES (?, ?, ?)",
                    numbers.map { [.integer(id), .integer(Int64($0)), .integer(Self.at)] })
            }
        }
        return id
    }

    /// A letter of the usual size with values of the person, published. `channel`: `email`, or `inbox`.
    func template(_ channel: String = "email") async throws -> Int64 {
        let platform = platform
        let words =
            "Dear {{ person.name | default: 'friend' }}, **new leaves are in** from {{ person.traits.city }}. "
            + String(repeating: "They were picked before the rain and dried over charcoal by hand. ", count: 6)
        let blocks: [EmailBlock] = [
            EmailBlock(.heading, text: "Spring tea for {{ person.name }}"),
            EmailBlock(.image, text: "Tea", url: "https://shop.example/spring", image: "https://shop.example/tea.jpg"),
            EmailBlock(.text, text: words),
            EmailBlock(.button, text: "Look", url: "https://shop.example/new?from=mail"),
            EmailBlock(.divider),
            EmailBlock(
                .product, text: "正岩肉桂", url: "https://shop.example/p/7", image: "https://shop.example/7.jpg",
                value: "¥ 128"),
            EmailBlock(.text, text: "[All teas](https://shop.example/all) · *{{ person.traits.favourite_tea }}*"),
            EmailBlock(.footer, text: "Tea House, Hangzhou"),
        ]
        let content = TemplateContent(variants: [
            TemplateContent.Variant(
                subject: "{{ person.name }}, spring tea is in", preheader: "Before the rain", blocks: blocks,
                body: "Spring tea is in, {{ person.name }}", link: "https://shop.example/new")
        ])
        return try await platform.store.write { connection in
            for name in ["city", "favourite_tea"] {
                try Declare.field(
                    Declare.FieldDeclaration(owner: CatalogueDeclarations.traitOwner, name: name),
                    at: platform.effects.now(), connection)
            }
            let made = try MessageTemplates.create(
                MessageTemplate.Draft(name: "Spring", channel: channel, topic: "offers", content: content),
                by: "bench", platform.effects, connection)
            return try MessageTemplates.publish(made.id, by: "bench", at: platform.effects.now(), connection).id
        }
    }
}
