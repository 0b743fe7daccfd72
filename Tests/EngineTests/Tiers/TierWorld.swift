import Storage
import TestSupport
import Testing

@testable import Engine

/// A small brand with members, orders and a clock.
struct TierWorld: Sendable {
    let platform: Platform
    let clock: TestClock

    static func with(_ kind: StoreKind, _ body: (TierWorld) async throws -> Void) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let world = TierWorld(platform: .testing(store, clock: clock), clock: clock)
            _ = try await store.write { connection in
                try PointsCurrencies.create(PointsCurrency(code: "points"), at: clock.now, connection)
            }
            try await body(world)
        }
    }

    func append(_ event: IncomingEvent) async throws {
        let ingest = Ingest(platform: platform, signal: LogSignal())
        try await ingest.append(IncomingBatch(sourceID: 1, events: [event]))
        try await Processor(platform: platform, signal: LogSignal()).catchUp()
    }

    func person(_ user: String, traits: String = "{}") async throws -> Int64 {
        let now = clock.now
        try await append(
            IncomingEvent(
                kind: .identify, name: "identify", messageID: "m-\(user)-\(now.milliseconds)",
                identities: [IdentityClaim(kind: "user_id", value: user)], time: now, receivedAt: now, traits: traits))
        return try await platform.store.read { connection in
            try connection.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0) ?? 0
        }
    }

    func member(_ user: String, traits: String = "{}") async throws -> MemberAccount {
        let id = try await person(user, traits: traits)
        let effects = platform.effects
        return try await platform.store.write {
            try PointsAccounts.open(profile: id, effects: effects, $0).account
        }
    }

    /// An order of so many yuan, now, at store S1.
    func order(_ user: String, _ id: String, _ yuan: Int64) async throws {
        let now = clock.now
        try await append(
            IncomingEvent(
                kind: .track, name: "Order Completed", messageID: "order-\(id)",
                identities: [IdentityClaim(kind: "user_id", value: user)], time: now, receivedAt: now,
                properties: #"{"order_id":"\#(id)","revenue":\#(yuan),"currency":"CNY","store":"S1"}"#))
    }

    func perform(_ command: PointsCommand) async throws {
        _ = try await Points.perform(command, platform)
    }

    func award(_ member: Int64, _ amount: Int64, _ key: String) async throws {
        try await perform(.award(account: member, currency: "points", PointsAward(key: key, amount: amount)))
    }

    @discardableResult
    func publish(_ ladder: TierLadder) async throws -> TierLadders.Published {
        try await platform.store.write { [platform] in
            try TierLadders.publish(ladder, by: "test", effects: platform.effects, $0)
        }
    }

    /// Runs whatever is due of the jobs of tiers and benefits.
    func tick() async throws {
        try await run([TierClock.handler, TierRanking.handler, BenefitClock.handler, BenefitCoupons.handler])
    }

    /// Runs the jobs that were asked for.
    func drain() async throws {
        try await run([TierBuild.handler])
        _ = try await JobRunner(platform: platform, catalog: JobCatalog([TierPreview.handler])).drain()
    }

    private func run(_ handlers: [JobHandler]) async throws {
        for handler in handlers {
            let once = JobHandler(kind: handler.kind, run: handler.run)
            _ = try await platform.enqueue(handler.kind, key: "\(handler.kind):\(clock.now.milliseconds)")
            _ = try await JobRunner(platform: platform, catalog: JobCatalog([once])).drain()
            let failed = try await platform.store.read { try JobQueue.list($0, kind: handler.kind, limit: 1).first }
            #expect(failed?.status == .done, "\(failed?.result ?? "")")
        }
    }

    func tier(_ member: Int64) async throws -> String {
        try await platform.store.read { connection in
            try connection.first("SELECT tier FROM tier_members WHERE member_id = \(member)")?.text(0) ?? ""
        }
    }

    func history(_ member: Int64) async throws -> [TierHistory.Entry] {
        try await platform.store.read { try TierHistory.list(member: member, limit: 100, $0) }
    }

    func profile(_ id: Int64) async throws -> Profile {
        try await platform.store.read { connection in
            let row = try connection.first("SELECT \(raw: Profile.columns) FROM profiles WHERE id = \(id)")
            return try Profile(#require(row))
        }
    }

    func said(_ name: String) async throws -> Int64 {
        try await platform.store.read {
            try $0.first("SELECT count(*) FROM event_log WHERE name = \(name)")?.int(0) ?? 0
        }
    }

    @discardableResult
    func grant(_ tier: String, _ member: Int64, until: Timestamp?) async throws -> TierGrants.Stored {
        try await platform.store.write { [platform] connection in
            let given = try TierGrants.give(
                tier, to: member, until: until, reason: "goodwill", by: "test", effects: platform.effects, connection)
            try SystemEventLog.append(
                given.events, now: platform.effects.now(), effects: platform.effects, to: connection)
            return given.grant
        }
    }

    func end(_ grant: Int64) async throws {
        try await platform.store.write { [platform] connection in
            let ended = try TierGrants.end(grant, effects: platform.effects, connection)
            try SystemEventLog.append(
                ended.events, now: platform.effects.now(), effects: platform.effects, to: connection)
        }
    }

    func merge(_ one: Int64, _ other: Int64) async throws -> (id: Int64, winner: Int64, loser: Int64) {
        try await platform.store.write { [platform] connection in
            let now = platform.effects.now()
            let events = try ManualMerge.merge(one, other, platform: platform, at: now, connection)
            try SystemEventLog.append(events, now: now, effects: platform.effects, to: connection)
        }
        return try await platform.store.read { connection in
            let row = try connection.first("SELECT id, winner_id, loser_id FROM profile_merges ORDER BY id DESC")
            let found = try #require(row)
            return (try found.int(0), try found.int(1), try found.int(2))
        }
    }

    func undo(_ merge: Int64) async throws {
        try await platform.store.write { [platform] connection in
            let now = platform.effects.now()
            let (event, moved) = try Unmerge.undo(merge, at: now, connection)
            try SystemEventLog.append([event] + moved, now: now, effects: platform.effects, to: connection)
        }
    }

    func openMember(_ profile: Int64) async throws -> Int64 {
        try await platform.store.read { try TierReview.members(of: [profile], $0).first ?? 0 }
    }
}
