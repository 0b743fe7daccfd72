import Storage
import TestSupport
import Testing

@testable import Engine

/// Coupons that members of another program held: issued or claimed as they were printed, once.
@Suite("Imported coupons", .serialized)
struct ImportedCouponsTests {
    private static let file = """
        会员号,券名称,券码,券有效期
        M1,Spring,OLD-0001,2999-12-31
        M1,Spring,OLD-0002,
        M1,Spring,,2999-06-30
        M2,,BATCH-1,
        M3,Spring,OLD-0001,2999-12-31
        M4,,NOWHERE-1,
        M5,Autumn,OLD-0005,
        M6,Spring,?,
        M7,Spring,OLD-0007,2020-01-01
        M8,Spring,OLD-0008,soon

        """

    private func coupons(_ world: EarningWorld, of user: String) async throws -> [(code: String, until: String?)] {
        let calendar = try #require(LocalCalendar(timeZone: "Asia/Shanghai"))
        let profile = try await world.profile(user)
        return try await world.platform.store.read { connection in
            try connection.query(
                "SELECT code, until_ms FROM coupons WHERE profile_id = \(profile) ORDER BY code"
            ).map { row in
                let until = try row.intOrNil(1).map { Timestamp(milliseconds: $0) }
                return (try row.text(0), until.map { LocalCalendar.text(ofDay: calendar.day(of: $0)) })
            }
        }
    }

    @Test(
        "coupons come with their codes and last days, once from whatever source; what cannot be is said",
        arguments: StoreKind.allCases)
    func coupons(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base) { world in
            let effects = world.platform.effects
            let rule = CouponRuleTests.rule(.amount(5_000, keepsRest: false))
            let (loyalty, sources) = try await world.platform.store.write { connection in
                _ = try CouponDefinitions.create(name: "Spring", rule, by: "test", effects: effects, connection)
                let printed = try CouponDefinitions.create(
                    name: "Printed", rule, by: "test", effects: effects, connection)
                _ = try CouponBatches.ask(
                    printed.id, pattern: "SHIP-####-####C", count: 1, by: "test", effects: effects, connection)
                let sources = try ["A", "B"].map {
                    try Sources.create(name: $0, kind: .import, by: "test", connection, effects).source.id
                }
                return (try ImportLoyalty.load(connection), sources)
            }
            _ = try await JobRunner(platform: world.platform).drain()
            let drawn = try await world.platform.store.read {
                try $0.first("SELECT code FROM coupons WHERE kind = 'code'")?.text(0) ?? ""
            }
            var options = ImportOptions(kind: .members)
            options.loyalty = loyalty
            let (events, progress) = try await ImportFixtures.events(
                path: try ImportFixtures.file(Self.file.replacing("BATCH-1", with: drawn)), options)
            #expect(progress.refused == 4)
            #expect(events.count == 6)
            for source in [sources[0], sources[0], sources[1]] {
                try await Ingest(platform: world.platform, signal: LogSignal()).append(
                    IncomingBatch(sourceID: source, events: events))
                try await world.process()
                let own = try await coupons(world, of: "M1")
                #expect(own.count == 3)
                #expect(own.filter { $0.code.hasPrefix("OLD") }.map(\.code) == ["OLD-0001", "OLD-0002"])
                // The last day is whole.
                #expect(own.first { $0.code == "OLD-0001" }?.until == "3000-01-01")
                #expect(own.first { !$0.code.hasPrefix("OLD") }?.until == "2999-07-01")
                #expect(try await coupons(world, of: "M2").map(\.code) == [drawn])
                // It is M1's already; and this one is nowhere.
                #expect(try await coupons(world, of: "M3").isEmpty)
                #expect(try await coupons(world, of: "M4").isEmpty)
            }
            #expect(try await CouponVerification.run(world.platform).flaws == [])
        }
    }

    @Test(
        "a file says where its coupons are by the names of its columns",
        arguments: ["券码", "coupon_code", "Voucher Code"])
    func columns(name: String) {
        #expect(ColumnSuggestions.field(for: name, kind: .members) == .couponCode)
    }
}
