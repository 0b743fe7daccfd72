import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Rows of points accounts", .serialized)
struct PointsAccountRowsTests {
    /// Enough for PostgreSQL to read them as a set.
    private static let members = 20

    private static func fill(_ world: PointsCommandTests.World) async throws -> [Int64] {
        _ = try await world.platform.store.write { connection in
            try PointsCurrencies.create(
                PointsCurrency(code: "stamps", expiry: .inactivity(months: 2), pendingDays: 3),
                at: world.clock.now, connection)
        }
        var ids: [Int64] = []
        for number in 0..<members {
            let id = try await world.member("m\(number)").id
            let soon = world.clock.now.adding(days: 5 + number)
            try await world.perform(
                .award(account: id, currency: "points", PointsAward(key: "a\(id)", amount: 50, expiresAt: soon)))
            try await world.award(id, 100, "b\(id)")
            try await world.perform(
                .award(
                    account: id, currency: "stamps",
                    PointsAward(key: "s\(id)", amount: 9, waitsFor: "delivery:\(number)", source: "rule")))
            try await world.perform(.redeem(account: id, currency: "points", 60, key: "r\(id)", note: [:]))
            let until = world.clock.now.adding(days: 4)
            for hold in ["x", "y", "z"] {
                try await world.perform(
                    .reserve(account: id, currency: "points", 7, until: until, key: "\(hold)\(id)", note: [:]))
            }
            try await world.perform(.capture(hold: "x\(id)", 3, keepsRest: true, key: "c\(id)", note: [:]))
            try await world.perform(.letGo(hold: "y\(id)", key: "l\(id)"))
            ids.append(id)
        }
        return ids
    }

    @Test(
        "accounts are read with what is open in them in one statement as table by table", arguments: StoreKind.allCases)
    func open(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let ids = try await Self.fill(world)
            try await world.platform.store.write { connection in
                let program = try PointsProgram.load(connection)
                let all = try PointsAccountRows.load(ids + [5], .open, by: program, connection)
                let one = try PointsAccountRows.load([ids[3]], .open, connection)
                #expect(all.count == Self.members)
                #expect(one[ids[3]]?.account == all[ids[3]]?.account)
                for (id, read) in all {
                    var slow = try #require(try PointsAccountRows.load([id], .balances, connection)[id])
                    try PointsAccountRows.deepen(&slow, .open, connection)
                    #expect(read.account == slow.account)
                    #expect(read.depth == .open)
                    #expect(read.account.lots.count == 2)
                    #expect(read.account.holds.count == 2)
                    #expect(read.account.balances["stamps"]?.inactiveAt != nil)
                }
            }
        }
    }

    @Test("a currency and a workspace that were changed hold from the next command on", arguments: StoreKind.allCases)
    func changed(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let now = world.clock.now
            func program() async throws -> PointsProgram {
                try await world.platform.store.read { try PointsProgram.load($0) }
            }
            for zone in ["Asia/Shanghai", "America/New_York", "Asia/Shanghai"] {
                try await world.platform.store.write { try Workspace(timeZone: zone).save($0, at: now) }
                #expect(try await program().calendar.timeZone == zone)
            }
            for name in ["Caf\u{E9}", "Cafe\u{301}", "Caf\u{E9}"] {
                var currency = PointsCommandTests.currency
                currency.names = ["en": name]
                let draft = currency
                _ = try await world.platform.store.write { try PointsCurrencies.update(draft, at: now, $0) }
                let read = try await program().currency("points").name("en")
                #expect(Array(read.utf8) == Array(name.utf8))
            }
            #expect(try await program().openFrom == nil)
            try await world.platform.store.write { connection in
                try connection.execute(
                    "INSERT INTO points_heads (day, head, accounts, transactions, made_ms) VALUES (9, '', 0, 0, 0)")
                #expect(try PointsProgram.load(connection).openFrom == PointsHeads.open(connection))
                try connection.execute("DELETE FROM points_heads")
            }
        }
    }
}
