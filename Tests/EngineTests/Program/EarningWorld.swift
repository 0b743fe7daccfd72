import Storage
import TestSupport
import Testing

@testable import Engine

/// A brand with a program and people who buy, through the processor.
struct EarningWorld: Sendable {
    let platform: Platform
    let clock: TestClock

    static let source: Int64 = 2
    static let base = #"{"id":"base","kind":"order_amount","points":1,"per":1}"#

    /// Checks the ledger in the end.
    static func with(
        _ kind: StoreKind, rules: String, more: String = "", currency: PointsCurrency = PointsCurrency(code: "points"),
        _ body: (EarningWorld) async throws -> Void
    ) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let world = EarningWorld(platform: .testing(store, clock: clock), clock: clock)
            _ = try await store.write { connection in
                try connection.execute(
                    "INSERT INTO sources (id, name, kind, created_ms) VALUES (\(source), 'Shop', 'server', 0)")
                return try PointsCurrencies.create(currency, at: clock.now, connection)
            }
            try await world.install(rules: rules, more: more)
            try await body(world)
            #expect(try await PointsVerification.run(world.platform).flaws == [])
        }
    }

    func install(rules: String, more: String = "") async throws {
        let effects = platform.effects
        let text = #"{"enrolment":{"when":"asked"},"rules":[\#(rules)]\#(more)}"#
        _ = try await platform.store.write {
            try ProgramVersions.install(title: "Test", document: text, by: "system", effects: effects, $0)
        }
    }

    /// Something that a person did, not processed yet.
    func send(
        _ name: String, _ user: String, _ properties: String = "{}", id: String? = nil, at: Timestamp? = nil,
        kind: EventKind = .track, traits: String = "{}", identities: [IdentityClaim]? = nil
    ) async throws {
        let now = clock.now
        let messageID = id ?? String(platform.effects.newID())
        try await Ingest(platform: platform, signal: LogSignal()).append(
            IncomingBatch(
                sourceID: Self.source,
                events: [
                    IncomingEvent(
                        kind: kind, name: name, messageID: messageID,
                        identities: identities ?? [IdentityClaim(kind: "user_id", value: user)], time: at ?? now,
                        receivedAt: now, properties: properties, traits: traits)
                ]))
    }

    func process() async throws {
        try await Processor(platform: platform, signal: LogSignal()).catchUp()
    }

    func act(_ name: String, _ user: String, _ properties: String = "{}", at: Timestamp? = nil) async throws {
        try await send(name, user, properties, at: at)
        try await process()
    }

    func order(
        _ id: String, _ user: String, _ lines: [(String, Int64, Int64)], more: String = "", at: Timestamp? = nil
    ) async throws {
        let products = lines.map { #"{"sku":"\#($0.0)","price":\#($0.1),"quantity":\#($0.2)}"# }
        let sum = lines.reduce(0) { $0 + $1.1 * $1.2 }
        try await act(
            "Order Completed", user,
            #"{"order_id":"\#(id)","revenue":\#(sum),"products":[\#(products.joined(separator: ","))]\#(more)}"#, at: at
        )
    }

    func refund(_ id: String, _ user: String, _ refund: String, _ lines: [(String, Int64, Int64)]) async throws {
        let products = lines.map { #"{"sku":"\#($0.0)","price":\#($0.1),"quantity":\#($0.2)}"# }
        let sum = lines.reduce(0) { $0 + $1.1 * $1.2 }
        try await act(
            "Order Refunded", user,
            #"{"order_id":"\#(id)","refund_id":"\#(refund)","refund_amount":\#(sum),"products":[\#(products.joined(separator: ","))]}"#
        )
    }

    func identify(_ user: String, traits: String = "{}") async throws {
        try await send("Identify", user, kind: .identify, traits: traits)
        try await process()
    }

    func profile(_ user: String) async throws -> Int64 {
        try await platform.store.read {
            try $0.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0) ?? 0
        }
    }

    @discardableResult
    func member(_ user: String) async throws -> MemberAccount {
        if try await profile(user) == 0 { try await identify(user) }
        let (id, effects) = (try await profile(user), platform.effects)
        return try await platform.store.write { try ProgramMembers.enrol(profile: id, effects: effects, $0).account }
    }

    func balance(_ user: String, _ currency: String = "points") async throws -> PointsBalance {
        let id = try await profile(user)
        return try await platform.store.read {
            try PointsAccounts.ofProfile(id, $0)?.balances[currency] ?? PointsBalance()
        }
    }

    func record(_ key: String) async throws -> EarningRecord? {
        try await platform.store.read { try EarningRecords.get(key, $0) }
    }

    func records(_ user: String) async throws -> [EarningRecord] {
        let id = try await profile(user)
        return try await platform.store.read { connection in
            guard let account = try PointsAccounts.ofProfile(id, connection) else { return [] }
            return try EarningRecords.page(of: account.id, before: nil, limit: 100, connection)
        }
    }
}
