import Storage
import TestSupport
import Testing

@testable import Engine

/// Members of another program: joined when they joined, with their lots and tiers, once.
@Suite("Imported members", .serialized)
struct ImportedMembersTests {
    private static let file = """
        会员号,手机号,入会时间,等级,等级有效期,积分,积分类型,获得时间,积分有效期,balance:growth,city
        M1,13800000001,2024-03-01,gold,2999-12-31,120,points,2025-01-05,2999-06-30,300,上海
        M1,13800000001,2024-03-01,gold,2999-12-31,80,points,2025-02-05,,,上海
        M2,13800000002,2025-05-01,,,0,points,,,,北京
        M3,13800000003,2025-05-01,none,,5,points,,,,北京
        M4,13800000004,2025-05-01,,,5,gems,,,,北京
        M5,13800000005,2025-05-01,,,-5,points,,,,北京
        M6,13800000006,2025-05-01,,,5,points,,2020-01-01,,北京
        M7,13800000007,2025-05-01,,,5,points,tomorrow,,,北京

        """
    private static let ladder = TierLadder(tiers: [
        Tier(code: "member"), Tier(code: "gold", rule: TierRule([TierIndicator("spend", 1_000_000)])),
    ])

    private static func events(_ loyalty: ImportLoyalty) async throws -> ([IncomingEvent], ImportProgress) {
        var options = ImportOptions(kind: .members)
        options.loyalty = loyalty
        return try await ImportFixtures.events(path: try ImportFixtures.file(file), options)
    }

    @Test("rows become members once, from whatever source they come again", arguments: StoreKind.allCases)
    func members(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base) { world in
            let effects = world.platform.effects
            let (loyalty, sources) = try await world.platform.store.write { connection in
                _ = try PointsCurrencies.create(
                    PointsCurrency(code: "growth", isSpendable: false), at: Timestamp(milliseconds: 0), connection)
                try TierLadders.publish(Self.ladder, by: "test", effects: effects, connection)
                let sources = try ["A", "B"].map {
                    try Sources.create(name: $0, kind: .import, by: "test", connection, effects).source.id
                }
                return (try ImportLoyalty.load(connection), sources)
            }
            let (events, progress) = try await Self.events(loyalty)
            #expect(progress.refused == 5)
            #expect(events.count == 3)
            for source in [sources[0], sources[0], sources[1]] {
                try await Ingest(platform: world.platform, signal: LogSignal()).append(
                    IncomingBatch(sourceID: source, events: events))
                try await world.process()
                #expect(try await world.balance("M1").available == 200)
                #expect(try await world.balance("M1", "growth").available == 300)
            }
            let profile = try await world.profile("M1")
            let (account, lots, tier, grants) = try await world.platform.store.read { connection in
                let account = try #require(try PointsAccounts.ofProfile(profile, connection))
                return (
                    account,
                    try PointsAccounts.lots(
                        of: account.id, currency: "points", onlyOpen: true, limit: 9, connection),
                    try MemberTiers.tier(ofProfile: profile, connection),
                    try TierGrants.list(member: account.id, limit: 9, connection)
                )
            }
            let calendar = try #require(LocalCalendar(timeZone: "Asia/Shanghai"))
            func day(_ at: Timestamp?) -> String? { at.map { LocalCalendar.text(ofDay: calendar.day(of: $0)) } }
            #expect(day(account.openedAt) == "2024-03-01")
            #expect(lots.map(\.amount) == [80, 120])
            #expect(lots.map { day($0.earnedAt) } == ["2025-02-05", "2025-01-05"])
            // The last day is whole.
            #expect(day(lots[1].expiresAt) == "2999-07-01" && lots[0].expiresAt == nil)
            #expect(tier == "gold" && grants.count == 1)
            #expect(day(grants[0].until) == "3000-01-01")
            let second = try await world.profile("M2")
            #expect(try await world.platform.store.read { try PointsAccounts.ofProfile(second, $0) } != nil)
        }
    }

    @Test("nobody else's word makes members or points", arguments: StoreKind.allCases)
    func others(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base) { world in
            try await world.act(
                ImportedMember.eventName, "eve", #"{"lots":[{"currency":"points","amount":1000000}]}"#)
            #expect(try await world.balance("eve").available == 0)
        }
    }
}
